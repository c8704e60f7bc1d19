using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Pipeline.Config;

namespace Pipeline.Hosting;

/// <summary>Records and decides scopes: the recorder, and an owner for each scope; all of them in one process, this node's share of them in a cluster.</summary>
internal sealed class Deciding : IAsyncDisposable
{
    /// <summary>A gap from here on is time in which we did not listen.</summary>
    public static readonly TimeSpan BlindFrom = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(5), LearnedWithin = TimeSpan.FromSeconds(2), StopWithin = TimeSpan.FromSeconds(5), HearAgain = TimeSpan.FromSeconds(1), SettledLook = TimeSpan.FromMilliseconds(5);

    private readonly Meter meter = new("pipeline.deciding");
    private readonly Settings settings;
    private readonly ILog log;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ScopeHost host;
    private readonly Dictionary<int, (ScopeOwner Owner, Task Running)> owners = [];

    /// <summary>Scopes whose deliveries do not reach us, and since when.</summary>
    private readonly Dictionary<int, DateTimeOffset> deaf = [];
    private readonly CancellationTokenSource give = new();
    private readonly TaskCompletionSource died = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task recording = Task.CompletedTask;

    /// <param name="tell">Told of every decision once it is appended, in each scope's order.</param>
    public Deciding(Settings settings, ILog log, IdempotencyKeys keys, TimeProvider time, ILogger logger, Action<int, DecisionRecord, Decision> tell)
    {
        (this.settings, this.log, this.time, this.logger) = (settings, log, time, logger);
        meter.CreateObservableGauge("pipeline.deciding.lag", () => Math.Min(Lag.TotalSeconds, 1e9), "s", "How far deciding is behind recording, in the worst scope");
        meter.CreateObservableGauge("pipeline.deciding.scopes", () => Scopes.Count, "{scope}", "Scopes that are decided by this process; over all of them each counts once");
        host = new(log, time, logger, name => new InputReader(name, settings.Limits), Tick, tell, () => Compaction.AfterSnapshot(time), give.Token);
        Recorder = new(log, settings.Scope, time, keys, logger, OwnNewAsync, RulesFor, give.Token);
    }

    public Recorder Recorder { get; }

    /// <summary>Completes when deciding has died: the process should end, so that whoever supervises it starts it again.</summary>
    public Task Died => died.Task;

    /// <summary>How far deciding is behind recording, in the worst scope.</summary>
    public TimeSpan Lag
    {
        get
        {
            if (died.Task.IsCompleted || Recorder.IsFull) return TimeSpan.MaxValue;
            lock (owners) return owners.Count == 0 ? TimeSpan.Zero : owners.Values.Max(o => o.Owner.Lag);
        }
    }

    /// <summary>The scopes that are decided here.</summary>
    public IReadOnlyList<int> Scopes
    {
        get
        {
            lock (owners) return [.. owners.Keys];
        }
    }

    /// <summary>Begins to record: from now on what is handed in is committed.</summary>
    public void Start() => recording = Recorder.RunAsync();

    /// <summary>Takes scopes over: each is recovered, told what it missed, and decided from then on.</summary>
    public async Task OpenAsync(IEnumerable<KeyValuePair<int, string>> scopes, CancellationToken cancel)
    {
        var began = new List<(ScopeOwner Owner, LogPosition Position)>();
        try
        {
            foreach (var (scope, name) in scopes)
            {
                var owner = new ScopeOwner(scope, name, host);
                var position = await owner.StartAsync(cancel);
                Recorder.Add(name, scope, owner, position);
                began.Add((owner, position));
            }
            foreach (var (owner, position) in began) await BeginAsync(owner, position, cancel);
        }
        catch
        {
            // Nothing may be recorded for an owner that never runs.
            foreach (var (owner, _) in began)
            {
                Recorder.Drop(owner.Scope);
                lock (deaf) deaf.Remove(owner.Scope);
            }
            throw;
        }
        // Only now: a tick that came before the blind period would call silent what we did not hear.
        foreach (var (owner, _) in began) Run(owner);
    }

    /// <summary>Gives a scope up: nothing more of it is recorded here, and what is recorded is decided where time allows.</summary>
    public async Task CloseAsync(int scope)
    {
        (ScopeOwner Owner, Task Running) known;
        lock (owners)
            if (!owners.Remove(scope, out known)) return;
        Recorder.Drop(scope);
        known.Owner.Close();
        await known.Running;
        lock (deaf) deaf.Remove(scope);
    }

    /// <summary>From now on deliveries of a scope do not reach us: nothing falls due in it for want of them.</summary>
    public void Deafen(int scope)
    {
        lock (deaf) deaf.TryAdd(scope, time.GetUtcNow());
    }

    /// <summary>They reach us again: the time in which they did not is noted, before anything else of the scope.</summary>
    public async Task HearAsync(int scope, CancellationToken cancel)
    {
        while (!await NoteBlindAsync(scope, cancel)) await Task.Delay(HearAgain, time, cancel);
        lock (deaf) deaf.Remove(scope);
    }

    /// <summary>True once decided and told; false when that took over 5 s or the log is not there (safe to repeat).</summary>
    /// <param name="scope">Null for every scope that is decided here.</param>
    public async ValueTask<bool> ActAsync(int? scope, Act act, CancellationToken cancel)
    {
        var stored = DecisionCodec.Write(act);
        // What is decided now must be what a recovery reads: times in whole milliseconds.
        act = DecisionCodec.ReadAct(stored);
        return await RecordAsync(Own(InputKind.Act, stored, scope, (number, at) => new Input.Acted(act) { Number = number, At = at }, []), cancel);
    }

    /// <summary>Puts a topology in force; true once decided and told.</summary>
    /// <param name="scope">Null for every scope that is decided here.</param>
    public ValueTask<bool> AdoptAsync(int? scope, Topology topology, CancellationToken cancel) =>
        RecordAsync(Own(InputKind.Topology, DecisionCodec.Write(topology), scope, (number, at) => new Input.TopologyInForce(topology) { Number = number, At = at }, []), cancel);

    /// <summary>Records that a pager fails, or answers again; true once decided.</summary>
    /// <param name="scope">Null for every scope that is decided here.</param>
    public ValueTask<bool> ReportAsync(int? scope, string pager, bool failing, string answer, CancellationToken cancel) =>
        RecordAsync(Own(InputKind.Pager, HostingJson.Write(new PagerReport(pager, failing, answer)), scope,
            (number, at) => new Input.PagerReported(pager, failing, answer) { Number = number, At = at }, []), cancel);

    /// <summary>What a scope has learned; null where it is not decided here, or did not answer within 2 s.</summary>
    public async Task<LearnedEdges?> LearnedAsync(int scope, CancellationToken cancel)
    {
        ScopeOwner owner;
        lock (owners)
        {
            if (!owners.TryGetValue(scope, out var known)) return null;
            owner = known.Owner;
        }
        using var late = new CancellationTokenSource(LearnedWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            return await owner.AskAsync(decider => decider.Learned(), either.Token);
        }
        catch (Exception e) when (e is ChannelClosedException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>The last decision of a scope that is appended and told; null where the scope is not decided here.</summary>
    public long? ToldOf(int scope)
    {
        lock (owners) return owners.TryGetValue(scope, out var known) ? known.Owner.ToldVersion : null;
    }

    /// <summary>Waits until what is recorded by now is decided, appended and told; false when 5 s did not do.</summary>
    public async ValueTask<bool> SettledAsync(CancellationToken cancel)
    {
        ScopeOwner[] all;
        lock (owners) all = [.. owners.Values.Select(o => o.Owner)];
        var began = time.GetTimestamp();
        foreach (var owner in all)
        {
            var last = (await log.PositionAsync(owner.Scope, cancel)).LastInput;
            for (; owner.Told < last; await Task.Delay(SettledLook, time, cancel))
                if (time.GetElapsedTime(began) > Within) return false;
        }
        return true;
    }

    /// <summary>Refuses what comes, and commits and decides what was accepted.</summary>
    public async ValueTask DisposeAsync()
    {
        Recorder.Close();
        give.CancelAfter(StopWithin);
        await recording;
        List<Task> running;
        lock (owners)
        {
            foreach (var (owner, _) in owners.Values) owner.Close();
            running = [.. owners.Values.Select(o => o.Running)];
        }
        await Task.WhenAll(running);
        give.Dispose();
        meter.Dispose();
    }

    /// <summary>The owner of a scope that came up while we serve; nothing was missed of it.</summary>
    private async ValueTask<ScopeOwner> OwnNewAsync(int scope, string name, CancellationToken cancel)
    {
        var owner = new ScopeOwner(scope, name, host);
        await owner.StartAsync(cancel);
        Run(owner);
        return owner;
    }

    private void Run(ScopeOwner owner)
    {
        lock (owners) owners[owner.Scope] = (owner, Task.Run(() => WatchAsync(owner), CancellationToken.None));
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
            Recorder.Close();
            died.TrySetResult();
        }
    }

    /// <summary>What a scope is to be told before anything else: rules or topology that differ from those in force.</summary>
    /// <param name="apart">The scopes besides <c>default</c>.</param>
    /// <param name="again">Record the rules whatever the owner holds to be in force: it may not have read the log's end yet.</param>
    private List<Recordable> RulesFor(ScopeOwner owner, IReadOnlyList<string> apart, DateTimeOffset receivedAt, bool again = false)
    {
        var first = new List<Recordable>();
        var rules = settings.Rules;
        // Where a broker carries deliveries each was sent to the scope that its alerts name, and no scope has what is nobody's.
        if (settings.Scope.Label is { } label)
            rules = rules with { Scope = new() { Label = label, Apart = settings.Cluster?.Broker is null && owner.Name == ScopeRules.Default ? apart : null } };
        var fresh = again || owner.Rules is null || owner.Decided == 0;
        rules = rules with { ConfiguredTopology = Decider.HashOf(settings.Topology) };
        if (fresh || Decider.HashOf(owner.Rules!) != Decider.HashOf(rules))
            first.Add(Own(InputKind.Rules, DecisionCodec.Write(rules), owner.Scope, receivedAt, (number, at) => new Input.RulesInForce(rules) { Number = number, At = at }));
        if (TopologyFor(owner, rules.ConfiguredTopology, fresh) is { } topology)
            first.Add(Own(InputKind.Topology, DecisionCodec.Write(topology), owner.Scope, receivedAt, (number, at) => new Input.TopologyInForce(topology) { Number = number, At = at }));
        return first;
    }

    /// <summary>The topology that is to come into force; null where that is in force which should be.</summary>
    /// <remarks>
    /// What was posted holds until another is posted or the configuration declares another one than before. A scope that comes up gets what its
    /// neighbours here have.
    /// </remarks>
    private Topology? TopologyFor(ScopeOwner owner, string? configured, bool fresh)
    {
        if (!fresh && owner.Rules!.ConfiguredTopology == configured) return null;
        var wanted = settings.Topology;
        if (fresh)
            lock (owners)
                if (owners.Values.FirstOrDefault(o => o.Owner != owner && o.Owner.Rules?.ConfiguredTopology == configured) is { Owner.Topology: { } posted }) wanted = posted;
        return Decider.HashOf(wanted) == Decider.HashOf(owner.Topology ?? Topology.None) ? null : wanted;
    }

    private async Task BeginAsync(ScopeOwner owner, LogPosition position, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (position.LastInput > 0 && now - position.LastAt > BlindFrom)
        {
            var blind = new BlindPeriod(position.LastAt, now);
            await BeginWithAsync(Own(InputKind.Blind, HostingJson.Write(blind), owner.Scope,
                (number, at) => new Input.Blind(blind.From, blind.To) { Number = number, At = at }), cancel);
        }
        foreach (var first in RulesFor(owner, Recorder.Apart, time.GetUtcNow())) await BeginWithAsync(first, cancel);
    }

    private async Task BeginWithAsync(Recordable first, CancellationToken cancel)
    {
        if (!await Recorder.RecordAsync(first, cancel)) throw new IOException("what a scope begins with could not be recorded: its store does not answer");
    }

    /// <summary>Records an input of ours and waits until it is decided wherever it went.</summary>
    private async ValueTask<bool> RecordAsync(Recordable recordable, CancellationToken cancel)
    {
        try
        {
            // An act moves time on, as a tick does.
            foreach (var scope in recordable.Scope is { } one ? [one] : Scopes)
                if (!await NoteBlindAsync(scope, cancel).WaitAsync(Within, cancel)) return false;
            if (!await Recorder.RecordAsync(recordable, cancel).AsTask().WaitAsync(Within, cancel)) return false;
            await Task.WhenAll(recordable.DecidedTasks!).WaitAsync(Within, cancel);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private Recordable Own(InputKind kind, byte[] body, int? scope, Func<long, DateTimeOffset, Input> make, List<Task>? decided = null) =>
        Own(kind, body, scope, time.GetUtcNow(), make, decided);

    private static Recordable Own(
        InputKind kind, byte[] body, int? scope, DateTimeOffset receivedAt, Func<long, DateTimeOffset, Input> make, List<Task>? decided = null) =>
        new(kind) { ReceivedAt = receivedAt, Body = body, Scope = scope, Make = make, DecidedTasks = decided };

    private void Tick(int scope)
    {
        lock (deaf)
            if (deaf.ContainsKey(scope)) return;
        _ = Recorder.RecordAsync(Own(InputKind.Tick, [], scope, (number, at) => new Input.Tick { Number = number, At = at }), give.Token).AsTask();
    }

    /// <summary>True when it is recorded that nothing was heard of a scope until now, where that was so and long enough.</summary>
    private async Task<bool> NoteBlindAsync(int scope, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        DateTimeOffset since;
        lock (deaf)
            if (!deaf.TryGetValue(scope, out since) || now - since < BlindFrom) return true;
        var blind = new BlindPeriod(since, now);
        var noted = await Recorder.RecordAsync(Own(InputKind.Blind, HostingJson.Write(blind), scope,
            (number, at) => new Input.Blind(blind.From, blind.To) { Number = number, At = at }), cancel);
        lock (deaf)
            if (noted && deaf.ContainsKey(scope)) deaf[scope] = now;
        return noted;
    }
}
