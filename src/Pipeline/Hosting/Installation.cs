using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;
using Ingest;
using Pipeline.Config;
using Pipeline.Pagers;
using Projections;

namespace Pipeline.Hosting;

/// <summary>Everything of one process but its HTTP: log, recorder, scope owners, views, pagers; started and stopped in that order and back.</summary>
public sealed class Installation : IServed, IActs, IPagerReports, IResubmit, IDeciding, ILearned
{
    private readonly Settings settings;
    private readonly ILog log;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly IdempotencyKeys keys = new();
    private readonly Deciding deciding;
    private readonly List<Task> running = [];
    private readonly CancellationTokenSource stop = new();
    private readonly PagerHttp http;
    private readonly Dispatch dispatch;
    private readonly PageDesk desk;
    private volatile bool recovered;

    /// <param name="terminal">Where a <c>log</c> pager prints.</param>
    public Installation(Settings settings, ILog log, bool shadow, TimeProvider time, TextWriter terminal, ILogger logger)
    {
        (this.settings, this.log, this.time, this.logger) = (settings, log, time, logger);
        Identities = new(settings.Rules.Identity);
        deciding = new(settings, log, keys, time, logger, Tell);
        http = new(time);
        var pagers = PagerTypes.Make(settings.Pagers, new(http, log, time, terminal, !Console.IsOutputRedirected && terminal == Console.Out));
        dispatch = new(pagers, log, this, new()
        {
            Shadow = shadow, Time = time, Logger = logger, Tell = Views.Fold, LoadBody = page => PageBodies.LoadAsync(Views, log, page),
        });
        desk = new PageDesk(new PageTest(pagers, time, dispatch.Answered), dispatch, log);
    }

    public Views Views { get; } = new();

    public Identities Identities { get; }

    public IIntake Intake => deciding.Recorder;

    public Queried Queried => new(log, Views, this, this, desk, this, this);

    public bool LogOpen => !deciding.Recorder.IsFull;

    public bool StateRecovered => recovered && !deciding.Died.IsCompleted;

    public bool IngestAccepting => deciding.Recorder.Ready;

    /// <summary>Completes when deciding has died: the process should end, so that whoever supervises it starts it again.</summary>
    public Task Died => deciding.Died;

    /// <summary>Recovers every scope, owes again what is owed, and opens ingest.</summary>
    public async Task StartAsync(CancellationToken cancel)
    {
        await foreach (var key in log.ReadKeysAsync(time.GetUtcNow() - TimeSpan.FromHours(24), cancel)) keys.Add(key);
        await log.ScopeAsync(ScopeNames.Default, cancel);
        var owed = new OwedPages();
        foreach (var (scope, name) in await log.ScopesAsync(cancel))
        {
            await foreach (var record in log.ReadDecisionsAsync(scope, 1, cancel))
            {
                var decision = DecisionCodec.Read(record);
                Views.Fold(scope, record, decision);
                owed.Fold(decision);
            }
        }
        await foreach (var outcome in log.ReadOutcomesAsync(cancel))
        {
            Views.Fold(outcome);
            owed.Fold(outcome);
        }
        dispatch.Start(owed.InOrder, owed.Failing);
        deciding.Start();
        await deciding.OpenAsync(await log.ScopesAsync(cancel), cancel);
        if (settings.Heartbeat is { } heartbeat) running.Add(Task.Run(() => new Heartbeat(heartbeat, http, () => deciding.Lag, time, logger).RunAsync(stop.Token), CancellationToken.None));
        running.Add(Task.Run(() => new Retention(settings.Retention, log, Views, time, logger).RunAsync(stop.Token), CancellationToken.None));
        recovered = true;
        deciding.Recorder.Open();
    }

    public ValueTask<bool> ActAsync(int? scope, Act act, CancellationToken cancel) => deciding.ActAsync(scope, act, cancel);

    public ValueTask<bool> AdoptAsync(Topology topology, CancellationToken cancel) => deciding.AdoptAsync(null, topology, cancel);

    public async ValueTask ReportAsync(string pager, bool failing, string answer, CancellationToken cancel)
    {
        // Who reports tries again.
        if (!await deciding.ReportAsync(null, pager, failing, answer, cancel)) throw new IOException($"that pager {pager} {(failing ? "fails" : "answers")} could not be recorded");
    }

    public ValueTask<ResubmitAnswer> ResubmitAsync(string source, ReadOnlyMemory<byte> body, CancellationToken cancel) =>
        Resubmission.ByAsync(Intake, source, body, Identities, settings.Limits, time, cancel);

    public ValueTask<bool> SettledAsync(CancellationToken cancel) => deciding.SettledAsync(cancel);

    public async ValueTask<IReadOnlyDictionary<int, LearnedEdges?>> LearnedAsync(CancellationToken cancel) =>
        (await Task.WhenAll(deciding.Scopes.Select(async s => (Scope: s, Learned: await deciding.LearnedAsync(s, cancel))).ToList())).ToDictionary(a => a.Scope, a => a.Learned);

    /// <summary>Refuses what comes, commits and decides what was accepted, and leaves owed pages owed.</summary>
    public async ValueTask DisposeAsync()
    {
        await deciding.DisposeAsync();
        await stop.CancelAsync();
        await Task.WhenAll(running);
        await dispatch.DisposeAsync();
        http.Dispose();
        await log.DisposeAsync();
        stop.Dispose();
    }

    private void Tell(int scope, DecisionRecord record, Decision decision)
    {
        Views.Fold(scope, record, decision);
        if (decision is Decision.PageDecided page) dispatch.Owe(OwedPages.Of(page));
    }
}
