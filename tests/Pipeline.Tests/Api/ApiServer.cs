using System.Net.Http.Json;
using System.Text.Json;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.Api;
using Pipeline.Config;
using Pipeline.Hosting;
using Pipeline.Tests.Stores;
using Projections;
using Stores.Sqlite;

namespace Pipeline.Tests.Api;

/// <summary>The API on a real Kestrel, over the real store and the real decider of one scope; only the clock is the test's.</summary>
internal sealed class ApiServer : IAsyncDisposable, IActs, IReadiness, IPageDesk, IResubmit, IDeciding, ILearned
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder folder;
    private readonly Decider decider = new("default", RuleSet.Default with { Pagers = [new("ops", LabelSet.Empty)] }, Topology.None);
    private readonly Identities identities = new(new IdentityRules());
    private WebApplication app = null!;
    private readonly SqliteLog log;
    private readonly int scope;
    private long input, version;

    private ApiServer(SqliteLog log, int scope, TemporaryFolder folder) => (this.log, this.scope, this.folder) = (log, scope, folder);

    public HttpClient Http { get; private set; } = null!;
    public string Address => app.Urls.Single();
    public Views Views { get; } = new();
    public ManualTime Time { get; } = new(Start);

    /// <summary>False: acts are not decided in time.</summary>
    public bool Decides { get; set; } = true;

    public bool LogOpen => true;
    public bool StateRecovered { get; set; } = true;
    public bool IngestAccepting => true;
    public List<(string Source, string Body)> Resubmitted { get; } = [];
    public List<string> Resent { get; } = [];

    public static async Task<ApiServer> StartAsync(Settings? settings = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var folder = new TemporaryFolder();
        var log = await SqliteLog.OpenAsync(folder.Path);
        var server = new ApiServer(log, await log.ScopeAsync("default", CancellationToken.None), folder);
        builder.Services.AddSingleton(settings ?? new()).AddSingleton<ILog>(log).AddSingleton<TimeProvider>(server.Time)
            .AddSingleton(server.Views)
            .AddSingleton<IActs>(server).AddSingleton<IReadiness>(server).AddSingleton<IPageDesk>(server).AddSingleton<IResubmit>(server).AddSingleton<IDeciding>(server).AddSingleton<ILearned>(server)
            .AddApi();
        var app = server.app = builder.Build();
        app.MapApi();
        await app.StartAsync();
        server.Http = new() { BaseAddress = new(server.Address) };
        return server;
    }

    public async Task FireAsync(string name, string severity = "critical", params (string, string)[] more) =>
        await DeliverAsync(AlertStatus.Firing, name, severity, more);

    public async Task ResolveAsync(string name, params (string, string)[] more) => await DeliverAsync(AlertStatus.Resolved, name, "", more);

    public async Task DecideAsync(Func<long, DateTimeOffset, Input> next)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(Time.GetUtcNow().ToUnixTimeMilliseconds());
        var decided = next(++input, at);
        await log.AppendInputsAsync(
            [
                new(scope, input, at, InputKind.Delivery, at, "generic", $"d{input}", null,
                    """{"labels":{"alertname":"raw"}}"""u8.ToArray()),
            ],
            CancellationToken.None);
        var decisions = decider.Decide(decided).ToList();
        var records = decisions.Select((d, i) => DecisionCodec.Write(d, version + 1 + i, input)).ToList();
        await log.AppendDecisionsAsync(scope, version, records, CancellationToken.None);
        version += records.Count;
        for (var i = 0; i < records.Count; i++) Views.Fold(scope, records[i], decisions[i]);
    }

    public async Task<JsonElement> GetAsync(string path) => await Http.GetFromJsonAsync<JsonElement>(path);

    public async Task<(int Status, JsonElement Body)> PostAsync(string path, object? body = null)
    {
        using var answer = body is null ? await Http.PostAsync(path, null) : await Http.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        return ((int)answer.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }

    public async Task<string> IncidentAsync() => (await GetAsync("/api/incidents")).GetProperty("items")[0].GetProperty("id").GetString()!;

    async ValueTask<bool> IActs.ActAsync(int? scope, Act act, CancellationToken cancel)
    {
        if (!Decides) return false;
        await DecideAsync((number, at) => new Input.Acted(act) { Number = number, At = at });
        return true;
    }

    async ValueTask<bool> IActs.AdoptAsync(Topology topology, CancellationToken cancel)
    {
        if (!Decides) return false;
        await DecideAsync((number, at) => new Input.TopologyInForce(topology) { Number = number, At = at });
        return true;
    }

    ValueTask<IReadOnlyDictionary<int, LearnedEdges?>> ILearned.LearnedAsync(CancellationToken cancel) =>
        new(new Dictionary<int, LearnedEdges?> { [scope] = Decides ? decider.Learned() : null });

    ValueTask<TestAnswer?> IPageDesk.TestAsync(string pager, CancellationToken cancel) =>
        new(pager == "default" ? new TestAnswer(pager, true, "printed") : null);

    ValueTask<bool> IPageDesk.ResendAsync(int scope, long version, string page, CancellationToken cancel)
    {
        Resent.Add(page);
        return new(true);
    }

    ValueTask<bool> IDeciding.SettledAsync(CancellationToken cancel) => new(true);

    ValueTask<ResubmitAnswer> IResubmit.ResubmitAsync(string source, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        Resubmitted.Add((source, System.Text.Encoding.UTF8.GetString(body.Span)));
        return new(new ResubmitAnswer(200, 1));
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.DisposeAsync();
        await log.DisposeAsync();
        folder.Dispose();
    }

    private Task DeliverAsync(AlertStatus status, string name, string severity, (string, string)[] more) => DecideAsync((number, at) =>
    {
        var labels = new List<KeyValuePair<string, string>> { new("alertname", name), new("severity", severity) };
        if (!more.Any(m => m.Item1 == "service")) labels.Add(new("service", "shop"));
        labels.AddRange(more.Select(m => new KeyValuePair<string, string>(m.Item1, m.Item2)));
        var identity = identities.Read(labels);
        return new Input.Delivery
        {
            Number = number, At = at, Source = "generic",
            Alerts = [new() { Identity = identity, Status = status, Severity = identity.LabelSeverity, Summary = $"{name} is bad" }],
        };
    });
}

/// <summary>A clock that the test moves. Timers run on the machine's: nothing here waits for one.</summary>
internal sealed class ManualTime(DateTimeOffset now) : TimeProvider
{
    private long ticks = now.UtcTicks;

    public void Advance(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref ticks), TimeSpan.Zero);
}
