using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>Something not yet in the incident, or back after a quiet that is long for it.</summary>
internal sealed class NewAlert : ReasonRule
{
    public override Reason Reason => Reason.NewAlert;

    public override Verdict? OnJoin(World world, IdentityState identity, Alert alert, IncidentState incident)
    {
        var (rank, why, rare) = Rarity.Of(world, identity);
        return new(Reason, rank, why, rare);
    }

    public override Verdict? OnFiring(World world, IdentityState identity, Alert alert) => Returns(world, identity);

    public override Verdict? OnReturn(World world, IdentityState identity, Alert alert, IncidentState incident) =>
        identity.Phase == Phase.Expired ? Returns(world, identity) : null;

    private Verdict? Returns(World world, IdentityState identity)
    {
        if (!Rarity.IsRareReturn(world, identity)) return null;
        var (rank, why, rare) = Rarity.Of(world, identity);
        return new(Reason, rank, why, rare);
    }
}
