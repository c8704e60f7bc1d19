using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Pipeline.Tests.Faults;
using Pipeline.Tests.Pagers;

namespace Pipeline.Tests.Cluster;

/// <summary>
/// Several senders over HTTP to two ingest nodes: bodies of mixed size, in each a few alerts that are sent once among many repeats. A body with
/// an Idempotency-Key is tried at the other node until one takes it, and some that were taken are sent to the other node again.
/// </summary>
/// <remarks>An alert of a body without a key is sent once whatever is answered: where it had no 2xx it may be there or not.</remarks>
internal sealed class ClusterLoad(Checker checker, int seed, Func<int, Uri> ingest)
{
    private const int Senders = 6, PerSecond = 2_600;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Stopwatch watch = new();
    private Func<Task> end = () => Task.CompletedTask;
    private long alerts, refused;
    private int round;

    /// <summary>Alerts that had a 2xx, repeats included.</summary>
    public long Alerts => Interlocked.Read(ref alerts);

    /// <summary>How often a body with a key was taken by neither node.</summary>
    public long Refused => Interlocked.Read(ref refused);

    public double Rate => Alerts / watch.Elapsed.TotalSeconds;

    public TimeSpan Elapsed => watch.Elapsed;

    public void Start()
    {
        var stop = new CancellationTokenSource();
        (alerts, refused) = (0, 0);
        watch.Restart();
        var which = ++round;
        var senders = Enumerable.Range(0, Senders).Select(n => Task.Run(() => SendAsync($"{which}-{n}", n, new(seed ^ (which * 100) ^ n), stop.Token))).ToList();
        end = async () =>
        {
            watch.Stop();
            await stop.CancelAsync();
            await Task.WhenAll(senders);
            stop.Dispose();
        };
    }

    public Task StopAsync() => end();

    private async Task SendAsync(string name, int first, Random random, CancellationToken cancel)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(15) };
        var (slot, due) = (first % 2, watch.Elapsed);
        for (var i = 0; !cancel.IsCancellationRequested; i++)
        {
            var ones = Enumerable.Range(0, random.Next(10) < 7 ? 1 : random.Next(2, 6)).Select(n => $"{name}-{i}-{n}").ToList();
            var count = random.Next(10) switch { < 5 => ones.Count, < 8 => random.Next(5, 15), _ => random.Next(50, 100) };
            var body = Body(ones, Math.Max(count, ones.Count), random);
            foreach (var one in ones) checker.Refused(one);
            var key = random.Next(2) == 0 ? string.Create(CultureInfo.InvariantCulture, $"{seed}-{name}-{i}") : null;
            var taken = await PostAsync(http, slot, body, key);
            while (!taken && key is not null && !cancel.IsCancellationRequested)
            {
                if (!(taken = await PostAsync(http, 1 - slot, body, key)))
                {
                    Interlocked.Increment(ref refused);
                    await Task.Delay(Pause, CancellationToken.None);
                    taken = await PostAsync(http, slot, body, key);
                }
            }
            if (taken)
            {
                foreach (var one in ones) checker.Accepted(one);
                Interlocked.Add(ref alerts, Math.Max(count, ones.Count));
                if (key is not null && random.Next(20) == 0) await PostAsync(http, 1 - slot, body, key);
            }
            else
            {
                slot = 1 - slot;
                await Task.Delay(Pause, CancellationToken.None);
            }
            // Paced; what an outage held up is not sent in one rush behind it.
            due += TimeSpan.FromSeconds((double)count * Senders / PerSecond);
            if (watch.Elapsed - due > TimeSpan.FromSeconds(1)) due = watch.Elapsed;
            if (due - watch.Elapsed is { Ticks: > 0 } early) await Task.Delay(early, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> PostAsync(HttpClient http, int slot, byte[] body, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(ingest(slot), "/ingest/generic")) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        try
        {
            using var answer = await http.SendAsync(request);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            return false;
        }
    }

    private static byte[] Body(List<string> ones, int count, Random random)
    {
        var text = new StringBuilder("[");
        foreach (var one in ones)
            text.Append(CultureInfo.InvariantCulture, $$"""{"labels":{"alertname":"Once","service":"s{{random.Next(8)}}","one":"{{one}}"},"severity":"warning"},""");
        for (var i = ones.Count; i < count; i++)
            text.Append(CultureInfo.InvariantCulture, $$"""{"labels":{"alertname":"Repeated","host":"r{{random.Next(100)}}"},"severity":"warning","summary":"the same again"},""");
        text[^1] = ']';
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
