using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>A component that the incident had not reached yet.</summary>
/// <remarks>One more host with an alert that the incident already has is one more member, not another subsystem.</remarks>
internal sealed class NewSubsystem : ReasonRule
{
    public override Reason Reason => Reason.NewSubsystem;

    public override Verdict? OnJoin(World world, IdentityState identity, Alert alert, IncidentState incident)
    {
        var labels = world.Rules.Group.ComponentLabels;
        if (Topology.ComponentOf(identity.Labels, labels) is not { } component || incident.Components.Contains(component)) return null;
        // Of an incident that reached more components than it remembers nobody can say which one is another.
        if (incident.Components.Count is 0 or IncidentState.MostRemembered) return null;
        var isHost = labels.Count > 0 && identity.Labels["service"] is null && identity.Labels["component"] is null;
        if (isHost && world.Topology.Find(component) is null && (incident.Names.Count >= IncidentState.MostRemembered || incident.Names.Contains(identity.Name.Name))) return null;
        var (rank, why, _) = Rarity.Of(world, identity);
        return Rarity.Capped(world, new(Reason, Math.Max(rank, 0.85), $"first alert of {component} in this incident; {why}", Urgent: true));
    }
}
