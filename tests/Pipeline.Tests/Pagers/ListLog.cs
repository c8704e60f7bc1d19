using Dedupe.Deciding;
using Dedupe.Log;

namespace Pipeline.Tests.Pagers;

/// <summary>As much of a log as pages need, in lists.</summary>
internal sealed class ListLog : ILog
{
    private readonly Lock gate = new();
    private readonly List<DecisionRecord> decisions = [];
    private readonly List<OutcomeRecord> outcomes = [];

    /// <summary>Thrown by the next appends of outcomes, one each.</summary>
    public Queue<Exception> Refusals { get; } = new();

    public IReadOnlyList<OutcomeRecord> Outcomes
    {
        get
        {
            lock (gate) return [.. outcomes];
        }
    }

    public void Decide(Decision decision)
    {
        lock (gate) decisions.Add(DecisionCodec.Write(decision, decisions.Count + 1, decisions.Count + 1));
    }

    public ValueTask<int> ScopeAsync(string name, CancellationToken cancel) => ValueTask.FromResult(1);

    public ValueTask<IReadOnlyList<KeyValuePair<int, string>>> ScopesAsync(CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<KeyValuePair<int, string>>>([new(1, "default")]);

    public IAsyncEnumerable<DecisionRecord> ReadDecisionsAsync(int scope, long from, CancellationToken cancel)
    {
        lock (gate) return decisions.Where(d => d.Version >= from).ToArray().ToAsyncEnumerable();
    }

    public IAsyncEnumerable<DecisionRecord> ReadIncidentAsync(int scope, string incident, CancellationToken cancel)
    {
        lock (gate) return decisions.Where(d => d.Incident == incident).ToArray().ToAsyncEnumerable();
    }

    public ValueTask AppendOutcomesAsync(IReadOnlyList<OutcomeRecord> outcomes, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        lock (gate)
        {
            if (Refusals.TryDequeue(out var refusal)) throw refusal;
            this.outcomes.AddRange(outcomes);
        }
        return ValueTask.CompletedTask;
    }

    public IAsyncEnumerable<OutcomeRecord> ReadOutcomesAsync(CancellationToken cancel) => Outcomes.ToAsyncEnumerable();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public ValueTask<LogPosition> PositionAsync(int scope, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask AppendInputsAsync(IReadOnlyList<InputRecord> inputs, CancellationToken cancel) => throw new NotSupportedException();

    public IAsyncEnumerable<InputRecord> ReadInputsAsync(int scope, long from, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask AppendDecisionsAsync(int scope, long expected, IReadOnlyList<DecisionRecord> decisions, CancellationToken cancel) =>
        throw new NotSupportedException();

    public ValueTask SaveSnapshotAsync(int scope, SnapshotRecord snapshot, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<SnapshotRecord?> LoadSnapshotAsync(int scope, string name, CancellationToken cancel) => throw new NotSupportedException();

    public IAsyncEnumerable<KeyRecord> ReadKeysAsync(DateTimeOffset since, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<int> TrimAsync(DateTimeOffset inputsBefore, DateTimeOffset decisionsBefore, long? maxBytes, CancellationToken cancel) =>
        throw new NotSupportedException();
}
