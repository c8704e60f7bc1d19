using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;
using Pipeline.Config;
using Pipeline.Hosting;
using Pipeline.Pagers;
using Pipeline.Tests.Stores;
using Stores.Sqlite;

namespace Pipeline.Tests.Pagers;

/// <summary>A dispatch with a log, fake time and real HTTP, that can be stopped and started again on the same log.</summary>
internal sealed class Station : IAsyncDisposable, IPagerReports
{
    private readonly TemporaryFolder folder = new();
    private readonly PagerHttp http;
    private readonly Lock gate = new();
    private readonly List<(string Pager, bool Failing, string Answer)> reports = [];
    private readonly List<OutcomeRecord> told = [];
    private readonly SemaphoreSlim deciding = new(1);
    private int decided;
    private long version;

    private Station(SteppedTime time) => (Time, http) = (time, new(time));

    public static Task<Station> StartAsync(params PagerSettings[] settings) => StartAsync(new SteppedTime(), settings);

    public static async Task<Station> StartAsync(SteppedTime time, params PagerSettings[] settings)
    {
        var station = new Station(time);
        station.Log = await SqliteLog.OpenAsync(station.folder.Path);
        await station.Log.ScopeAsync("default", default);
        station.Pagers = PagerTypes.Make(settings, new(station.http, station.Log, time, station.Terminal, false));
        station.Dispatch = station.Begin();
        return station;
    }

    public SteppedTime Time { get; }

    public SqliteLog Log { get; private set; } = null!;

    public StringWriter Terminal { get; } = new();

    public DispatchOptions Options { get; set; } = new();

    public IReadOnlyDictionary<string, IPager> Pagers { get; private set; } = null!;

    public Dispatch Dispatch { get; private set; } = null!;

    public IReadOnlyList<(string Pager, bool Failing, string Answer)> Reports
    {
        get
        {
            lock (gate) return [.. reports];
        }
    }

    /// <summary>What the views were told, which is what the log has.</summary>
    public IReadOnlyList<OutcomeRecord> Outcomes
    {
        get
        {
            lock (gate) return [.. told];
        }
    }

    /// <summary>Decides a page and owes it.</summary>
    public async Task<OwedPage> PageAsync(string pager, string incident = "inc_1", string kind = "changed", string text = "orders are down")
    {
        var page = await DecideAsync(pager, incident, kind, text);
        Dispatch.Owe(page);
        return page;
    }

    /// <summary>Decides a page and, as if the process had died right then, owes it to nobody yet.</summary>
    public async Task<OwedPage> DecideAsync(string pager, string incident = "inc_1", string kind = "changed", string text = "orders are down")
    {
        var id = $"pg_{++decided}";
        var body = SamplePage.Body(id, pager, incident, kind, text, Time.GetUtcNow());
        var page = new Decision.PageDecided(id, pager, new IncidentId(incident), kind, true, [], body) { At = Time.GetUtcNow() };
        await AppendAsync(page);
        return OwedPages.Of(page);
    }

    public PageState? StateOf(string pageId) => Outcomes.LastOrDefault(o => o.PageId == pageId)?.State;

    public Task UntilAsync(string pageId, PageState state, TimeSpan? step = null) => Time.UntilAsync(() => StateOf(pageId) == state, step);

    /// <summary>Ends the process and starts another on the same log.</summary>
    public async Task RestartAsync(DispatchOptions? options = null)
    {
        await Dispatch.DisposeAsync();
        if (options is not null) Options = options;
        Dispatch = Begin();
        var past = new OwedPages();
        await foreach (var record in Log.ReadDecisionsAsync(1, 1, default)) past.Fold(DecisionCodec.Read(record));
        await foreach (var outcome in Log.ReadOutcomesAsync(default)) past.Fold(outcome);
        Dispatch.Start(past.InOrder, past.Failing);
    }

    public async ValueTask ReportAsync(string pager, bool failing, string answer, CancellationToken cancel)
    {
        await AppendAsync(new Decision.PagerStateChanged(pager, failing, answer) { At = Time.GetUtcNow() });
        lock (gate) reports.Add((pager, failing, answer));
    }

    public async ValueTask DisposeAsync()
    {
        await Dispatch.DisposeAsync();
        await Log.DisposeAsync();
        http.Dispose();
        Terminal.Dispose();
        deciding.Dispose();
        folder.Dispose();
    }

    private async Task AppendAsync(Decision decision)
    {
        await deciding.WaitAsync();
        try
        {
            await Log.AppendDecisionsAsync(1, version, [DecisionCodec.Write(decision, version + 1, version + 1)], default);
            version++;
        }
        finally
        {
            deciding.Release();
        }
    }

    private Dispatch Begin() => new(Pagers, Log, this, Options with { Time = Time, LoadBody = LoadAsync, Tell = Tell });

    private void Tell(OutcomeRecord outcome)
    {
        lock (gate) told.Add(outcome);
    }

    private async ValueTask<string?> LoadAsync(string pageId)
    {
        await foreach (var record in Log.ReadDecisionsAsync(1, 1, default))
            if (DecisionCodec.Read(record) is Decision.PageDecided page && page.Page == pageId) return page.Body;
        return null;
    }
}
