using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace Bench;

/// <summary>Alert to page, start on a long log, memory of many identities.</summary>
internal static class Measures
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 });

    /// <summary>From the beginning of the POST to the page's arrival at a webhook pager; idle, then during 2,000 repeats/s.</summary>
    public static async Task<int> PageAsync()
    {
        await using var pager = await Pager.ListenAsync();
        using var folder = new Folder($"pagers: [{{name: bench, type: webhook, url: \"{pager.Url}\"}}]");
        await using var served = await Served.StartAsync(folder.Data, folder.Config, Http);
        await LatencyAsync(served, "warm-up", 200);
        await LatencyAsync(served, "idle", 500);
        using var stop = new CancellationTokenSource();
        var load = RepeatsAsync(served, 2_000, stop.Token);
        await LatencyAsync(served, "during 2,000 repeats/s", 500);
        await stop.CancelAsync();
        Console.WriteLine($"repeats sent meanwhile: {await load:N0}");
        return 0;
    }

    /// <summary>From the start of the process to ready, on a log of 1,000,000 alerts of 10,000 identities.</summary>
    public static async Task<int> StartAsync()
    {
        using var folder = new Folder("pagers: [{name: quiet, type: log, match: {never: matches}}]");
        await using (var first = await Served.StartAsync(folder.Data, folder.Config, Http))
        {
            for (var body = 0; body < 10_000; body++) await PostAsync(first, Body(body % 100 * 100, 100));
            Console.WriteLine("1,000,000 alerts recorded");
        }
        for (var run = 0; run < 5; run++)
        {
            await using var again = await Served.StartAsync(folder.Data, folder.Config, Http);
            Console.WriteLine($"ready after {again.Ready.TotalMilliseconds:N0} ms");
        }
        return 0;
    }

    /// <summary>Resident memory with 100,000 identities firing, each sent ten times.</summary>
    public static async Task<int> MemoryAsync()
    {
        using var folder = new Folder("pagers: [{name: quiet, type: log, match: {never: matches}}]");
        await using var served = await Served.StartAsync(folder.Data, folder.Config, Http);
        for (var round = 1; round <= 10; round++)
        {
            for (var from = 0; from < 100_000; from += 100) await PostAsync(served, Body(from, 100));
            Console.WriteLine($"round {round}: {served.Memory("VmRSS"):N0} MiB resident, at most {served.Memory("VmHWM"):N0} MiB");
        }
        return 0;
    }

    private static async Task LatencyAsync(Served served, string name, int count)
    {
        var took = new List<double>(count);
        for (var i = 0; i < count; i++)
        {
            // Nothing shared with any other alert: each opens its own incident, which is paged as soon as it is decided.
            var id = Guid.NewGuid().ToString("N");
            var began = Stopwatch.GetTimestamp();
            var arrived = Pager.Expect(id);
            await PostAsync(served, $$"""{"labels":{"alertname":"Bench{{id}}","host":"{{id}}"},"severity":"critical","summary":"bench"}""");
            took.Add(Stopwatch.GetElapsedTime(began, await arrived.WaitAsync(TimeSpan.FromSeconds(30))).TotalMilliseconds);
        }
        took.Sort();
        Console.WriteLine($"alert to page, {name}: p50 {took[count / 2]:0.0} ms, p99 {took[count * 99 / 100]:0.0} ms, max {took[^1]:0.0} ms ({count} pages)");
    }

    private static async Task<long> RepeatsAsync(Served served, int perSecond, CancellationToken stop)
    {
        var sent = 0L;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                var bodies = Enumerable.Range(0, perSecond / 100).Select(i => PostAsync(served, Body(i, 1)));
                await Task.WhenAll(bodies);
                sent += perSecond / 100;
            }
        }
        catch (OperationCanceledException)
        {
            // measured enough
        }
        return sent;
    }

    private static string Body(int from, int count)
    {
        var body = new StringBuilder("[");
        for (var i = from; i < from + count; i++)
            body.Append(i > from ? "," : "").Append($$"""{"labels":{"alertname":"NodeUnreachable","instance":"node-{{i}}.eu-1.example:9100","job":"node","cluster":"eu-1","severity":"warning"},"summary":"node-{{i}} does not answer its health check"}""");
        return body.Append(']').ToString();
    }

    private static async Task PostAsync(Served served, string body)
    {
        using var answer = await Http.PostAsync($"{served.Url}/ingest/generic", new StringContent(body, Encoding.UTF8, "application/json"));
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>A webhook pager that notes when a page with an id in it came.</summary>
    private sealed class Pager(WebApplication app) : IAsyncDisposable
    {
        private static readonly ConcurrentDictionary<string, TaskCompletionSource<long>> Expected = new();

        public string Url => app.Urls.First();

        public static async Task<Pager> ListenAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            app.MapPost("/", async (HttpRequest request) =>
            {
                var now = Stopwatch.GetTimestamp();
                using var reader = new StreamReader(request.Body);
                var text = await reader.ReadToEndAsync();
                var at = text.IndexOf("\"host\":\"", StringComparison.Ordinal);
                if (at >= 0 && Expected.TryRemove(text.Substring(at + 8, 32), out var waiting)) waiting.SetResult(now);
            });
            await app.StartAsync();
            return new(app);
        }

        public static Task<long> Expect(string id) => Expected.GetOrAdd(id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
