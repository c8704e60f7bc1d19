using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Dedupe.Deciding;
using Dedupe.Log;
using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Pagers;
using Pipeline.Tests.Stores;
using Xunit;

namespace Pipeline.Tests.Faults;

/// <summary>kill -9 of the real program under load, again and again on one folder: nothing that had a 2xx is lost or decided twice.</summary>
[Trait("needs", "server")]
public sealed class KillTests
{
    private const int Kills = 4, Senders = 8;

    [Fact]
    public async Task Killed_in_the_middle_of_a_load_it_has_every_alert_that_had_a_2xx_once_and_owes_no_page_less()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("PIPELINE_SEED"), CultureInfo.InvariantCulture, out var asked) ? asked : Random.Shared.Next();
        var again = $"seed {seed}; again: PIPELINE_SEED={seed} dotnet run --project tests/Pipeline.Tests -- -class \"*KillTests\"";
        using var folder = new TemporaryFolder();
        await using var pager = await ListeningPager.StartAsync();
        var (data, config) = (Path.Combine(folder.Path, "data"), Path.Combine(folder.Path, "pipeline.yaml"));
        // Every third page has to be sent again.
        pager.Reply = request => new(pager.Requests.Count % 3 == 0 ? 503 : 200);
        await File.WriteAllTextAsync(config, $"pagers: [{{name: ops, type: webhook, url: {pager.Url}}}]\npage.gather: 100ms\npage.latest: 1s\npage.budget: 1000\n");

        var random = new Random(seed);
        var load = new Load(seed);
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var server = await ServedProcess.StartAsync(data, config);
            using var stop = new CancellationTokenSource();
            var accepted = load.Accepted.Count;
            var senders = Enumerable.Range(0, Senders).Select(n => load.SendAsync(server.Url, n, stop.Token)).ToList();
            var enough = accepted + random.Next(50, 1_500);
            await Wait.ForAsync<string>("enough of the load", () => Task.FromResult(load.Accepted.Count >= enough ? "" : null), () => server.Output);
            await server.KillAsync();
            await stop.CancelAsync();
            await Task.WhenAll(senders);
        }

        await using (var server = await ServedProcess.StartAsync(data, config))
        {
            using var http = new HttpClient { BaseAddress = server.Url };
            await HasAllAsync(http, load, again);
            var owed = await PagesDecidedAsync(http);
            await Wait.ForAsync<string>("every page that was decided", () => Task.FromResult(owed.IsSubsetOf(pager.Requests.Select(r => r.Id!)) ? "" : null),
                () => $"missing {string.Join(' ', owed.Except(pager.Requests.Select(r => r.Id!)).Take(5))}; {again}; {server.Output}");
            var (exit, took) = await server.TerminateAsync();
            Assert.True(exit == 0 && took < TimeSpan.FromSeconds(10), $"SIGTERM: exit code {exit} after {took}; {server.Output}");
        }

        var decided = (await LogCheck.LiveEqualsReplayAsync(data)).Select(d => d.Decision).ToList();
        var first = decided.OfType<Decision.AlertDecided>().Where(d => d.Labels?["one"] is not null).GroupBy(d => d.Labels!["one"]!).ToList();
        Assert.All(first, g => Assert.True(g.Count() == 1, $"{g.Key} was decided {g.Count()} times as new; {again}"));
        Assert.Empty(load.Accepted.Keys.Except(first.Select(g => g.Key)));
        var contents = pager.Requests.GroupBy(r => r.Id).Where(g => g.Select(r => r.Text).Distinct().Count() > 1);
        Assert.True(!contents.Any(), $"a page id with two contents; {again}");
        var known = decided.OfType<Decision.PageDecided>().ToDictionary(p => p.Page, p => p.Body);
        Assert.All(pager.Requests, r => Assert.Equal(known[r.Id!], r.Text));
    }

    [Fact]
    public async Task Told_to_stop_it_is_not_ready_any_more_and_comes_back_as_it_was()
    {
        using var folder = new TemporaryFolder();
        await using var pager = await ListeningPager.StartAsync();
        var (data, config) = (Path.Combine(folder.Path, "data"), Path.Combine(folder.Path, "pipeline.yaml"));
        await File.WriteAllTextAsync(config, $"pagers: [{{name: ops, type: webhook, url: {pager.Url}}}]\npage.gather: 100ms\npage.latest: 1s\n");
        var load = new Load(7);
        Dictionary<string, string> before;
        await using (var server = await ServedProcess.StartAsync(data, config))
        {
            using var http = new HttpClient { BaseAddress = server.Url };
            using var stop = new CancellationTokenSource();
            var sender = load.SendAsync(server.Url, 0, stop.Token);
            await Wait.ForAsync<string>("a few hundred alerts", () => Task.FromResult(load.Accepted.Count > 300 ? "" : null), () => server.Output);
            await stop.CancelAsync();
            await sender;
            await HasAllAsync(http, load, "");
            before = await SettledAsync(http);
            var refuses = false;
            var (exit, took) = await server.TerminateAsync(async () =>
            {
                // Once it says that it is not ready, it never says anything else until it is gone.
                for (var answers = true; answers;)
                    try
                    {
                        using var ready = await http.GetAsync("/readyz");
                        Assert.False(refuses && ready.IsSuccessStatusCode, "ready again while stopping");
                        refuses |= !ready.IsSuccessStatusCode;
                    }
                    catch (HttpRequestException)
                    {
                        answers = false;
                    }
            });
            Assert.True(exit == 0 && took < TimeSpan.FromSeconds(10), $"exit code {exit} after {took}; {server.Output}");
        }
        await using (var server = await ServedProcess.StartAsync(data, config))
        {
            using var http = new HttpClient { BaseAddress = server.Url };
            Assert.Equal(before, await StateAsync(http));
            Assert.Equal(0, (await server.TerminateAsync()).ExitCode);
        }
        await LogCheck.LiveEqualsReplayAsync(data);
    }

    private static async Task HasAllAsync(HttpClient http, Load load, string again)
    {
        var wanted = load.Accepted.Keys.ToHashSet();
        await Wait.ForAsync<string>("every accepted alert listed", async () =>
        {
            wanted.ExceptWith((await AllAsync(http, "/api/alerts")).Select(a => a.GetProperty("labels").TryGetProperty("one", out var one) ? one.GetString()! : ""));
            return wanted.Count == 0 ? "" : null;
        }, () => $"missing {wanted.Count}: {string.Join(' ', wanted.Take(5))}; {again}");
    }

    /// <summary>What is shown once nothing more is due for a while: repeats counted, pages decided and sent.</summary>
    private static async Task<Dictionary<string, string>> SettledAsync(HttpClient http)
    {
        var (last, since) = (await StateAsync(http), DateTime.UtcNow);
        return await Wait.ForAsync("the state staying as it is", async () =>
        {
            var now = await StateAsync(http);
            if (!now.SequenceEqual(last)) (last, since) = (now, DateTime.UtcNow);
            return DateTime.UtcNow - since > TimeSpan.FromSeconds(7) ? now : null;
        }, () => "it went on changing");
    }

    private static async Task<Dictionary<string, string>> StateAsync(HttpClient http)
    {
        var state = new Dictionary<string, string>();
        foreach (var list in new[] { "/api/incidents", "/api/alerts", "/api/changes", "/api/rejected", "/api/pages" })
            state[list] = string.Join('\n', (await AllAsync(http, list)).Select(e => e.GetRawText().Replace(http.BaseAddress!.ToString(), "/", StringComparison.Ordinal)));
        return state;
    }

    private static async Task<HashSet<string>> PagesDecidedAsync(HttpClient http) =>
        [.. (await AllAsync(http, "/api/pages")).Select(p => p.GetProperty("id").GetString()!)];

    private static async Task<List<JsonElement>> AllAsync(HttpClient http, string path)
    {
        var all = new List<JsonElement>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await http.GetFromJsonAsync<JsonElement>($"{path}?limit=1000{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}");
            all.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("next").GetString();
        }
        return all;
    }

    /// <summary>Identities each sent once, among repeats of those that were taken before.</summary>
    private sealed class Load(int seed)
    {
        private int next;

        public ConcurrentDictionary<string, bool> Accepted { get; } = new();

        public async Task SendAsync(Uri url, int sender, CancellationToken cancel)
        {
            var random = new Random(seed ^ sender);
            using var http = new HttpClient { BaseAddress = url };
            while (!cancel.IsCancellationRequested)
            {
                var ones = Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"a{Interlocked.Increment(ref next)}").ToList();
                var alerts = ones.Select(Alert).ToList();
                // A repeat has another name than the ones that are counted: it may be sent any number of times.
                for (var repeats = random.Next(4); repeats > 0; repeats--)
                    alerts.Add(new { labels = new Dictionary<string, string> { ["alertname"] = "Repeated", ["host"] = $"r{random.Next(20)}" }, severity = "warning" });
                try
                {
                    using var answer = await http.PostAsJsonAsync("/ingest/generic", alerts, CancellationToken.None);
                    if (!answer.IsSuccessStatusCode) continue;
                    foreach (var one in ones) Accepted[one] = true;
                }
                catch (HttpRequestException)
                {
                    return;
                }
            }
        }

        private static object Alert(string one) =>
            new { labels = new Dictionary<string, string> { ["alertname"] = "Once", ["service"] = $"s{one.Length + (one[^1] % 4)}", ["one"] = one }, severity = "warning" };
    }
}
