using System.Threading.Channels;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Rules;
using Dedupe.Vocabulary;

namespace Pipeline.Hosting;

/// <summary>Decides one scope, in order, on one task: takes inputs, appends decisions, tells who follows. Nobody is told what is not appended.</summary>
internal sealed class ScopeOwner
{
    /// <summary>Inputs handed over and not decided; beyond it the recorder waits, and with it ingest.</summary>
    private const int WaitingAtMost = 16_384;
    private const int BatchAtMost = 512;

    /// <summary>Alerts between two snapshots: what a restart has to read again at most.</summary>
    private const int SnapshotEvery = 200_000;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(60), Retry = TimeSpan.FromSeconds(1), Soon = TimeSpan.FromMilliseconds(100);

    /// <summary>After inputs with no news in them more may gather for so long: with a wake for every commit, waking cost as much as the commits.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(2);

    private readonly int scope;
    private readonly string name;
    private readonly ScopeHost host;
    private readonly Channel<Envelope> inputs = Channel.CreateBounded<Envelope>(new BoundedChannelOptions(WaitingAtMost) { SingleReader = true });
    private readonly List<Envelope> batch = new(BatchAtMost);
    private readonly List<Action<Decider>> asked = [];
    private readonly List<DecisionRecord> records = [];
    private readonly List<Decision> decisions = [];
    private readonly Dictionary<long, int> failures = [];
    private Decider decider = null!;
    private long version;
    private long decided;
    private long toldUpTo;
    private long alertsSinceSnapshot;
    private volatile bool reread, givenUp;
    private bool loaded;
    private DateTimeOffset lastInput;
    private long oldestWaiting;

    /// <summary>When the alarm rings for what falls due; it has rung, or was never set.</summary>
    private DateTimeOffset rings;
    private volatile bool rang = true;

    public ScopeOwner(int scope, string name, ScopeHost host) => (this.scope, this.name, this.host) = (scope, name, host);

    public int Scope => scope;

    public string Name => name;

    /// <summary>How far deciding is behind recording.</summary>
    public TimeSpan Lag => Interlocked.Read(ref oldestWaiting) is var at and > 0
        ? host.Time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(at) : TimeSpan.Zero;

    /// <summary>Reads the log up to its end and decides what has not been.</summary>
    public async Task<LogPosition> StartAsync(CancellationToken cancel)
    {
        while (!await TryLoadAsync(cancel)) await AgainAsync(cancel);
        return await host.Log.PositionAsync(scope, cancel);
    }

    /// <summary>The rules that decide now; before the start none.</summary>
    public RuleSet? Rules => decider?.Rules;

    public Topology? Topology => decider?.Topology;

    /// <summary>The last input decided.</summary>
    public long Decided => Interlocked.Read(ref decided);

    /// <summary>The last input of which all that was decided is appended and told.</summary>
    public long Told => Interlocked.Read(ref toldUpTo);

    /// <summary>The last decision that is appended and told.</summary>
    public long ToldVersion => Interlocked.Read(ref version);

    public async ValueTask HandAsync(Envelope envelope)
    {
        if (Interlocked.Read(ref oldestWaiting) == 0) Interlocked.Exchange(ref oldestWaiting, envelope.Input.At.ToUnixTimeMilliseconds());
        try
        {
            await inputs.Writer.WriteAsync(envelope, host.Stopping);
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            // Recorded, so it is decided by the next start.
        }
    }

    /// <summary>What the decider knows, once it has decided what was handed over before; waits for as long as that takes.</summary>
    public async Task<T> AskAsync<T>(Func<Decider, T> question, CancellationToken cancel)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await inputs.Writer.WriteAsync(new() { Asks = Answer }, cancel);
        return await answer.Task.WaitAsync(cancel);

        void Answer(Decider knows)
        {
            try
            {
                answer.TrySetResult(question(knows));
            }
            catch (Exception e)
            {
                // Whatever it is, it is who asks that has to hear of it; deciding goes on.
                answer.TrySetException(e);
            }
        }
    }

    /// <summary>An append of inputs ended in doubt: the log says what there is. Nothing else need come for it to be decided.</summary>
    public void Reread()
    {
        reread = true;
        Wake();
    }

    /// <summary>Nothing more comes: what was handed over is decided where the log lets us, and is another's to decide where it does not.</summary>
    public void Close()
    {
        givenUp = true;
        inputs.Writer.TryComplete();
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        lastInput = host.Time.GetUtcNow();
        await using var alarm = host.Time.CreateTimer(_ => Ring(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        while (true)
        {
            if (!await WaitAsync(alarm, cancel)) break;
            batch.Clear();
            while (batch.Count < BatchAtMost && asked.Count < BatchAtMost && inputs.Reader.TryRead(out var envelope))
                if (envelope.Asks is { } ask) asked.Add(ask);
                else if (!envelope.OnlyWakes) batch.Add(envelope);
            var before = version;
            if (batch.Count > 0) await DecideAsync(batch, cancel);
            Interlocked.Exchange(ref oldestWaiting, inputs.Reader.TryPeek(out var oldest) && !oldest.OnlyWakes ? oldest.Input.At.ToUnixTimeMilliseconds() : 0);
            if (reread) await LoadAsync(cancel);
            foreach (var ask in asked) ask(decider);
            asked.Clear();
            if (alertsSinceSnapshot >= SnapshotEvery)
            {
                await SnapshotAsync(cancel);
                host.GiveBack();
            }
            // The machine's time, not the domain's: nothing that is decided depends on it.
            if (batch.Count > 0 && version == before) await Task.Delay(Gather, cancel);
        }
        if (decided > 0) await SnapshotAsync(cancel);
    }

    /// <summary>Waits for an input, or for the alarm. False when there will be no more.</summary>
    private ValueTask<bool> WaitAsync(ITimer alarm, CancellationToken cancel)
    {
        var more = inputs.Reader.WaitToReadAsync(cancel);
        if (!more.IsCompleted) Set(alarm);
        return more;
    }

    /// <summary>Ticks when something is due, and sets the alarm for what is due next, unless it rings before that anyway.</summary>
    private void Set(ITimer alarm)
    {
        var now = host.Time.GetUtcNow();
        var due = Earlier(decider.NextDue, lastInput + Quiet);
        if (due <= now)
        {
            // The tick comes back through the log like any other input, so it never passes a delivery that came before it.
            host.Tick(scope);
            due = now + Retry;
        }
        if (!rang && rings <= due) return;
        (rang, rings) = (false, due);
        alarm.Change(due - now + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    private void Ring()
    {
        rang = true;
        Wake();
    }

    /// <summary>Where there is no room for it nobody sleeps.</summary>
    private void Wake() => inputs.Writer.TryWrite(default);

    private static DateTimeOffset Earlier(DateTimeOffset? a, DateTimeOffset b) => a is { } known && known < b ? known : b;

    private async Task DecideAsync(List<Envelope> envelopes, CancellationToken cancel)
    {
        records.Clear();
        decisions.Clear();
        foreach (var (input, _) in envelopes)
        {
            lastInput = input.At;
            // Already decided: a reload has read it from the log.
            if (input.Number <= decided) continue;
            if (input.Number != decided + 1 || !TryDecide(input))
            {
                await AppendAsync(cancel);
                await LoadAsync(cancel);
            }
            else if (input is Input.Delivery { Alerts.Count: var count }) alertsSinceSnapshot += count;
        }
        if (!await AppendAsync(cancel)) await LoadAsync(cancel);
        Interlocked.Exchange(ref toldUpTo, decided);
        foreach (var (_, waiting) in envelopes) waiting?.TrySetResult();
    }

    /// <summary>Decides into the open batch. False when the decider failed: its state cannot be trusted any more.</summary>
    private bool TryDecide(Input input)
    {
        try
        {
            Note(input.Number, failures.GetValueOrDefault(input.Number) < 2 ? decider.Decide(input) : decider.SetAside(input, "the decider failed on it twice"));
            failures.Remove(input.Number);
            return true;
        }
        catch (Exception e)
        {
            // Any exception is a bug of ours; one input must not stop what comes behind it.
            failures[input.Number] = failures.GetValueOrDefault(input.Number) + 1;
            host.Logger.NotDecided(e, name, input.Number, failures[input.Number]);
            return false;
        }
    }

    private void Note(long input, IReadOnlyList<Decision> made)
    {
        decided = input;
        foreach (var decision in made)
        {
            records.Add(DecisionCodec.Write(decision, version + records.Count + 1, input));
            decisions.Add(decision);
        }
    }

    /// <summary>Appends what is decided and tells it. False when only the log can say whether it is there; then it must be loaded.</summary>
    private async Task<bool> AppendAsync(CancellationToken cancel)
    {
        if (records.Count == 0) return true;
        while (true)
        {
            try
            {
                await host.Log.AppendDecisionsAsync(scope, version, records, cancel);
                break;
            }
            catch (StoreFullException e)
            {
                // Nothing was written and nothing is lost: decisions wait for room, and inputs behind them.
                host.Logger.NotAppended(e, name, Retry.TotalSeconds);
                await Task.Delay(Retry, host.Time, cancel);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                host.Logger.NotAppended(e, name, 0);
                records.Clear();
                decisions.Clear();
                return false;
            }
        }
        for (var i = 0; i < records.Count; i++) host.Tell(scope, records[i], decisions[i]);
        Interlocked.Add(ref version, records.Count);
        records.Clear();
        decisions.Clear();
        return true;
    }

    /// <summary>State from the log, for as long as it takes the log to answer; then decides every input that has no decision yet.</summary>
    private async Task LoadAsync(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                if (await TryLoadAsync(cancel)) return;
            }
            catch (Exception e) when (StoreFailures.IsAway(e))
            {
                host.Logger.NotRead(e, name, Retry.TotalSeconds);
                await AgainAsync(cancel, Retry - Soon);
            }
            await AgainAsync(cancel);
        }
    }

    /// <summary>Where it does not go on at once, another may be deciding this scope by now: whoever was told to give it up does, and fights no one.</summary>
    private async Task AgainAsync(CancellationToken cancel, TimeSpan? after = null)
    {
        if (givenUp) throw new OperationCanceledException($"scope {name} is given up");
        await Task.Delay(after ?? Soon, host.Time, cancel);
    }

    /// <summary>False when what is in the log has to be read once more.</summary>
    private async Task<bool> TryLoadAsync(CancellationToken cancel)
    {
        reread = false;
        records.Clear();
        decisions.Clear();
        var reader = host.Reader(name);
        var (recovered, position, _) = await new Recovery(host.Log, reader, host.Logger).RunAsync(scope, name, cancel);
        // A snapshot may know of inputs behind the last decision: repeats, of which nothing was decided yet.
        (decider, decided) = (recovered, Math.Max(position.LastDecided, recovered.LastInput));
        // Decisions of ours that were in doubt and turn out to be there have not been told yet.
        if (loaded) await TellAgainAsync(position.LastDecision, cancel);
        Interlocked.Exchange(ref version, position.LastDecision);
        loaded = true;
        if (await CatchUpAsync(reader, cancel))
        {
            Interlocked.Exchange(ref toldUpTo, decided);
            return true;
        }
        host.Logger.Reread(name);
        return false;
    }

    private async Task TellAgainAsync(long upTo, CancellationToken cancel)
    {
        if (version >= upTo) return;
        await foreach (var record in host.Log.ReadDecisionsAsync(scope, version + 1, cancel))
        {
            if (record.Version > upTo) break;
            host.Tell(scope, record, DecisionCodec.Read(record));
            Interlocked.Exchange(ref version, record.Version);
        }
    }

    private async Task<bool> CatchUpAsync(InputReader reader, CancellationToken cancel)
    {
        await foreach (var record in host.Log.ReadInputsAsync(scope, decided + 1, cancel))
        {
            if (!TryDecide(reader.Read(record)))
            {
                await AppendAsync(cancel);
                return false;
            }
            if (records.Count >= BatchAtMost && !await AppendAsync(cancel)) return false;
        }
        return await AppendAsync(cancel);
    }

    private async Task SnapshotAsync(CancellationToken cancel)
    {
        alertsSinceSnapshot = 0;
        try
        {
            await host.Log.SaveSnapshotAsync(scope, new(Recovery.SnapshotName, Decider.SnapshotForm, decided, version, decider.Save()), cancel);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A snapshot only saves time at the next start.
            host.Logger.Failed(e, "a snapshot");
        }
    }
}
