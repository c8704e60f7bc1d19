using System.Runtime.CompilerServices;
using Dedupe.Log;

namespace Pipeline.Tests.Simulation;

/// <summary>
/// A log in memory with the port's exact promises and no others: an append is all or nothing, a wrong number writes nothing, and any other
/// failure leaves open whether it was written, is written later, or never.
/// </summary>
internal sealed class SimulatedLog(Site site) : ILog
{
    private readonly List<Scope> scopes = [];
    private readonly List<OutcomeRecord> outcomes = [];

    /// <summary>Appends whose caller has been told of a failure and that may arrive all the same.</summary>
    private readonly List<Action> underWay = [];

    private sealed class Scope(string name)
    {
        public string Name => name;
        public List<InputRecord> Inputs { get; } = [];
        public List<DecisionRecord> Decisions { get; } = [];
        public Dictionary<string, SnapshotRecord> Snapshots { get; } = [];
    }

    public int Outcomes => outcomes.Count;

    public ValueTask<int> ScopeAsync(string name, CancellationToken cancel)
    {
        var at = scopes.FindIndex(s => s.Name == name);
        if (at < 0) scopes.Add(new(name));
        return new(at < 0 ? scopes.Count : at + 1);
    }

    public ValueTask<IReadOnlyList<KeyValuePair<int, string>>> ScopesAsync(CancellationToken cancel) =>
        new([.. scopes.Select((s, i) => KeyValuePair.Create(i + 1, s.Name))]);

    public ValueTask<LogPosition> PositionAsync(int scope, CancellationToken cancel)
    {
        Arrive();
        var (inputs, decisions) = (Of(scope).Inputs, Of(scope).Decisions);
        return new(new LogPosition(inputs.Count, inputs.Count > 0 ? inputs[^1].At : default, decisions.Count, decisions.Count > 0 ? decisions[^1].Input : 0, 1));
    }

    public ValueTask AppendInputsAsync(IReadOnlyList<InputRecord> inputs, CancellationToken cancel)
    {
        var copy = inputs.ToList();
        return Write(() =>
        {
            foreach (var scope in copy.GroupBy(i => i.Scope))
                if (scope.First().Number != Of(scope.Key).Inputs.Count + 1)
                    throw new WrongNumberException($"scope {scope.Key}: {scope.First().Number} does not come behind {Of(scope.Key).Inputs.Count}");
            foreach (var input in copy) Of(input.Scope).Inputs.Add(input);
        });
    }

    public IAsyncEnumerable<InputRecord> ReadInputsAsync(int scope, long from, CancellationToken cancel) => ReadAsync(Of(scope).Inputs, from, cancel);

    public ValueTask AppendDecisionsAsync(int scope, long expected, IReadOnlyList<DecisionRecord> decisions, CancellationToken cancel)
    {
        var copy = decisions.ToList();
        return Write(() =>
        {
            if (Of(scope).Decisions.Count != expected)
                throw new WrongNumberException($"scope {scope}: the last decision is {Of(scope).Decisions.Count}, not {expected}");
            Of(scope).Decisions.AddRange(copy);
        });
    }

    public IAsyncEnumerable<DecisionRecord> ReadDecisionsAsync(int scope, long from, CancellationToken cancel) => ReadAsync(Of(scope).Decisions, from, cancel);

    public ValueTask AppendOutcomesAsync(IReadOnlyList<OutcomeRecord> records, CancellationToken cancel)
    {
        var copy = records.ToList();
        return Write(() => outcomes.AddRange(copy));
    }

    public IAsyncEnumerable<NumberedOutcome> ReadOutcomesAsync(long from, CancellationToken cancel) =>
        ReadAsync(outcomes, from, cancel).Select((outcome, place) => new NumberedOutcome(from + place, outcome));

    /// <summary>Outcomes behind those that a follower has had.</summary>
    public IEnumerable<OutcomeRecord> OutcomesFrom(int seen) => outcomes.Skip(seen);

    public ValueTask SaveSnapshotAsync(int scope, SnapshotRecord snapshot, CancellationToken cancel)
    {
        var copy = snapshot with { Data = snapshot.Data.ToArray() };
        return Write(() => Of(scope).Snapshots[copy.Name] = copy);
    }

    public ValueTask<SnapshotRecord?> LoadSnapshotAsync(int scope, string name, CancellationToken cancel)
    {
        Arrive();
        return new(Of(scope).Snapshots.GetValueOrDefault(name));
    }

    public IAsyncEnumerable<DecisionRecord> FollowDecisionsAsync(int scope, long from, CancellationToken cancel) => throw new NotSupportedException();

    public IAsyncEnumerable<NumberedOutcome> FollowOutcomesAsync(long from, CancellationToken cancel) => throw new NotSupportedException();

    public IAsyncEnumerable<DecisionRecord> ReadIncidentAsync(int scope, string incident, CancellationToken cancel) => throw new NotSupportedException();

    public IAsyncEnumerable<KeyRecord> ReadKeysAsync(DateTimeOffset since, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<int> TrimAsync(DateTimeOffset inputsBefore, DateTimeOffset decisionsBefore, long? maxBytes, CancellationToken cancel) =>
        throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Scope Of(int scope) => scopes[scope - 1];

    private ValueTask Write(Action write)
    {
        Arrive();
        switch (site.Fault(10) ? site.Random.Next(7) : -1)
        {
            case 0: throw new IOException("the store did not answer");
            case 1: throw new StoreFullException("the store has no room");
            case 2: throw new KilledException();
            case 3: underWay.Add(write); throw new IOException("the store did not answer in time");
            case 4: underWay.Add(write); throw new KilledException();
            case 5: write(); throw new KilledException();
            case 6: write(); throw new IOException("the connection broke");
            default: write(); return default;
        }
    }

    /// <summary>What is under way may arrive at any moment, or never.</summary>
    private void Arrive()
    {
        while (underWay.Count > 0 && site.Maybe(3))
        {
            var write = site.One(underWay);
            underWay.Remove(write);
            if (site.Maybe(4)) continue;
            try
            {
                write();
            }
            catch (WrongNumberException)
            {
                // Too late: others have written since.
            }
        }
    }

    private async IAsyncEnumerable<T> ReadAsync<T>(List<T> all, long from, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (site.Fault(400)) throw new KilledException();
        for (var i = (int)from - 1; ; i++)
        {
            Arrive();
            if (i >= all.Count) yield break;
            yield return all[i];
            await Task.CompletedTask;
        }
    }
}
