using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>It got worse: a higher severity of something that fires.</summary>
internal sealed class SeverityRose : ReasonRule
{
    public override Reason Reason => Reason.SeverityRose;

    public override Verdict? OnFiring(World world, IdentityState identity, Alert alert)
    {
        if (!alert.Severity.IsRiseFrom(identity.Severity)) return null;
        var after = Say.Span(world.Now - identity.Began);
        return Rarity.Capped(world, new(Reason, alert.Severity == Severity.Critical ? 0.9 : 0.75,
            $"was {identity.Severity.Word()} for {after}", alert.Severity == Severity.Critical) { Was = identity.Severity });
    }
}
