using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>Resolved, then firing again inside the incident, or within the time in which it re-opens.</summary>
internal sealed class Refired : ReasonRule
{
    public override Reason Reason => Reason.Refired;

    public override Verdict? OnReturn(World world, IdentityState identity, Alert alert, IncidentState incident)
    {
        var ended = identity.Phase == Phase.Resolved;
        // Unheard and heard again is no news, unless people were told that all was over.
        if (!ended && incident.IsOpen) return null;
        var why = ended ? $"firing again {Say.Span(world.Now - identity.EndedAt)} after it ended"
            : $"heard again {Say.Span(world.Now - incident.ClosedAt)} after the incident was closed";
        var worse = alert.Severity == Severity.Critical && alert.Severity.IsRiseFrom(identity.Severity);
        return Rarity.Capped(world, new(Reason, worse ? 0.8 : 0.6, why, Urgent: worse || !incident.IsOpen) { Was = worse ? identity.Severity : null });
    }
}
