using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>It is back without what came with it each time before: the one that stays away is what is new about it.</summary>
internal sealed class Alone : ReasonRule
{
    /// <summary>So often before, and never without.</summary>
    private const int Least = 5;

    public override Reason Reason => Reason.RateShift;

    public override long DueOf(World world, IdentityState identity)
    {
        if (!identity.IsFiring || identity.Companions is null || identity.Episodes.Ever <= Least || identity.Name.TellsEnds) return Clock.Never;
        if (identity is not { Incident.IsOpen: true, SilencedBy: null } || identity.SurfacedAt >= identity.Episodes.CountedAt) return Clock.Never;
        var due = identity.Episodes.CountedAt + Companions.WithinMs + 1 + world.State.BlindSince(identity.Episodes.CountedAt);
        // Whoever looks later, after a restart for one, finds it no later than that: a companion that came in time is noted whenever it is looked at.
        return identity.Companions.Missing(identity.Episodes.Ever) is { } missing && !JustSaid(world, missing, due) ? due : Clock.Never;
    }

    /// <summary>That the two came apart is said once, of the one that came first.</summary>
    private static bool JustSaid(World world, Fingerprint missing, long at) =>
        world.State.Identities.TryGetValue(missing, out var other) && other.SurfacedAt >= 0 && at - other.SurfacedAt < world.Rules.Surface.Episode.Ms();

    public override void OnDue(World world, IdentityState identity)
    {
        var missing = identity.Companions!.Missing(identity.Episodes.Ever)!.Value;
        var other = world.State.Identities.TryGetValue(missing, out var known) ? Say.Name(known.Labels) : "one that is forgotten";
        world.Surface(identity.Incident!, identity, Rarity.Capped(world, new(Reason, 0.6,
            $"came without {other}, which came with it each of the {identity.Episodes.Ever - 1} times before", Urgent: false)), identity.BegunBy.Alert, input: identity.BegunBy.Input);
    }
}
