using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Bench;

/// <summary>60 alerts re-sent 2,000 times to the live server over HTTP, then five new facts: how soon each is named on its own, and in how many pages.</summary>
internal static class Storm
{
    private const int Members = 60, Resends = 2_000, PagesAtMost = 9;
    private static readonly TimeSpan NamedWithin = TimeSpan.FromSeconds(5), Patience = TimeSpan.FromSeconds(60);
    private static readonly HttpClient Http = new();
    private static readonly ConcurrentQueue<(long At, JsonElement Body)> Pages = new();
    private static string url = "";
    private static bool ok = true;

    public static async Task<int> RunAsync()
    {
        await using var pager = await ListenAsync();
        using var folder = new Folder($"pagers: [{{name: bench, type: webhook, url: \"{pager.Urls.First()}\"}}]\nincident.settle: 1s");
        await using var served = await Served.StartAsync(folder.Data, folder.Config, Http);
        url = served.Url;

        string[] members = [.. Enumerable.Range(1, Members).Select(i => Alert(i))];
        var began = Stopwatch.GetTimestamp();
        await SendAsync(members);
        await NamedAsync("opened, 60 as one", began, c => Reason(c) == "opened" && c.GetProperty("count").GetInt32() == Members);
        began = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, Resends, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) => await SendAsync(members));
        var sent = Stopwatch.GetElapsedTime(began);
        await UntilAsync("every repeat being counted", async () => await RepeatsAsync() == Members * Resends);
        Console.WriteLine($"{Members * Resends:N0} repeats accepted in {sent.TotalSeconds:0.0} s ({Members * Resends / sent.TotalSeconds:N0} alerts/s), counted {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s after the first; pages so far: {Pages.Count}");

        await FactAsync("new-alert", 61, "queue", Alert(61));
        await FactAsync("severity-rose", 7, "queue", Alert(7, severity: "critical"));
        await FactAsync("survivor", 33, "queue", [.. Enumerable.Range(1, 61).Where(i => i != 33).Select(i => Alert(i, status: "resolved"))]);
        await FactAsync("new-subsystem", 1, "checkout", Alert(1, service: "checkout"));
        began = Stopwatch.GetTimestamp();
        for (var i = 0; i < 8; i++)
        {
            await SendAsync(Alert(12));
            await SendAsync(Alert(12, status: "resolved"));
        }
        // That it flaps need not be urgent: it rides on the next page, which is the end here.
        await SendAsync(Alert(33, status: "resolved"), Alert(1, service: "checkout", status: "resolved"));
        var incident = Pages.First().Body.GetProperty("incident").GetProperty("id").GetString();
        using (var resolve = await Http.PostAsJsonAsync($"{url}/api/incidents/{incident}/resolve", new { by = "bench", force = true })) resolve.EnsureSuccessStatusCode();
        await NamedAsync("flapping, by the next page", began, c => Reason(c) == "flapping" && Instance(c) == "node-12");
        await UntilAsync("the resolved page", () => Task.FromResult(Pages.Any(p => p.Body.GetProperty("kind").GetString() == "resolved")));

        foreach (var (_, page) in Pages) Console.WriteLine($"  {page.GetProperty("kind").GetString(),-9} {page.GetProperty("text").GetString()}");
        ok &= Pages.Count <= PagesAtMost;
        Console.WriteLine($"{Pages.Count} pages in all, resolves included (at most {PagesAtMost}): {(ok ? "as promised" : "FALLS SHORT")}");
        return ok ? 0 : 1;
    }

    /// <summary>Sends what brings it about, and waits for a page that names it on its own.</summary>
    private static async Task FactAsync(string reason, int member, string service, params string[] cause)
    {
        var began = Stopwatch.GetTimestamp();
        await SendAsync(cause);
        await NamedAsync(reason, began, c =>
            Reason(c) == reason && c.GetProperty("count").GetInt32() == 1 && Instance(c) == $"node-{member}" && c.GetProperty("labels").GetProperty("service").GetString() == service);
    }

    private static async Task NamedAsync(string what, long began, Func<JsonElement, bool> change)
    {
        (long At, JsonElement Body) found = default;
        await UntilAsync($"{what} being named", () =>
        {
            found = Pages.FirstOrDefault(p => p.Body.GetProperty("changes").EnumerateArray().Any(change));
            return Task.FromResult(found.At > 0);
        });
        var took = Stopwatch.GetElapsedTime(began, found.At);
        ok &= took <= NamedWithin;
        Console.WriteLine($"{what,-28} named after {took.TotalSeconds:0.00} s");
    }

    private static string? Reason(JsonElement change) => change.GetProperty("reason").GetString();

    private static string? Instance(JsonElement change) => change.GetProperty("labels").TryGetProperty("instance", out var instance) ? instance.GetString() : null;

    private static async Task<long> RepeatsAsync() =>
        (await Http.GetFromJsonAsync<JsonElement>($"{url}/api/alerts")).GetProperty("items").EnumerateArray().Sum(a => a.GetProperty("repeats").GetInt64());

    private static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        for (var began = Stopwatch.GetTimestamp(); !await holds(); await Task.Delay(10))
            if (Stopwatch.GetElapsedTime(began) > Patience) throw new TimeoutException($"{what} did not happen within {Patience.TotalSeconds} s");
    }

    private static async Task SendAsync(params string[] alerts)
    {
        using var answer = await Http.PostAsync($"{url}/ingest/generic", new StringContent($"[{string.Join(',', alerts)}]", Encoding.UTF8, "application/json"));
        answer.EnsureSuccessStatusCode();
    }

    private static string Alert(int member, string severity = "warning", string status = "firing", string service = "queue") => string.Create(CultureInfo.InvariantCulture,
        $$$"""{"labels":{"alertname":"Stuck","cluster":"shop","service":"{{{service}}}","instance":"node-{{{member}}}"},"severity":"{{{severity}}}","status":"{{{status}}}"}""");

    private static async Task<WebApplication> ListenAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapPost("/", async (HttpRequest request) =>
        {
            var at = Stopwatch.GetTimestamp();
            Pages.Enqueue((at, await JsonSerializer.DeserializeAsync<JsonElement>(request.Body)));
        });
        await app.StartAsync();
        return app;
    }
}
