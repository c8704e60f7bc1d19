using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Projections;

namespace Pipeline.Tests.Simulation;

/// <summary>A process that answers queries: follows every scope's decisions and the outcomes, side by side, from the log's beginning.</summary>
internal sealed class ProjectNode(Site site, string name) : IActor
{
    private readonly Dictionary<int, long> folded = [];
    private int outcomes;

    public string Name => name;

    public Views Views { get; private set; } = new();

    /// <summary>An incident that it knows of.</summary>
    public (int Scope, IncidentId Incident)? SomeIncident { get; private set; }

    public Task<bool> StepAsync() =>
        site.AnyAsync(Site.Scopes.Count + 1, async scope => scope > 0 ? await FollowAsync(scope) : FollowOutcomes());

    public void Crash()
    {
        (Views, outcomes, SomeIncident) = (new(), 0, null);
        folded.Clear();
    }

    private bool FollowOutcomes()
    {
        var some = site.Log.OutcomesFrom(outcomes).Take(3).ToList();
        foreach (var outcome in some) Views.Fold(outcome);
        outcomes += some.Count;
        return some.Count > 0;
    }

    private async Task<bool> FollowAsync(int scope)
    {
        if ((await site.Log.ScopesAsync(CancellationToken.None)).Count < scope) return false;
        var (from, left) = (folded.GetValueOrDefault(scope) + 1, site.Random.Next(1, 12));
        // The connection broke, and it goes on where it was: behind the last one that it folded.
        if (site.Planted == Planted.FoldsTwice && from > 1 && site.Fault(20)) from--;
        await foreach (var record in site.Log.ReadDecisionsAsync(scope, from, CancellationToken.None))
        {
            var decision = DecisionCodec.Read(record);
            Views.Fold(scope, record, decision);
            folded[scope] = record.Version;
            if (decision is Decision.IncidentOpened opened) SomeIncident = (scope, opened.Incident);
            if (--left == 0) break;
        }
        return folded.GetValueOrDefault(scope) >= from;
    }
}
