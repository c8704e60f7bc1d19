using System.Diagnostics.Metrics;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;
using Ingest;
using Pipeline.Config;
using Pipeline.Pagers;
using Projections;

namespace Pipeline.Hosting;

/// <summary>Everything of one process but its HTTP: log, recorder, scope owners, views, pagers; started and stopped in that order and back.</summary>
public sealed class Installation : IActs, IPagerReports, IReadiness, IResubmit, IDeciding, IAsyncDisposable
{
    /// <summary>A gap from here on is time in which we did not listen.</summary>
    internal static readonly TimeSpan BlindFrom = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Decided = TimeSpan.FromSeconds(5), StopDeciding = TimeSpan.FromSeconds(5), SettledLook = TimeSpan.FromMilliseconds(5);

    private readonly Meter meter = new("pipeline.deciding");
    private readonly Settings settings;
    private readonly ILog log;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ScopeHost host;
    private readonly Recorder recorder;
    private readonly IdempotencyKeys keys = new();
    private readonly List<ScopeOwner> owners = [];
    private readonly List<Task> running = [];
    private readonly CancellationTokenSource stop = new();
    private readonly PagerHttp http;
    private readonly Dispatch dispatch;
    private readonly CancellationTokenSource give = new();
    private readonly TaskCompletionSource died = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task recording = Task.CompletedTask;
    private volatile bool recovered;

    /// <param name="terminal">Where a <c>log</c> pager prints.</param>
    public Installation(Settings settings, ILog log, bool shadow, TimeProvider time, TextWriter terminal, ILogger logger)
    {
        (this.settings, this.log, this.time, this.logger) = (settings, log, time, logger);
        Identities = new(settings.Rules.Identity);
        meter.CreateObservableGauge("pipeline.deciding.lag", () => Math.Min(Lag.TotalSeconds, 1e9), "s", "How far deciding is behind recording, in the worst scope");
        host = new(log, time, logger, name => new InputReader(name, settings.Scope.Label, settings.Limits), Tick, Tell, give.Token);
        recorder = new(log, settings.Scope, time, keys, logger, OwnNewAsync, RulesFor);
        http = new(time);
        var pagers = PagerTypes.Make(settings.Pagers, new(http, log, time, terminal, !Console.IsOutputRedirected && terminal == Console.Out));
        dispatch = new(pagers, log, this, new()
        {
            Shadow = shadow, Time = time, Logger = logger, Tell = Views.Fold, LoadBody = LoadBodyAsync,
        });
        PageDesk = new PageDesk(new PageTest(pagers, time, dispatch.Answered), dispatch, log);
    }

    public Views Views { get; } = new();

    public Identities Identities { get; }

    public IIntake Intake => recorder;

    public IPageDesk PageDesk { get; }

    public bool LogOpen => !recorder.IsFull;

    public bool StateRecovered => recovered;

    public bool IngestAccepting => recorder.Ready;

    /// <summary>Completes when deciding has died: the process should end, so that whoever supervises it starts it again.</summary>
    public Task Died => died.Task;

    /// <summary>How far deciding is behind recording, in the worst scope.</summary>
    public TimeSpan Lag
    {
        get
        {
            if (died.Task.IsCompleted || !LogOpen) return TimeSpan.MaxValue;
            lock (owners) return owners.Count == 0 ? TimeSpan.Zero : owners.Max(o => o.Lag);
        }
    }

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
        var began = new List<(ScopeOwner Owner, LogPosition Position)>();
        foreach (var (scope, name) in await log.ScopesAsync(cancel))
        {
            var owner = await OwnAsync(scope, name, cancel);
            var position = await log.PositionAsync(scope, cancel);
            recorder.Add(name, scope, owner, position);
            began.Add((owner, position));
        }
        recording = recorder.RunAsync();
        foreach (var (owner, position) in began) await BeginAsync(owner, position, cancel);
        // Only now: a tick that came before the blind period would call silent what we did not hear.
        foreach (var (owner, _) in began) Run(owner);
        if (settings.Heartbeat is { } heartbeat) running.Add(Task.Run(() => new Heartbeat(heartbeat, http, () => Lag, time, logger).RunAsync(stop.Token), CancellationToken.None));
        running.Add(Task.Run(() => TrimAsync(stop.Token), CancellationToken.None));
        recovered = true;
        recorder.Open();
    }

    public async ValueTask<bool> ActAsync(int? scope, Act act, CancellationToken cancel)
    {
        var decided = new List<Task>();
        var stored = DecisionCodec.Write(act);
        // What is decided now must be what a recovery reads: times in whole milliseconds.
        act = DecisionCodec.ReadAct(stored);
        var recordable = Own(InputKind.Act, stored, scope, (number, at) => new Input.Acted(act) { Number = number, At = at }, decided);
        try
        {
            if (!await recorder.RecordAsync(recordable, cancel).AsTask().WaitAsync(Decided, cancel)) return false;
            await Task.WhenAll(decided).WaitAsync(Decided, cancel);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public async ValueTask ReportAsync(string pager, bool failing, string answer, CancellationToken cancel)
    {
        var recordable = Own(InputKind.Pager, HostingJson.Write(new PagerReport(pager, failing, answer)), null,
            (number, at) => new Input.PagerReported(pager, failing, answer) { Number = number, At = at });
        // Who reports tries again.
        if (!await recorder.RecordAsync(recordable, cancel)) throw new IOException($"that pager {pager} {(failing ? "fails" : "answers")} could not be recorded");
    }

    public async ValueTask<ResubmitAnswer> ResubmitAsync(string source, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        var parsed = Sources.Parse(source, body, new(Identities, settings.Limits, time.GetUtcNow()));
        if (parsed.Problem is { } problem) return new(400, 0, problem.Field, problem.Problem);
        var answer = await recorder.AcceptAsync(new(source, time.GetUtcNow(), null, body, parsed), cancel);
        return answer.Status switch
        {
            IntakeStatus.Recorded or IntakeStatus.Copy => new(200, parsed.Alerts.Count + parsed.Changes.Count),
            IntakeStatus.Busy => new(429, 0, null, answer.Detail),
            _ => new(503, 0, null, answer.Detail),
        };
    }

    public async ValueTask<bool> SettledAsync(CancellationToken cancel)
    {
        ScopeOwner[] all;
        lock (owners) all = [.. owners];
        var began = time.GetTimestamp();
        foreach (var owner in all)
        {
            var last = (await log.PositionAsync(owner.Scope, cancel)).LastInput;
            for (; owner.Told < last; await Task.Delay(SettledLook, time, cancel))
                if (time.GetElapsedTime(began) > Decided) return false;
        }
        return true;
    }

    /// <summary>Refuses what comes, commits and decides what was accepted, and leaves owed pages owed.</summary>
    public async ValueTask DisposeAsync()
    {
        recorder.Close();
        give.CancelAfter(StopDeciding);
        await recording;
        foreach (var owner in owners) owner.Close();
        await stop.CancelAsync();
        await Task.WhenAll(running);
        await dispatch.DisposeAsync();
        http.Dispose();
        await log.DisposeAsync();
        stop.Dispose();
        give.Dispose();
        meter.Dispose();
    }

    private async ValueTask<ScopeOwner> OwnAsync(int scope, string name, CancellationToken cancel)
    {
        var owner = new ScopeOwner(scope, name, host);
        await owner.StartAsync(cancel);
        lock (owners) owners.Add(owner);
        return owner;
    }

    /// <summary>The owner of a scope that came up while we serve; nothing was missed of it.</summary>
    private async ValueTask<ScopeOwner> OwnNewAsync(int scope, string name, CancellationToken cancel)
    {
        var owner = await OwnAsync(scope, name, cancel);
        Run(owner);
        return owner;
    }

    private void Run(ScopeOwner owner)
    {
        lock (owners) running.Add(Task.Run(() => WatchAsync(owner), CancellationToken.None));
    }

    private async Task WatchAsync(ScopeOwner owner)
    {
        try
        {
            await owner.RunAsync(give.Token);
        }
        catch (OperationCanceledException)
        {
            // The stop could not wait for it: what is recorded and not decided is decided by the next start.
        }
        catch (Exception e)
        {
            // Not ready any more: what supervises us should start us again, and the log has everything.
            logger.Failed(e, "deciding");
            recovered = false;
            recorder.Close();
            died.TrySetResult();
        }
    }

    /// <summary>What a scope is to be told before anything else: rules or topology that differ from those in force.</summary>
    private List<Recordable> RulesFor(ScopeOwner owner)
    {
        var first = new List<Recordable>();
        var fresh = owner.Rules is null || owner.Decided == 0;
        if (fresh || Decider.HashOf(owner.Rules!) != Decider.HashOf(settings.Rules))
            first.Add(Own(InputKind.Rules, DecisionCodec.Write(settings.Rules), owner.Scope,
                (number, at) => new Input.RulesInForce(settings.Rules) { Number = number, At = at }));
        var topology = DecisionCodec.Write(settings.Topology);
        if (!topology.AsSpan().SequenceEqual(DecisionCodec.Write(owner.Topology ?? Topology.None)))
            first.Add(Own(InputKind.Topology, topology, owner.Scope, (number, at) => new Input.TopologyInForce(settings.Topology) { Number = number, At = at }));
        return first;
    }

    private async Task BeginAsync(ScopeOwner owner, LogPosition position, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (position.LastInput > 0 && now - position.LastAt > BlindFrom)
        {
            var blind = new BlindPeriod(position.LastAt, now);
            await recorder.RecordAsync(Own(InputKind.Blind, HostingJson.Write(blind), owner.Scope,
                (number, at) => new Input.Blind(blind.From, blind.To) { Number = number, At = at }), cancel);
        }
        foreach (var first in RulesFor(owner)) await recorder.RecordAsync(first, cancel);
    }

    private Recordable Own(InputKind kind, byte[] body, int? scope, Func<long, DateTimeOffset, Input> make, List<Task>? decided = null) =>
        new(kind) { ReceivedAt = time.GetUtcNow(), Body = body, Scope = scope, Make = make, DecidedTasks = decided };

    private void Tick(int scope) => _ = recorder.RecordAsync(Own(InputKind.Tick, [], scope, (number, at) => new Input.Tick { Number = number, At = at }), stop.Token).AsTask();

    private void Tell(int scope, DecisionRecord record, Decision decision)
    {
        Views.Fold(scope, record, decision);
        if (decision is Decision.PageDecided page) dispatch.Owe(OwedPages.Of(page));
    }

    private async ValueTask<string?> LoadBodyAsync(string page)
    {
        if (Views.Read(v => v.Pages.Find(page)) is not { } line) return null;
        await foreach (var record in log.ReadDecisionsAsync(line.Scope, line.Version, CancellationToken.None))
            return DecisionCodec.Read(record) is Decision.PageDecided decided && decided.Page == page ? decided.Body : null;
        return null;
    }

    private async Task TrimAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancel))
            {
                var now = time.GetUtcNow();
                var retention = settings.Retention;
                try
                {
                    await log.TrimAsync(now - retention.Deliveries, now - retention.Decisions, retention.MaxBytes, cancel);
                    Views.Trim(now - retention.Decisions);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    logger.Failed(e, "dropping what is past retention");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the process stops
        }
    }
}
