using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>What was said to come and go has come and does not go: this time it is meant.</summary>
internal sealed class Stays : ReasonRule
{
    private const long Least = 5 * 60_000;

    public override Reason Reason => Reason.StillFiring;

    public override long DueOf(World world, IdentityState identity) =>
        identity is { IsFiring: true, FlapSaid: true, Silent: false, SilencedBy: null, Incident.IsOpen: true }
            ? identity.Flaps.ChangedAt + Math.Max(3 * identity.Flaps.FiresMs, Least) + world.State.BlindSince(identity.Flaps.ChangedAt)
            : Clock.Never;

    public override void OnDue(World world, IdentityState identity)
    {
        var usual = identity.Flaps.FiresMs > 0 ? $"; it used to go after {Say.Span(identity.Flaps.FiresMs)}" : "";
        world.Surface(identity.Incident!, identity, Rarity.Capped(world,
            new(Reason, 0.7, $"it came and went before, and now it stays: firing for {Say.Span(world.Now - identity.Flaps.ChangedAt)}{usual}", Urgent: true)));
    }
}
