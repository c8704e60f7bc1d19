using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>Resolved, then firing again inside the incident, or within the time in which it re-opens.</summary>
internal sealed class Refired : ReasonRule
{
    public override Reason Reason => Reason.Refired;

    public override Verdict? OnReturn(World world, IdentityState identity, Alert alert, IncidentState incident)
    {
        if (identity.Phase != Phase.Resolved) return null;
        var why = $"firing again {Say.Span(world.Now - identity.EndedAt)} after it ended";
        return Rarity.Capped(world, new(Reason, 0.6, why, Urgent: !incident.IsOpen));
    }
}
