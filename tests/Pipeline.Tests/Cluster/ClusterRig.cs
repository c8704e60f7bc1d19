using System.Net.Http.Json;
using System.Text.Json;
using Pipeline.Tests.Broker;
using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Faults;
using Pipeline.Tests.Pagers;
using Pipeline.Tests.Servers;
using Pipeline.Tests.Stores;

namespace Pipeline.Tests.Cluster;

/// <summary>A cluster of real processes on a broker and a database of its own, and a pager that listens.</summary>
internal sealed class ClusterRig : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<ServedProcess> nodes = [];

    private ClusterRig(RabbitServer rabbit, PostgresServer postgres, ListeningPager pager) => (Rabbit, Postgres, Pager) = (rabbit, postgres, pager);

    public RabbitServer Rabbit { get; }
    public PostgresServer Postgres { get; }
    public ListeningPager Pager { get; }
    public HttpClient Http { get; } = new();
    public string Store => Postgres.Address("pipeline");

    /// <param name="more">Further lines of the configuration.</param>
    public static async Task<ClusterRig> StartAsync(string more = "")
    {
        var starting = (RabbitServer.StartAsync(), PostgresServer.StartAsync(), ListeningPager.StartAsync());
        var rig = new ClusterRig(await starting.Item1, await starting.Item2, await starting.Item3);
        await rig.Postgres.RunAsync("postgres", "CREATE DATABASE pipeline");
        await File.WriteAllTextAsync(rig.Config, $"""
            broker: {rig.Rabbit.Url}
            store: {rig.Store}
            pagers: [{"{"}name: ops, type: webhook, url: {rig.Pager.Url}{"}"}]
            page.gather: 100ms
            page.latest: 1s
            page.budget: 1000
            {more}
            """);
        return rig;
    }

    public string Config => Path.Combine(folder.Path, "pipeline.yaml");

    public async Task<ServedProcess> NodeAsync(string role)
    {
        var node = await ServedProcess.StartAsync(folder.Path, Config, "--role", role);
        lock (nodes) nodes.Add(node);
        return node;
    }

    /// <summary>The process that holds a share of some work, by its leases.</summary>
    public async Task<ServedProcess> HolderAsync(string scope)
    {
        var node = await Wait.ForAsync($"a holder of scope {scope}", async () => (string?)await Postgres.RunAsync("pipeline",
            $"SELECT l.node FROM pipeline.scope_homes h JOIN pipeline.leases l ON l.kind = 'partition' AND l.number = h.share WHERE h.scope = '{scope}' AND l.until > now()"),
            () => "nobody holds its partition");
        lock (nodes) return nodes.Single(n => node.Contains($"-{n.Id}-", StringComparison.Ordinal));
    }

    public async Task<JsonElement> PostAsync(ServedProcess node, string path, object body)
    {
        using var answer = await Http.PostAsJsonAsync(new Uri(node.Url, path), body);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    public Task<JsonElement> GetAsync(ServedProcess node, string path) => Http.GetFromJsonAsync<JsonElement>(new Uri(node.Url, path));

    public static object Alert(string name, string host, string severity = "critical") =>
        new { labels = new Dictionary<string, string> { ["alertname"] = name, ["host"] = host }, severity };

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes) await node.DisposeAsync();
        await Pager.DisposeAsync();
        await Rabbit.DisposeAsync();
        await Postgres.DisposeAsync();
        Http.Dispose();
        folder.Dispose();
    }
}
