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
        {
            var recorded = (await log.ReadDecisionsAsync(scope, 1, CancellationToken.None).ToListAsync()).ToLookup(d => d.Input);
            var position = await log.PositionAsync(scope, CancellationToken.None);
            var (decider, reader) = (new Decider(name, RuleSet.Default, Topology.None), new InputReader(name, new IngestLimits()));
            await foreach (var record in log.ReadInputsAsync(scope, 1, CancellationToken.None))
            {
                if (record.Number > position.LastDecided) break;
                var (live, input) = (recorded[record.Number].ToList(), reader.Read(record));
                var aside = live.Select(DecisionCodec.Read).OfType<Decision.InputSetAside>().FirstOrDefault();
                var again = aside is null ? decider.Decide(input) : decider.SetAside(input, aside.Error);
                Assert.Equal(live.Select(Lived.Line), again.Select(d => Lived.Line(DecisionCodec.Write(d, 0, record.Number))));
                all.AddRange(again.Select(d => (input, d)));
            }
        }
        return all;
    }
}
