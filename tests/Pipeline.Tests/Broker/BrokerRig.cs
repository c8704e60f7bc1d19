using System.Collections.Concurrent;
using System.Text;
using Ingest;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Broker;
using Pipeline.Config;
using Pipeline.Hosting;
using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Ingest;
using RabbitMQ.Client;
using Xunit;

namespace Pipeline.Tests.Broker;

/// <summary>What an ingest and a dedupe process hold of the broker, on a real one, under names of the test's own.</summary>
internal sealed class BrokerRig : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly List<Task> running = [];

    private BrokerRig(BrokerOptions options, ScopeSettings scopes)
    {
        (Options, Names) = (options, new(options.Prefix));
        Publish = new(options, "publish", (c, cancel) => BrokerTopology.DeclareAsync(c, options, cancel), TimeProvider.System, NullLogger.Instance);
        Consume = new(options, "consume", null, TimeProvider.System, NullLogger.Instance);
        Publisher = new(Publish, options, TimeProvider.System, NullLogger.Instance);
        Intake = new(Publisher, options, scopes, new IdempotencyKeys(), TimeProvider.System);
    }

    public BrokerOptions Options { get; }
    public BrokerNames Names { get; }
    public BrokerConnection Publish { get; }
    public BrokerConnection Consume { get; }
    public Publisher Publisher { get; }
    public BrokerIntake Intake { get; }

    public static BrokerOptions OptionsFor(RabbitServer server) => new()
    {
        Address = BrokerAddress.Parse(server.Url, out _)!, Prefix = $"t{Guid.NewGuid():N}.v1", Partitions = 2,
    };

    public static async Task<BrokerRig> StartAsync(RabbitServer server, Func<BrokerOptions, BrokerOptions>? change = null, string? label = null)
    {
        var rig = new BrokerRig((change ?? (o => o))(OptionsFor(server)), new() { Label = label });
        // A broker that was started again a moment ago may not declare queues yet.
        await Wait.ForAsync("declaring", async () =>
        {
            try
            {
                await rig.Publish.ConnectAsync(TestContext.Current.CancellationToken);
                return "done";
            }
            catch (BrokerException e) when (e.MayPass)
            {
                return null;
            }
        }, () => "the broker could not yet");
        rig.Run(rig.Publish.RunAsync);
        rig.Run(rig.Consume.RunAsync);
        rig.Run(rig.Publisher.RunAsync);
        await rig.PublishableAsync();
        return rig;
    }

    /// <summary>Runs until the rig is gone.</summary>
    public void Run(Func<CancellationToken, Task> part) => running.Add(part(stop.Token));

    public Task PublishableAsync() => Wait.ForAsync("the broker being publishable", () => Task.FromResult(Intake.Trouble is null ? "yes" : null), () => Intake.Trouble ?? "");

    /// <summary>Hands a body on as ingest does.</summary>
    public Task<IntakeAnswer> SendAsync(string body, string source = "generic", string? key = null) =>
        Intake.AcceptAsync(new(source, Parsing.Now, key, Encoding.UTF8.GetBytes(body), Parsing.Parse(source, body)), CancellationToken.None).AsTask();

    public static string Alert(string name, string? scope = null) =>
        scope is null ? $$$"""{"labels":{"alertname":"{{{name}}}"}}""" : $$$"""{"labels":{"alertname":"{{{name}}}","team":"{{{scope}}}"}}""";

    /// <summary>Reads every partition, and keeps what is taken in the order it came.</summary>
    public Taken ReadAll(Func<Task>? commit = null)
    {
        var taken = new Taken();
        for (var partition = 0; partition < Options.Partitions; partition++)
        {
            var reader = new PartitionReader(Consume, Options, partition, async (_, deliveries) =>
            {
                if (commit is not null) await commit();
                foreach (var delivery in deliveries) taken.Deliveries.Enqueue(delivery);
            }, TimeProvider.System, NullLogger.Instance);
            Run(reader.RunAsync);
        }
        return taken;
    }

    /// <summary>A channel of the test's own, to look into the broker.</summary>
    public async Task<IChannel> LookAsync() => await (await Consume.GetAsync(TestContext.Current.CancellationToken)).CreateChannelAsync();

    public async Task<uint> CountAsync(string queue)
    {
        await using var channel = await LookAsync();
        return await channel.MessageCountAsync(queue);
    }

    /// <summary>A queue's count follows what happened a moment later.</summary>
    public Task CountIsAsync(string queue, uint count) =>
        Wait.ForAsync($"{queue} holding {count}", async () => await CountAsync(queue) == count ? "yes" : null, () => "it holds another number");

    public async Task<uint> CountPartitionsAsync()
    {
        var sum = 0u;
        for (var partition = 0; partition < Options.Partitions; partition++) sum += await CountAsync(Names.Partition(partition));
        return sum;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(running);
        if (Consume.IsOpen)
        {
            await using var channel = await LookAsync();
            foreach (var queue in new[] { Names.In, Names.Dead }.Concat(Enumerable.Range(0, Options.Partitions).Select(Names.Partition))) await channel.QueueDeleteAsync(queue, false, false);
            foreach (var exchange in new[] { Names.In, Names.Dead, Names.Deliveries, Names.Everywhere }) await channel.ExchangeDeleteAsync(exchange);
        }
        await Publish.DisposeAsync();
        await Consume.DisposeAsync();
        stop.Dispose();
    }
}

/// <summary>The deliveries that readers took.</summary>
internal sealed class Taken
{
    public ConcurrentQueue<BrokerDelivery> Deliveries { get; } = [];

    public IEnumerable<string> Bodies => Deliveries.Select(d => Encoding.UTF8.GetString(d.Body.Span));

    public Task AtLeastAsync(int count) =>
        Wait.ForAsync($"{count} deliveries being read", () => Task.FromResult(Deliveries.Count >= count ? "yes" : null), () => $"{Deliveries.Count} were");
}
