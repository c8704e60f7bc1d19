using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>Its silence is over and it still fires.</summary>
internal sealed class Unsilenced : ReasonRule
{
    public override Reason Reason => Reason.Unsilenced;

    /// <summary>Looks at what a silence covered when it ends.</summary>
    public static void After(World world, Silence ended)
    {
        foreach (var identity in world.State.Identities.Values.Where(i => i.IsFiring && i.Incident is not null && (i.SilencedBy == ended.Id || ended.Covers(i.Labels, i.Severity)))
                     .OrderBy(i => i.Order).ToList())
            if (Silences.Covering(world, identity.Labels, identity.Severity) is null)
                world.Surface(identity.Incident!, identity, Rarity.Capped(world,
                    new(Reason.Unsilenced, 0.5, $"still firing when the silence \"{ended.Comment}\" of {ended.CreatedBy} ended", Urgent: false)));
    }
}
