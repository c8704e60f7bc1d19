using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Dedupe.Deciding;
using Dedupe.Log;
using Pipeline.Tests.Broker;
using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Faults;
using Pipeline.Tests.Pagers;
using Pipeline.Tests.Servers;
using Stores.Marten;
using Xunit;

namespace Pipeline.Tests.Cluster;

/// <summary>
/// A cluster that lives through one fault after the other under a load: two ingest nodes, two dedupe nodes whose ways to the store and to the
/// broker can be cut, a project and a pager node, one pager that takes every page and one that is down for the whole time.
/// </summary>
public class FaultRig : IAsyncLifetime
{
    private static readonly string[] Lists = ["/api/incidents", "/api/alerts", "/api/changes", "/api/rejected", "/api/pages", "/api/unseen"];

    private readonly int seed = int.TryParse(Environment.GetEnvironmentVariable("PIPELINE_SEED"), CultureInfo.InvariantCulture, out var asked) ? asked : Random.Shared.Next();
    private readonly Checker checker = new() { Down = new HashSet<string> { "down" } };
    private readonly HashSet<string> decided = [];
    private readonly HashSet<string> owed = [], taken = [];
    private readonly Dictionary<int, long> looked = [];
    private ListeningPager downPager = null!;
    private int received;

    internal ClusterRig Rig { get; private set; } = null!;
    internal Wire StoreWire { get; private set; } = null!;
    internal Wire BrokerWire { get; private set; } = null!;
    internal ServedProcess[] Ingest { get; private set; } = [];
    internal ServedProcess Project { get; private set; } = null!;
    internal ServedProcess Pager { get; private set; } = null!;
    internal ListeningPager DownPager => downPager;
    internal ClusterLoad Load { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        downPager = await ListeningPager.StartAsync();
        downPager.Reply = _ => new(503);
        Rig = await ClusterRig.StartAsync($", {{name: down, type: webhook, url: {downPager.Url}}}", Brokers);
        (StoreWire, BrokerWire) = (new(Rig.Postgres.Port), new(Rig.Rabbit.Port));
        var dedupe = (DedupeAsync(), DedupeAsync());
        var others = (Rig.NodeAsync("project"), Rig.NodeAsync("pager"));
        Ingest = await Task.WhenAll(Rig.NodeAsync("ingest"), Rig.NodeAsync("ingest"));
        (Project, Pager) = (await others.Item1, await others.Item2);
        await Task.WhenAll(dedupe.Item1, dedupe.Item2);
        Load = new(checker, seed, slot => Volatile.Read(ref Ingest[slot]).Url);
    }

    internal Task<ServedProcess> DedupeAsync() =>
        Rig.NodeAsync("dedupe", $"postgres://postgres@127.0.0.1:{StoreWire.Port}/pipeline", Brokers is null ? $"amqp://127.0.0.1:{BrokerWire.Port}" : null);

    /// <summary>Starts the broker, where it is not one node.</summary>
    internal virtual Func<Task<RabbitServer[]>>? Brokers => null;

    /// <summary>What to write beside a failure: how to run it again.</summary>
    internal string Again => $"seed {seed}; again: PIPELINE_SEED={seed} ./test -class '*Cluster*Fault*'";

    /// <summary>Counts an alert as accepted that came in some other way than by the load.</summary>
    internal void Accepted(string one) => checker.Accepted(one);

    /// <summary>Lets the load run for so long; what it reached a second.</summary>
    internal async Task<double> RunAsync(TimeSpan time)
    {
        var (alerts, began) = (Load.Alerts, Load.Elapsed);
        await Wait.ForAsync("the load", () => Task.FromResult(Load.Elapsed - began >= time ? "" : null), () => "it stands still");
        return (Load.Alerts - alerts) / (Load.Elapsed - began).TotalSeconds;
    }

    /// <summary>Waits until one more alert, accepted from now on, is decided.</summary>
    internal async Task DecidedAgainAsync(TimeSpan within)
    {
        var (one, began) = (Guid.NewGuid().ToString("N"), Load.Elapsed);
        checker.Refused(one);
        await Wait.ForAsync("an ingest node taking it", async () =>
        {
            try
            {
                await Rig.PostAsync(Ingest[0], "/ingest/generic", new { labels = new Dictionary<string, string> { ["alertname"] = "Once", ["one"] = one }, severity = "warning" });
                return "";
            }
            catch (HttpRequestException)
            {
                return null;
            }
        }, () => Ingest[0].Output);
        checker.Accepted(one);
        await UntilDecidedAsync(() => decided.Contains(one), () => $"alert {one} is not decided");
        Assert.True(Load.Elapsed - began < within, $"decided only {Load.Elapsed - began} later; {Again}");
    }

    /// <summary>Waits until all that was accepted is decided and paged, then holds everything against everything.</summary>
    internal async Task CheckAsync()
    {
        await UntilDecidedAsync(() => checker.Missing(decided) is null, () => $"accepted and not decided: {checker.Missing(decided)}");
        await Wait.ForAsync<string>("every page that was decided being received", () =>
        {
            TakeReceived();
            return Task.FromResult(owed.Count == 0 ? "" : null);
        }, () => $"missing {owed.Count}: {string.Join(' ', owed.Take(5))}; {Again}; {Pager.Output}");
        IReadOnlyList<string> problems = [];
        // A tick may come in between two readings; what is really wrong stays wrong.
        for (var look = 0; look < 3; look++)
        {
            await using var log = await MartenLog.OpenAsync(Rig.Store);
            TakeReceived();
            problems = await checker.ProblemsAsync(log);
            if (problems.Count == 0) break;
        }
        Assert.True(problems.Count == 0, $"{string.Join('\n', problems.Take(20))}\n{problems.Count} in all; {Again}");
        await ViewsAreAsRebuiltAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Rig.DisposeAsync();
        await StoreWire.DisposeAsync();
        await BrokerWire.DisposeAsync();
        await downPager.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    internal static async Task<List<JsonElement>> AllAsync(HttpClient http, Uri node, string path)
    {
        var all = new List<JsonElement>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await http.GetFromJsonAsync<JsonElement>(new Uri(node, $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit=1000{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}"));
            all.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("next").GetString();
        }
        return all;
    }

    /// <summary>What a node that begins now reads from the log is what the one that lived through it all shows.</summary>
    private async Task ViewsAreAsRebuiltAsync()
    {
        await using var fresh = await Rig.NodeAsync("project");
        var difference = "";
        await Wait.ForAsync<string>("the views being as rebuilt ones", async () =>
        {
            foreach (var list in Lists)
            {
                var (live, rebuilt) = (await TextsAsync(Project.Url, list), await TextsAsync(fresh.Url, list));
                if (live.SequenceEqual(rebuilt)) continue;
                var same = live.Zip(rebuilt).TakeWhile(p => p.First == p.Second).Count();
                difference = $"{list} {same}: {live.ElementAtOrDefault(same)}\nrebuilt: {rebuilt.ElementAtOrDefault(same)}";
                return null;
            }
            return "";
        }, () => $"{difference}; {Again}");
    }

    private async Task<List<string>> TextsAsync(Uri node, string list) =>
        [.. (await AllAsync(Rig.Http, node, list)).Select(e => e.GetRawText().Replace(node.ToString(), "/", StringComparison.Ordinal))];

    private Task<string> UntilDecidedAsync(Func<bool> done, Func<string> instead) => Wait.ForAsync<string>("all that was accepted being decided", async () =>
    {
        try
        {
            await using var log = await MartenLog.OpenAsync(Rig.Store);
            foreach (var (scope, _) in await log.ScopesAsync(CancellationToken.None))
                await foreach (var record in log.ReadDecisionsAsync(scope, looked.GetValueOrDefault(scope) + 1, CancellationToken.None)) Look(scope, record);
            return done() ? "" : null;
        }
        catch (Npgsql.NpgsqlException)
        {
            return null; // the store is away
        }
    }, () => $"{instead()}; {Again}");

    private void Look(int scope, DecisionRecord record)
    {
        looked[scope] = record.Version;
        switch (DecisionCodec.Read(record))
        {
            case Decision.AlertDecided { Labels: { } labels } when labels["one"] is { } one: decided.Add(one); break;
            case Decision.PageDecided { Pager: "ops" } page: _ = taken.Contains(page.Page) || owed.Add(page.Page); break;
            default: break;
        }
    }

    private void TakeReceived()
    {
        var requests = Rig.Pager.Requests;
        for (; received < requests.Count; received++)
        {
            checker.Received(requests[received].Id!, requests[received].Body);
            taken.Add(requests[received].Id!);
            owed.Remove(requests[received].Id!);
        }
    }
}
