using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;
using Ingest;
using Pipeline.Config;

namespace Pipeline.Hosting;

/// <summary>The one writer of inputs: numbers them, sets the time that decides, commits in groups, and hands them to the deciders in that order.</summary>
internal sealed class Recorder : IIntake
{
    /// <summary>Inputs that may wait for their commit; beyond it the answer is 429.</summary>
    private const int WaitingAtMost = 8_192;
    private const int BatchAtMost = 1_024;
    private const int BatchBytes = 16 * 1024 * 1024;

    private readonly ILog log;
    private readonly ScopeSettings settings;
    private readonly TimeProvider time;
    private readonly IdempotencyKeys keys;
    private readonly ILogger logger;
    private readonly Func<int, string, CancellationToken, ValueTask<ScopeOwner>> own;
    private readonly Func<ScopeOwner, IReadOnlyList<string>, DateTimeOffset, bool, IReadOnlyList<Recordable>> prologue;
    private readonly Lock gate = new();
    private readonly Dictionary<string, Line> lines = new(StringComparer.Ordinal);
    private readonly Backlog waiting = new(WaitingAtMost);
    private readonly string incarnation = Guid.NewGuid().ToString("N")[..12];
    private readonly CancellationToken stopping;
    private long deliveries;
    private volatile bool accepting;

    /// <summary>Where commits fail: when the first of them began. Since then nothing was heard.</summary>
    private DateTimeOffset? deafSince;

    public Recorder(
        ILog log, ScopeSettings settings, TimeProvider time, IdempotencyKeys keys, ILogger logger,
        Func<int, string, CancellationToken, ValueTask<ScopeOwner>> own, Func<ScopeOwner, IReadOnlyList<string>, DateTimeOffset, bool, IReadOnlyList<Recordable>> prologue,
        CancellationToken stopping = default)
    {
        this.stopping = stopping;
        (this.log, this.settings, this.time, this.keys, this.logger, this.own, this.prologue) = (log, settings, time, keys, logger, own, prologue);
    }

    /// <summary>A scope's place in its log, and who decides it.</summary>
    private sealed class Line(int scope, ScopeOwner owner, long number, DateTimeOffset at)
    {
        public int Scope => scope;
        public ScopeOwner Owner => owner;
        public long Number { get; set; } = number;
        public DateTimeOffset At { get; set; } = at;

        /// <summary>How many scopes there were when it was last told its rules, and whether that is durable; 0 before.</summary>
        public int Told { get; set; }
        public bool TellsNow { get; set; }

        /// <summary>Another process may have recorded in between, and other rules: what we parse under ours must stand behind ours.</summary>
        public bool MayHoldOtherRules { get; set; }

        /// <summary>The last number that is known to be in the log.</summary>
        public long Counted { get; set; } = number;

        /// <summary>Its place is not known: a commit failed, and the log did not say since where it stands.</summary>
        public bool IsInDoubt { get; set; }
    }

    public bool Ready => accepting;

    public bool IsFull { get; private set; }

    /// <summary>Takes a scope that its owner has recovered.</summary>
    public void Add(string name, int scope, ScopeOwner owner, LogPosition position)
    {
        lock (gate) lines[name] = new(scope, owner, position.LastInput, position.LastAt) { MayHoldOtherRules = position.LastInput != owner.Decided };
    }

    /// <summary>Records nothing more of a scope: somebody else does. Waits for the commit under way.</summary>
    public void Drop(int scope)
    {
        lock (gate)
            if (lines.FirstOrDefault(l => l.Value.Scope == scope) is { Key: { } name }) lines.Remove(name);
    }

    /// <summary>The scopes besides <c>default</c>.</summary>
    public IReadOnlyList<string> Apart
    {
        get
        {
            lock (gate) return NotDefault();
        }
    }

    /// <summary>Accepts from now on: every scope was told its rules.</summary>
    public void Open()
    {
        foreach (var line in lines.Values) line.Told = ScopesFor(line);
        accepting = true;
    }

    public async ValueTask<IntakeAnswer> AcceptAsync(ReceivedDelivery delivery, CancellationToken cancel)
    {
        if (!accepting) return new(IntakeStatus.Unavailable, "starting or stopping");
        var key = delivery.Key;
        var recordable = new Recordable(InputKind.Delivery)
        {
            ReceivedAt = delivery.ReceivedAt, Body = delivery.Body, Source = delivery.Source, Key = key, Parsed = delivery.Parsed,
        };
        if (key is not null && keys.Claim(delivery.Source, key, delivery.Body.Span, delivery.ReceivedAt, recordable.Recorded.Task) is { } seen) return await seen;
        if (!waiting.TryAdd(recordable, own: false))
            recordable.Recorded.TrySetResult(new(accepting ? IntakeStatus.Busy : IntakeStatus.Unavailable, "more deliveries wait to be committed than are kept"));
        // No cancellation: what was handed over will be committed, and the sender should learn so if it still listens.
        var answer = await recordable.Recorded.Task;
        if (key is not null && answer.Status != IntakeStatus.Recorded) keys.Remove(delivery.Source, key);
        return answer;
    }

    /// <summary>
    /// Records a delivery that came over the broker for one scope. Its copies are the decider's to know; it is not refused for fullness, since the
    /// broker hands out no more than a reader asks for.
    /// </summary>
    public Task<IntakeAnswer> TakeAsync(string scope, string id, ReceivedDelivery delivery)
    {
        var recordable = new Recordable(InputKind.Delivery)
        {
            ReceivedAt = delivery.ReceivedAt, Body = delivery.Body, Source = delivery.Source, Key = delivery.Key, Parsed = delivery.Parsed,
            Carried = (id, scope),
        };
        return waiting.TryAdd(recordable, own: true) ? recordable.Recorded.Task : Task.FromResult(new IntakeAnswer(IntakeStatus.Unavailable, "stopping"));
    }

    /// <summary>Records an input of our own; the answer says whether it is durable. <see cref="Recordable.DecidedTasks"/> then wait for the decision.</summary>
    public async ValueTask<bool> RecordAsync(Recordable recordable, CancellationToken cancel)
    {
        if (!waiting.TryAdd(recordable, own: true)) return false;
        return (await recordable.Recorded.Task.WaitAsync(cancel)).Status == IntakeStatus.Recorded;
    }

    /// <summary>Refuses what comes from now on; what waits is still committed, and <see cref="RunAsync"/> ends.</summary>
    public void Close()
    {
        accepting = false;
        waiting.Close();
    }

    /// <summary>Records until closed, on a thread of its own: it blocks in commits, and answers from there.</summary>
    public Task RunAsync() => Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Run()
    {
        var batch = new List<Recordable>(BatchAtMost);
        var records = new List<InputRecord>(BatchAtMost);
        var handovers = new List<(Line Line, Envelope Envelope)>(BatchAtMost);
        while (waiting.Take(batch, BatchAtMost, BatchBytes))
        {
            // The thread is ours to block: a commit is mostly waiting for the disk.
            lock (gate) CommitAsync(batch, records, handovers).GetAwaiter().GetResult();
            batch.Clear();
            records.Clear();
            handovers.Clear();
        }
    }

    private async Task CommitAsync(List<Recordable> batch, List<InputRecord> records, List<(Line Line, Envelope Envelope)> handovers)
    {
        var began = time.GetUtcNow();
        try
        {
            foreach (var line in lines.Values.Where(l => l.IsInDoubt)) await RereadAsync(line);
            if (deafSince is { } since) NoteBlind(since, records, handovers);
            foreach (var recordable in batch) await NumberAsync(recordable, records, handovers);
            await log.AppendInputsAsync(records, stopping);
            IsFull = false;
            deafSince = null;
            foreach (var (line, _) in handovers) line.Counted = line.Number;
            foreach (var line in lines.Values.Where(l => l.TellsNow)) (line.MayHoldOtherRules, line.TellsNow) = (false, false);
        }
        catch (Exception e)
        {
            // Nothing of the batch is known to be durable: every sender is told so, and the numbers are read again from the log.
            IsFull = e is StoreFullException;
            deafSince ??= began;
            logger.NotRecorded(e, batch.Count);
            var why = IsFull ? "the store has no room; it is tried again with the next delivery" : "the store does not answer";
            foreach (var recordable in batch) recordable.Recorded.TrySetResult(new(IntakeStatus.Unavailable, why));
            foreach (var line in lines.Values.Where(l => l.TellsNow)) (line.Told, line.TellsNow) = (0, false);
            await RereadAsync();
            return;
        }
        foreach (var (line, envelope) in handovers) await line.Owner.HandAsync(envelope);
        foreach (var recordable in batch)
            recordable.Recorded.TrySetResult(recordable.Refused is { } why ? new(IntakeStatus.Unavailable, why) : new(IntakeStatus.Recorded));
    }

    /// <summary>While nothing could be recorded nobody was heard: that is no silence of theirs.</summary>
    private void NoteBlind(DateTimeOffset since, List<InputRecord> records, List<(Line Line, Envelope Envelope)> handovers)
    {
        var now = time.GetUtcNow();
        foreach (var line in lines.Values)
        {
            // A scope that was quiet before was heard all the same, until commits began to fail.
            var from = line.At > since ? line.At : since;
            if (now - from < Deciding.BlindFrom) continue;
            var blind = new BlindPeriod(from, now);
            var recordable = new Recordable(InputKind.Blind) { ReceivedAt = now, Body = HostingJson.Write(blind) };
            Number(recordable, line, "", (number, at) => new Input.Blind(blind.From, blind.To) { Number = number, At = at }, records, handovers);
        }
    }

    private async ValueTask NumberAsync(Recordable recordable, List<InputRecord> records, List<(Line Line, Envelope Envelope)> handovers)
    {
        if (recordable.Parsed is { } parsed) await NumberDeliveryAsync(recordable, parsed, records, handovers);
        else
            foreach (var line in lines.Values)
                if (recordable.Scope is null || recordable.Scope == line.Scope) Number(recordable, line, "", recordable.Make!, records, handovers);
    }

    private async ValueTask NumberDeliveryAsync(
        Recordable recordable, Parsed parsed, List<InputRecord> records, List<(Line Line, Envelope Envelope)> handovers)
    {
        if (recordable.Carried is { } carried)
        {
            NumberCarried(recordable, carried.Id, carried.Scope, parsed, records, handovers);
            return;
        }
        var id = string.Create(CultureInfo.InvariantCulture, $"{incarnation}-{++deliveries}");
        if (settings.Label is null)
        {
            var only = await LineAsync(ScopeNames.Default);
            Tell(recordable.ReceivedAt, records, handovers);
            Number(recordable, only, id, (number, at) => Delivery(recordable, id, number, at, parsed.Alerts, parsed.Rejected), records, handovers);
            return;
        }
        foreach (var name in parsed.Alerts.Select(a => ScopeNames.Of(a, settings.Label)).Distinct().ToList()) await LineAsync(name);
        Tell(recordable.ReceivedAt, records, handovers);
        var rejected = parsed.Rejected;
        foreach (var (name, line) in lines)
        {
            var own = parsed.Alerts.Where(a => LineOf(ScopeNames.Of(a, settings.Label)) == line).ToList();
            if (own.Count == 0 && parsed.Changes.Count == 0 && (rejected.Count == 0 || name != ScopeNames.Default)) continue;
            var mine = rejected;
            Number(recordable, line, id, (number, at) => Delivery(recordable, id, number, at, own, mine), records, handovers);
            rejected = [];
        }
    }

    private void NumberCarried(
        Recordable recordable, string id, string scope, Parsed parsed, List<InputRecord> records, List<(Line Line, Envelope Envelope)> handovers)
    {
        if (!lines.TryGetValue(scope, out var line))
        {
            recordable.Refused = $"scope {scope} is another node's now";
            return;
        }
        TellAgain(line, recordable.ReceivedAt, records, handovers);
        var of = HandedOn.ScopeOf(id);
        var own = settings.Label is null ? parsed.Alerts : [.. parsed.Alerts.Where(a => ScopeNames.Of(a, settings.Label) == (of ?? scope))];
        IReadOnlyList<RejectedPart> rejected = of is null && (settings.Label is null || scope == ScopeNames.Default) ? parsed.Rejected : [];
        Number(recordable, line, id, (number, at) => Delivery(recordable, id, number, at, own, rejected), records, handovers);
    }

    private static Input.Delivery Delivery(
        Recordable recordable, string id, long number, DateTimeOffset at, IReadOnlyList<Alert> alerts, IReadOnlyList<RejectedPart> rejected)
    {
        var of = HandedOn.ScopeOf(id);
        return new()
        {
            Number = number, At = at, Source = recordable.Source, Id = id, Alerts = alerts, Changes = of is null ? recordable.Parsed!.Changes : [], Rejected = rejected,
            CopyKey = InputReader.CopyKey(recordable.Key, recordable.Body.Span, of),
        };
    }

    private void Number(
        Recordable recordable, Line line, string id, Func<long, DateTimeOffset, Input> make, List<InputRecord> records,
        List<(Line Line, Envelope Envelope)> handovers)
    {
        var now = time.GetUtcNow();
        var heard = recordable.ReceivedAt < now ? recordable.ReceivedAt : now;
        var at = DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(line.At.ToUnixTimeMilliseconds(), heard.ToUnixTimeMilliseconds()));
        line.At = at;
        var number = ++line.Number;
        records.Add(new(line.Scope, number, at, recordable.Kind, recordable.ReceivedAt, recordable.Source, id, recordable.Key, recordable.Body));
        TaskCompletionSource? decided = null;
        if (recordable.DecidedTasks is { } tasks)
        {
            decided = new(TaskCreationOptions.RunContinuationsAsynchronously);
            tasks.Add(decided.Task);
        }
        handovers.Add((line, new(make(number, at), decided)));
    }

    private Line? LineOf(string name) => lines.GetValueOrDefault(name) ?? lines.GetValueOrDefault(ScopeNames.Default);

    /// <summary>A scope begins with the rules that decide it, and <c>default</c>'s say which there are besides it: what is not theirs is its own.</summary>
    private void Tell(DateTimeOffset receivedAt, List<InputRecord> records, List<(Line Line, Envelope Envelope)> handovers)
    {
        foreach (var line in lines.Values)
        {
            if (line.Told == ScopesFor(line)) continue;
            foreach (var first in prologue(line.Owner, NotDefault(), receivedAt, false)) Number(first, line, "", first.Make!, records, handovers);
            (line.Told, line.TellsNow) = (ScopesFor(line), true);
        }
    }

    /// <summary>Our rules once more, where another's may be in force: read again, a delivery must be what it is now.</summary>
    private void TellAgain(Line line, DateTimeOffset receivedAt, List<InputRecord> records, List<(Line Line, Envelope Envelope)> handovers)
    {
        if (!line.MayHoldOtherRules || line.TellsNow) return;
        foreach (var first in prologue(line.Owner, NotDefault(), receivedAt, true)) Number(first, line, "", first.Make!, records, handovers);
        line.TellsNow = true;
    }

    private string[] NotDefault() => [.. lines.Keys.Where(n => n != ScopeNames.Default)];

    private int ScopesFor(Line line) => settings.Label is not null && line.Owner.Name == ScopeNames.Default ? lines.Count : 1;

    /// <summary>The scope's line; beyond the bound, that of <c>default</c>.</summary>
    private async ValueTask<Line> LineAsync(string name)
    {
        if (lines.TryGetValue(name, out var known)) return known;
        if (lines.Count >= settings.Max && name != ScopeNames.Default) return lines[ScopeNames.Default];
        var scope = await log.ScopeAsync(name, CancellationToken.None);
        var owner = await own(scope, name, CancellationToken.None);
        var position = await log.PositionAsync(scope, CancellationToken.None);
        return lines[name] = new(scope, owner, position.LastInput, position.LastAt);
    }

    /// <summary>After a commit of unknown outcome, or of none: the log says where each scope stands, now or before the next commit.</summary>
    private async Task RereadAsync()
    {
        foreach (var line in lines.Values) line.IsInDoubt = true;
        try
        {
            foreach (var line in lines.Values) await RereadAsync(line);
        }
        catch (Exception e)
        {
            logger.NotPlaced(e);
        }
    }

    private async Task RereadAsync(Line line)
    {
        var position = await log.PositionAsync(line.Scope, stopping);
        // What we did not count may be ours or another's: its owner finds it in the log.
        if (position.LastInput > line.Counted)
        {
            line.MayHoldOtherRules = true;
            line.Owner.Reread();
        }
        (line.Number, line.Counted, line.At, line.IsInDoubt) = (position.LastInput, position.LastInput, position.LastAt, false);
    }
}
