using System.Globalization;
using System.Text.Json;
using Dedupe.Deciding;
using Pipeline.Hosting;
using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Faults;
using Stores.Marten;
using Xunit;

namespace Pipeline.Tests.Cluster;

/// <summary>Many scopes over a broker: no more than there may be, and each decided once wherever its deliveries come.</summary>
[Collection(nameof(OneAtATime)), Trait("needs", "server")]
public sealed class ScopesTests
{
    private readonly Checker checker = new();
    private int sent;

    [Fact]
    public async Task Alerts_of_scopes_beyond_the_bound_are_default_s_each_once_whoever_dies()
    {
        const string Bound = "scope: {label: site, max: 3}";
        await using var rig = await ClusterRig.StartAsync();
        var roles = await Task.WhenAll(rig.NodeAsync("ingest", more: Bound), rig.NodeAsync("dedupe", more: Bound), rig.NodeAsync("dedupe", more: Bound), rig.NodeAsync("pager", more: Bound));
        for (var i = 0; i < 5; i++) await SendAsync(rig, roles[0], [null, "a", "b", "c", "d", "e"]);
        await DecidedAsync(rig, roles);
        // Two that are not default, and no more.
        await using (var log = await MartenLog.OpenAsync(rig.Store))
        {
            var scopes = await log.ScopesAsync(TestContext.Current.CancellationToken);
            Assert.Equal(3, scopes.Count);
            // Each scope's own, default's own, and what was handed on to it: nothing of a delivery is decided by two.
            foreach (var (scope, name) in scopes) Assert.Equal(name == ScopeNames.Default ? 20 : 5, await OnesAsync(log, scope));
        }
        await (await rig.HolderAsync("default")).KillAsync();
        for (var i = 0; i < 5; i++) await SendAsync(rig, roles[0], ["d", "e", "f", null]);
        await DecidedAsync(rig, roles);
        await rig.NodeAsync("dedupe", more: Bound);
        await SendAsync(rig, roles[0], ["a", "b", "c", "g"]);
        await DecidedAsync(rig, roles);
        await CheckAsync(rig);
    }

    [Fact]
    public async Task Partitions_are_added_beside_running_nodes_and_a_scope_that_moves_is_given_up_where_it_was()
    {
        string Partitions(int count) => $"scope.label: site\nqueue.partitions: {count}";
        var sites = Enumerable.Range(0, 12).Select(n => $"s{n}").ToArray();
        await using var rig = await ClusterRig.StartAsync();
        var before = await Task.WhenAll(rig.NodeAsync("ingest", more: Partitions(2)), rig.NodeAsync("dedupe", more: Partitions(2)), rig.NodeAsync("dedupe", more: Partitions(2)));
        for (var i = 0; i < 3; i++) await SendAsync(rig, before[0], sites);
        await DecidedAsync(rig, before);
        // Deliveries that wait behind the change are part of it.
        var after = rig.NodeAsync("dedupe", more: Partitions(4));
        while (!after.IsCompleted) await SendAsync(rig, before[0], sites);
        await after;
        for (var i = 0; i < 3; i++) await SendAsync(rig, before[0], sites);
        await DecidedAsync(rig, before);
        var moved = new List<string>();
        foreach (var site in sites)
            if (await rig.Postgres.RunAsync("pipeline", $"SELECT share FROM pipeline.scope_homes WHERE scope = '{site}'") is int and >= 2) moved.Add(site);
        Assert.NotEmpty(moved);
        // Each scope by one node, default among them: who had it before has let go of it.
        var decidedBy = "";
        await Wait.ForAsync("each scope being decided by one node", async () =>
        {
            var counts = await Task.WhenAll(before.Skip(1).Append(await after).Select(n => ScopesAsync(rig, n)));
            decidedBy = string.Join(" + ", counts);
            return counts.Sum() == sites.Length + (await IsHomedAsync(rig, ScopeNames.Default) ? 1 : 0) ? "" : null;
        }, () => $"{decidedBy}, {moved.Count} moved; {before[1].Output}{before[2].Output}");
        await CheckAsync(rig);
    }

    private static async Task<bool> IsHomedAsync(ClusterRig rig, string scope) =>
        await rig.Postgres.RunAsync("pipeline", $"SELECT share FROM pipeline.scope_homes WHERE scope = '{scope}'") is int;

    private static async Task<int> ScopesAsync(ClusterRig rig, ServedProcess node)
    {
        var metrics = await rig.Http.GetStringAsync(new Uri(node.Url, "/metrics"), TestContext.Current.CancellationToken);
        return int.Parse(metrics.Split('\n').Single(l => l.StartsWith("pipeline_deciding_scopes", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>One delivery with an alert of each site that is sent once.</summary>
    private async Task SendAsync(ClusterRig rig, ServedProcess ingest, IReadOnlyList<string?> sites)
    {
        var ones = sites.Select(_ => $"one-{++sent}").ToList();
        var alerts = sites.Zip(ones, (site, one) =>
        {
            var labels = new Dictionary<string, string> { ["alertname"] = "Once", ["one"] = one };
            if (site is not null) labels["site"] = site;
            return new { labels, severity = "warning" };
        });
        using var post = new HttpRequestMessage(HttpMethod.Post, new Uri(ingest.Url, "/ingest/generic")) { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(alerts)) };
        post.Content.Headers.ContentType = new("application/json");
        // What a broker hands out twice has one key too.
        post.Headers.Add("Idempotency-Key", $"key-{sent}");
        using var answer = await rig.Http.SendAsync(post, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        foreach (var one in ones) checker.Accepted(one);
    }

    private async Task DecidedAsync(ClusterRig rig, IEnumerable<ServedProcess> nodes) => await Wait.ForAsync("all that was accepted being decided", async () =>
    {
        await using var log = await MartenLog.OpenAsync(rig.Store);
        var all = 0;
        foreach (var (scope, _) in await log.ScopesAsync(CancellationToken.None)) all += await OnesAsync(log, scope);
        return all >= sent ? "" : null;
    }, () => string.Concat(nodes.Select(n => n.Output)));

    private static async Task<int> OnesAsync(MartenLog log, int scope) =>
        await log.ReadDecisionsAsync(scope, 1, CancellationToken.None).CountAsync(r => DecisionCodec.Read(r) is Decision.AlertDecided { Labels: { } labels } && labels["one"] is not null);

    private async Task CheckAsync(ClusterRig rig)
    {
        IReadOnlyList<string> problems = [];
        // A page may be under way, and a tick may come in between two readings; what is really wrong stays wrong.
        for (var look = 0; look < 3; look++)
        {
            await using var log = await MartenLog.OpenAsync(rig.Store);
            problems = [.. (await checker.ProblemsAsync(log)).Where(p => !p.Contains("never received", StringComparison.Ordinal))];
            if (problems.Count == 0) break;
        }
        Assert.Empty(problems);
    }
}
