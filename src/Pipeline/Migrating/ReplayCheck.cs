using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Pipeline.Config;
using Pipeline.Hosting;

namespace Pipeline.Migrating;

/// <summary>Decides a log's inputs again with a fresh decider and compares the decisions with the recorded ones.</summary>
internal static class ReplayCheck
{
    /// <summary>Why it cannot be done; null where it can. A log without its beginning lacks what later decisions came from.</summary>
    public static async Task<string?> ObstacleAsync(ILog log, IReadOnlyList<ScopeExtent> scopes, CancellationToken cancel)
    {
        foreach (var scope in scopes)
        {
            if (!scope.IsWhole) return $"the oldest days of scope {scope.Name} are dropped";
            if (await log.LoadSnapshotAsync(scope.Number, Recovery.SnapshotName, cancel) is { } snapshot && snapshot.Writer != Decider.SnapshotForm)
                return $"scope {scope.Name} was decided by another release ({snapshot.Writer}, this one is {Decider.SnapshotForm})";
        }
        return null;
    }

    /// <summary>The first difference in words; null for none.</summary>
    public static async Task<string?> DifferenceAsync(ILog log, ScopeExtent scope, Settings settings, Action<long>? each, CancellationToken cancel)
    {
        var (decider, reader) = (new Decider(scope.Name, RuleSet.Default, Topology.None), new InputReader(scope.Name, settings.Limits));
        await using var decisions = log.ReadDecisionsAsync(scope.Number, 1, cancel).GetAsyncEnumerator(cancel);
        var more = await decisions.MoveNextAsync();
        await foreach (var record in scope.ReadInputsAsync(log, 1, cancel))
        {
            if (record.Number > scope.Position.LastDecided) break;
            var recorded = new List<DecisionRecord>();
            for (; more && decisions.Current.Input == record.Number; more = await decisions.MoveNextAsync()) recorded.Add(decisions.Current);
            var aside = recorded.Select(DecisionCodec.Read).OfType<Decision.InputSetAside>().FirstOrDefault();
            var input = reader.Read(record);
            var again = aside is null ? decider.Decide(input) : decider.SetAside(input, aside.Error);
            var first = again.Select((d, at) => DecisionCodec.Write(d, 0, record.Number)).Zip(recorded).FirstOrDefault(pair => !Same(pair.First, pair.Second));
            if (again.Count != recorded.Count || first.First is not null)
                return $"scope {scope.Name}, input {record.Number}: {recorded.Count} decisions are recorded and {again.Count} are made again"
                    + (first.First is null ? "" : $"; decision {first.Second.Version} ({first.Second.Type}) is not the same");
            if (record.Number % 1000 == 0) each?.Invoke(record.Number);
        }
        return more ? $"scope {scope.Name}: decision {decisions.Current.Version} belongs to no input in the log" : null;
    }

    private static bool Same(DecisionRecord a, DecisionRecord b) => a.Type == b.Type && a.Incident == b.Incident && a.At == b.At && a.Data.Span.SequenceEqual(b.Data.Span);
}
