using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Pipeline.Hosting;
using Pipeline.Tests.Faults;

namespace Pipeline.Tests.Migrating;

/// <summary>A log of two scopes with everything that a log can hold, from a seed.</summary>
internal static class Recorded
{
    public static async Task FillAsync(ILog log, int seed, int inputs)
    {
        foreach (var (name, offset) in new[] { ("default", 0), ("second", 1000) })
        {
            var scope = await log.ScopeAsync(name, CancellationToken.None);
            var (life, reader, decider) = (new Life(seed + offset), new InputReader(name, new()), new Decider(name, RuleSet.Default, Topology.None));
            var (batch, version) = (new List<InputRecord>(), 0L);
            for (var i = 0; i < inputs; i++)
            {
                var input = life.Next() with { Scope = scope };
                batch.Add(input);
                var read = reader.Read(input);
                var decided = life.SetAside.Contains(input.Number) ? decider.SetAside(read, "the decider failed on it twice") : decider.Decide(read);
                life.Learn(decided);
                await log.AppendInputsAsync([input], CancellationToken.None);
                if (decided.Count == 0) continue;
                await log.AppendDecisionsAsync(scope, version, [.. decided.Select((d, at) => DecisionCodec.Write(d, version + 1 + at, input.Number))], CancellationToken.None);
                foreach (var page in decided.OfType<Decision.PageDecided>())
                    await log.AppendOutcomesAsync([new(page.Page, page.Pager, PageState.Sent, input.At, 1, "200 OK")], CancellationToken.None);
                version += decided.Count;
            }
            await log.SaveSnapshotAsync(scope, new(Recovery.SnapshotName, Decider.SnapshotForm, decider.LastInput, version, decider.Save().ToArray()), CancellationToken.None);
        }
    }
}
