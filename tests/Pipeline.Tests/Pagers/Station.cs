using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;
using Pipeline.Config;
using Pipeline.Hosting;
using Pipeline.Pagers;

namespace Pipeline.Tests.Pagers;

/// <summary>A dispatch with a log, fake time and real HTTP, that can be stopped and started again on the same log.</summary>
internal sealed class Station : IAsyncDisposable, IPagerReports
{
    private readonly PagerSettings[] settings;
    private readonly PagerHttp http;
    private readonly Lock gate = new();
    private readonly List<(string Pager, bool Failing, string Answer)> reports = [];
    private readonly List<OutcomeRecord> told = [];
    private int decided;

    public Station(params PagerSettings[] settings) : this(new(), settings)
    {
    }

    public Station(SteppedTime time, params PagerSettings[] settings)
    {
        (Time, this.settings) = (time, settings);
        http = new(time);
        Pagers = PagerTypes.Make(settings, new(http, Log, time, Terminal, false));
        Dispatch = Begin();
    }

    public SteppedTime Time { get; }

    public ListLog Log { get; } = new();

    public StringWriter Terminal { get; } = new();

    public DispatchOptions Options { get; set; } = new();

    public IReadOnlyDictionary<string, IPager> Pagers { get; }

    public Dispatch Dispatch { get; private set; }

    public IReadOnlyList<(string Pager, bool Failing, string Answer)> Reports
    {
        get
        {
            lock (gate) return [.. reports];
        }
    }

    /// <summary>What the views were told.</summary>
    public IReadOnlyList<OutcomeRecord> Told
    {
        get
        {
            lock (gate) return [.. told];
        }
    }

    /// <summary>Decides a page and owes it.</summary>
    public OwedPage Page(string pager, string incident = "inc_1", string kind = "changed", string text = "orders are down")
    {
        var page = Decide(pager, incident, kind, text);
        Dispatch.Owe(page);
        return page;
    }

    /// <summary>Decides a page and, as if the process had died right then, owes it to nobody yet.</summary>
    public OwedPage Decide(string pager, string incident = "inc_1", string kind = "changed", string text = "orders are down")
    {
        var id = $"pg_{++decided}";
        var body = SamplePage.Body(id, pager, incident, kind, text, Time.GetUtcNow());
        var page = new Decision.PageDecided(id, pager, new IncidentId(incident), kind, true, [], body) { At = Time.GetUtcNow() };
        Log.Decide(page);
        return OwedPages.Of(page);
    }

    public PageState? StateOf(string pageId) => Log.Outcomes.LastOrDefault(o => o.PageId == pageId)?.State;

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

    public ValueTask ReportAsync(string pager, bool failing, string answer, CancellationToken cancel)
    {
        lock (gate) reports.Add((pager, failing, answer));
        Log.Decide(new Decision.PagerStateChanged(pager, failing, answer) { At = Time.GetUtcNow() });
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Dispatch.DisposeAsync();
        http.Dispose();
        Terminal.Dispose();
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
