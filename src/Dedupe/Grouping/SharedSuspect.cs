using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Grouping;

/// <summary>One change went to several services: what fails in another of them is part of the incident in which it is suspected.</summary>
internal static class SharedSuspect
{
    /// <summary>Less likely suspects relate nothing.</summary>
    private const double Likely = 0.5;

    public static (IncidentState Incident, string Because)? Find(World world, LabelSet labels, Func<IncidentState, bool> skip)
    {
        if (world.State.Changes.Count == 0 || Topology.ComponentOf(labels, world.Rules.Group.ComponentLabels) is not { } own) return null;
        for (var i = world.State.Changes.Count - 1; i >= 0; i--)
        {
            var change = world.State.Changes[i].Change;
            if (change.Services.Count < 2 || !change.Services.Contains(own)) continue;
            var incident = world.State.Incidents.Values
                .Where(open => open.IsOpen && !skip(open) && world.State.Index.IsActive(open, world.Now) && open.Suspects.Any(s => s.Change == change.Id && s.Score >= Likely))
                .MaxBy(open => open.Order);
            if (incident is not null) return (incident, $"joined: the {change.Kind} {change.Id}, suspected here, went to {own} too");
        }
        return null;
    }
}
