using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>Something not yet in the incident, or back after a quiet that is long for it.</summary>
internal sealed class NewAlert : ReasonRule
{
    public override Reason Reason => Reason.NewAlert;

    public override Verdict? OnJoin(World world, IdentityState identity, Alert alert, IncidentState incident)
    {
        if (Roaming.Is(world, identity, alert)) return null;
        // What is known and never says when it ends comes and goes: in another incident than last time it is no more news than in the same.
        var comesAndGoes = identity.LastSeen >= 0 && !identity.Name.TellsEnds;
        return comesAndGoes && !Rarity.IsRareReturn(world, identity) ? null : News(world, identity, alert, incident);
    }

    public override Verdict? OnFiring(World world, IdentityState identity, Alert alert) =>
        Rarity.IsRareReturn(world, identity) ? News(world, identity, alert, identity.Incident!) : null;

    public override Verdict? OnReturn(World world, IdentityState identity, Alert alert, IncidentState incident) =>
        identity.Phase == Phase.Expired && Rarity.IsRareReturn(world, identity) ? News(world, identity, alert, incident) : null;

    public static Verdict News(World world, IdentityState identity, Alert alert, IncidentState incident)
    {
        var (rank, why, rare) = Rarity.Of(world, identity);
        return new(Reason.NewAlert, rank, why, Rarity.IsUrgent(world, identity, alert, incident, rare));
    }
}
