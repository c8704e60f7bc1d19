using Dedupe.Deciding;
using Dedupe.Log;

namespace Pipeline.Tests.Faults;

/// <summary>One scope's log in memory, as far as a stop at some input left it: what recovery reads.</summary>
internal sealed class RecordedLog(IReadOnlyList<InputRecord> inputs, IReadOnlyList<DecisionRecord> decisions, SnapshotRecord? snapshot = null) : ILog
{
    /// <summary>Where it stood when it was asked; another went on appending from there. Null: nobody did.</summary>
    public LogPosition? Stood { get; init; }

    public ValueTask<LogPosition> PositionAsync(int scope, CancellationToken cancel) => new(Stood ?? new LogPosition(
        inputs.Count, inputs.Count > 0 ? inputs[^1].At : default, decisions.Count, decisions.Count > 0 ? decisions[^1].Input : 0, inputs.Count > 0 ? inputs[0].Number : 1));

    public IAsyncEnumerable<InputRecord> ReadInputsAsync(int scope, long from, CancellationToken cancel) =>
        inputs.Where(i => i.Number >= from).ToAsyncEnumerable();

    public IAsyncEnumerable<DecisionRecord> ReadDecisionsAsync(int scope, long from, CancellationToken cancel) =>
        decisions.Where(d => d.Version >= from).ToAsyncEnumerable();

    public ValueTask<SnapshotRecord?> LoadSnapshotAsync(int scope, string name, CancellationToken cancel) => new(snapshot);

    public ValueTask<int> ScopeAsync(string name, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<KeyValuePair<int, string>>> ScopesAsync(CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask AppendInputsAsync(IReadOnlyList<InputRecord> records, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask AppendDecisionsAsync(int scope, long expected, IReadOnlyList<DecisionRecord> records, CancellationToken cancel) =>
        throw new NotSupportedException();

    public IAsyncEnumerable<DecisionRecord> ReadIncidentAsync(int scope, string incident, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask AppendOutcomesAsync(IReadOnlyList<OutcomeRecord> outcomes, CancellationToken cancel) => throw new NotSupportedException();

    public IAsyncEnumerable<NumberedOutcome> ReadOutcomesAsync(long from, CancellationToken cancel) => throw new NotSupportedException();

    public IAsyncEnumerable<DecisionRecord> FollowDecisionsAsync(int scope, long from, CancellationToken cancel) => throw new NotSupportedException();

    public IAsyncEnumerable<NumberedOutcome> FollowOutcomesAsync(long from, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask SaveSnapshotAsync(int scope, SnapshotRecord record, CancellationToken cancel) => throw new NotSupportedException();

    public IAsyncEnumerable<KeyRecord> ReadKeysAsync(DateTimeOffset since, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<int> TrimAsync(DateTimeOffset inputsBefore, DateTimeOffset decisionsBefore, long? maxBytes, CancellationToken cancel) =>
        throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
