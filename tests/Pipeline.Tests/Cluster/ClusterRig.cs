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
    private string pagers = "";

    private readonly RabbitServer[] rabbits;

    private ClusterRig(RabbitServer[] rabbits, PostgresServer postgres, ListeningPager pager) => (this.rabbits, Postgres, Pager) = (rabbits, postgres, pager);

    /// <summary>The broker, or the first of its nodes.</summary>
    public RabbitServer Rabbit => rabbits[0];

    /// <summary>The broker's address, with all its nodes.</summary>
    public string Broker => $"amqp://{string.Join(',', rabbits.Select(r => $"127.0.0.1:{r.Port}"))}";
    public PostgresServer Postgres { get; }
    public ListeningPager Pager { get; }
    public HttpClient Http { get; } = new();
    public string Store => Postgres.Address("pipeline");

    /// <param name="pagers">Pagers beside <c>ops</c>, which listens.</param>
    /// <param name="brokers">Starts the broker, where it is not one node.</param>
    public static async Task<ClusterRig> StartAsync(string pagers = "", Func<Task<RabbitServer[]>>? brokers = null)
    {
        var starting = (brokers is null ? OneAsync() : brokers(), PostgresServer.StartAsync(), ListeningPager.StartAsync());
        var rig = new ClusterRig(await starting.Item1, await starting.Item2, await starting.Item3) { pagers = pagers };
        await rig.Postgres.RunAsync("postgres", "CREATE DATABASE pipeline");
        return rig;
    }

    private static async Task<RabbitServer[]> OneAsync() => [await RabbitServer.StartAsync()];

    /// <param name="store">Where this node finds the store, where that is not straight.</param>
    /// <param name="broker">The same of the broker.</param>
    /// <param name="more">Further lines of its configuration.</param>
    public async Task<ServedProcess> NodeAsync(string role, string? store = null, string? broker = null, string more = "")
    {
        var config = Path.Combine(folder.Path, $"{role}-{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(config, $"""
            broker: {broker ?? Broker}
            store: {store ?? Store}
            pagers: [{"{"}name: ops, type: webhook, url: {Pager.Url}{"}"}{pagers}]
            page.gather: 100ms
            page.latest: 1s
            page.budget: 1000
            {more}
            """);
        var node = await ServedProcess.StartAsync(folder.Path, config, "--role", role);
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
        // The first one's port mapper serves them all.
        foreach (var rabbit in rabbits.Reverse()) await rabbit.DisposeAsync();
        await Postgres.DisposeAsync();
        Http.Dispose();
        folder.Dispose();
    }
}
