using System.Diagnostics;
using System.Text;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Ingest;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Broker;
using Pipeline.Config;
using Pipeline.Hosting;

namespace Bench;

/// <summary>What the broker's parts alone carry: confirmed intake in bodies of 1 and of 100 alerts, then reading and acknowledging the same.</summary>
internal static class BrokerRates
{
    private const int Senders = 256, Scopes = 8;

    public static async Task<int> RunAsync(string url)
    {
        if (BrokerAddress.Parse(url, out var problem) is not { } address)
        {
            Console.Error.WriteLine($"\"{url}\" {problem}");
            return 2;
        }
        var options = new BrokerOptions { Address = address, Prefix = $"bench{Environment.ProcessId}.v1" };
        await using var publish = new BrokerConnection(options, "publish", (c, cancel) => BrokerTopology.DeclareAsync(c, options, cancel), TimeProvider.System, NullLogger.Instance);
        await using var consume = new BrokerConnection(options, "consume", null, TimeProvider.System, NullLogger.Instance);
        await publish.ConnectAsync(default);
        using var stop = new CancellationTokenSource();
        var publisher = new Publisher(publish, options, TimeProvider.System, NullLogger.Instance);
        var intake = new BrokerIntake(publisher, options, new ScopeSettings { Label = "team" }, new IdempotencyKeys(), TimeProvider.System);
        var running = new[] { publish.RunAsync(stop.Token), consume.RunAsync(stop.Token), publisher.RunAsync(stop.Token) };
        while (intake.Trouble is not null) await Task.Delay(5);

        foreach (var alerts in new[] { 1, 100 })
        {
            await SendAsync(intake, alerts, TimeSpan.FromSeconds(2)); // warm-up
            await ReadAsync(consume, options, default);
            for (var round = 0; round < 3; round++)
            {
                var (sent, seconds) = await SendAsync(intake, alerts, TimeSpan.FromSeconds(5));
                var (read, readSeconds) = await ReadAsync(consume, options, sent);
                Console.WriteLine($"bodies of {alerts}: confirmed {sent / seconds:N0} deliveries/s, {sent * alerts / seconds:N0} alerts/s; read and acknowledged {read / readSeconds:N0} deliveries/s, {read * alerts / readSeconds:N0} alerts/s");
            }
        }
        await stop.CancelAsync();
        await Task.WhenAll(running);
        return 0;
    }

    private static async Task<(long Sent, double Seconds)> SendAsync(BrokerIntake intake, int alerts, TimeSpan during)
    {
        // Parsed once: this measures the way from the parser to the confirm. Each body is of one scope.
        var bodies = Enumerable.Range(0, Scopes).Select(s => Delivery(s, alerts)).ToArray();
        var (began, sent) = (Stopwatch.GetTimestamp(), 0L);
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(began) < during)
            {
                var answer = await intake.AcceptAsync(bodies[sender % Scopes], default);
                if (answer.Status != IntakeStatus.Recorded) throw new InvalidOperationException(answer.Detail);
                Interlocked.Increment(ref sent);
            }
        })));
        return (sent, Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    private static async Task<(long Read, double Seconds)> ReadAsync(BrokerConnection consume, BrokerOptions options, long expected)
    {
        using var stop = new CancellationTokenSource();
        var (began, last, read) = (Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp(), 0L);
        var readers = Enumerable.Range(0, options.Partitions).Select(p => new PartitionReader(consume, options, p, (_, deliveries) =>
        {
            Interlocked.Add(ref read, deliveries.Count);
            Interlocked.Exchange(ref last, Stopwatch.GetTimestamp());
            return Task.CompletedTask;
        }, TimeProvider.System, NullLogger.Instance).RunAsync(stop.Token)).ToArray();
        while (expected > 0 ? Interlocked.Read(ref read) < expected : Stopwatch.GetElapsedTime(Interlocked.Read(ref last)) < TimeSpan.FromSeconds(1)) await Task.Delay(1);
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        return (read, Stopwatch.GetElapsedTime(began, last).TotalSeconds);
    }

    private static ReceivedDelivery Delivery(int scope, int alerts)
    {
        var padding = new string('x', 400);
        var one = Enumerable.Range(0, alerts).Select(i =>
            $$"""{"labels":{"alertname":"A{{i}}","team":"team-{{scope}}","host":"host-{{i}}","service":"orders"},"severity":"critical","summary":"{{padding}}"}""");
        var body = Encoding.UTF8.GetBytes($"[{string.Join(',', one)}]");
        return new("generic", DateTimeOffset.UnixEpoch, null, body, Sources.Parse("generic", body, new(new Identities(new IdentityRules()), new IngestLimits(), DateTimeOffset.UnixEpoch)));
    }
}
