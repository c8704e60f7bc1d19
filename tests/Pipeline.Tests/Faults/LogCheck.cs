using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Ingest;
using Pipeline.Hosting;
using Stores.Sqlite;
using Xunit;

namespace Pipeline.Tests.Faults;

/// <summary>What must hold of a log, however the process that wrote it ended.</summary>
internal static class LogCheck
{
    /// <summary>Decides the recorded inputs again with a fresh decider; fails where anything else was decided. What was decided, by input.</summary>
    public static async Task<IReadOnlyList<(Input Input, Decision Decision)>> LiveEqualsReplayAsync(string folder)
    {
        await using var log = await SqliteLog.OpenAsync(folder);
        var all = new List<(Input, Decision)>();
        foreach (var (scope, name) in await log.ScopesAsync(CancellationToken.None))
            Assert.Null(await DifferenceAsync(log, scope, name, (input, decision) => all.Add((input, decision))));
        return all;
    }

    /// <summary>
    /// Decides a scope's recorded inputs again with a fresh decider, those behind the last decision included; null where the same was decided,
    /// else the first difference.
    /// </summary>
    /// <param name="decided">Told of every decision.</param>
    public static async Task<string?> DifferenceAsync(ILog log, int scope, string name, Action<Input, Decision> decided)
    {
        var recorded = (await log.ReadDecisionsAsync(scope, 1, CancellationToken.None).ToListAsync()).ToLookup(d => d.Input);
        var (decider, reader) = (new Decider(name, RuleSet.Default, Topology.None), new InputReader(name, new IngestLimits()));
        await foreach (var record in log.ReadInputsAsync(scope, 1, CancellationToken.None))
        {
            var (live, input) = (recorded[record.Number].ToList(), reader.Read(record));
            var aside = live.Select(DecisionCodec.Read).OfType<Decision.InputSetAside>().FirstOrDefault();
            var again = aside is null ? decider.Decide(input) : decider.SetAside(input, aside.Error);
            var (was, now) = (live.Select(Lived.Line).ToList(), again.Select(d => Lived.Line(DecisionCodec.Write(d, 0, record.Number))).ToList());
            if (!was.SequenceEqual(now)) return Difference($"scope {name}, input {record.Number} ({record.Kind} at {record.At:O})", was, now);
            foreach (var decision in again) decided(input, decision);
        }
        return null;
    }

    private static string Difference(string where, List<string> was, List<string> now)
    {
        var same = was.Zip(now).TakeWhile(p => p.First == p.Second).Count();
        return $"{where}: decided {was.ElementAtOrDefault(same) ?? "nothing more"}, and in the replay {now.ElementAtOrDefault(same) ?? "nothing more"}";
    }
}
