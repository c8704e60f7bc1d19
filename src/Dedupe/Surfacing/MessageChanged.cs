using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>It says something else now, numbers aside: once an identity a day.</summary>
internal sealed class MessageChanged : ReasonRule
{
    private const long Day = 24 * 3600_000L;

    public override Reason Reason => Reason.MessageChanged;

    public override Verdict? OnFiring(World world, IdentityState identity, Alert alert)
    {
        if (alert.Summary.Length == 0 || identity.Summary.Length == 0 || alert.LogMessage is not null) return null;
        if (TextMask.Of(alert.Summary, identity) == identity.Mask) return null;
        if (identity.MessageSaidAt >= 0 && world.Now - identity.MessageSaidAt < Day) return null;
        return Rarity.Capped(world, new(Reason, 0.35, $"said before: {Cut(identity.Summary)}", Urgent: false) { Summary = alert.Summary });
    }

    private static string Cut(string text) => text.Length <= 200 ? text : text[..199] + "…";
}
