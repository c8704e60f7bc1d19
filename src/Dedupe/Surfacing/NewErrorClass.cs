using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>A log template never seen before.</summary>
internal sealed class NewErrorClass : ReasonRule
{
    public override Reason Reason => Reason.NewErrorClass;

    public override Verdict? OnJoin(World world, IdentityState identity, Alert alert, IncidentState incident) =>
        alert.LogMessage is not null && identity.Observations == 0
            ? Rarity.Capped(world, new(Reason, 0.9, $"no line like it before in {identity.Labels["service"] ?? "this log"}", Urgent: true))
            : null;
}
