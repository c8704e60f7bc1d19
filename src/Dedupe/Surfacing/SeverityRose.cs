using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>It got worse: a higher severity of something that fires.</summary>
internal sealed class SeverityRose : ReasonRule
{
    public override Reason Reason => Reason.SeverityRose;

    public override Verdict? OnFiring(World world, IdentityState identity, Alert alert) => Rise(world, identity, alert);

    /// <summary>Critical now and not before is said even of what flaps or was only unheard.</summary>
    public override Verdict? OnReturn(World world, IdentityState identity, Alert alert, IncidentState incident) =>
        incident.IsOpen && alert.Severity == Severity.Critical && (identity.Phase == Phase.Expired || identity.FlapSaid) ? Rise(world, identity, alert) : null;

    private Verdict? Rise(World world, IdentityState identity, Alert alert)
    {
        if (!alert.Severity.IsRiseFrom(identity.Severity)) return null;
        var after = Say.Span(world.Now - identity.Began);
        return Rarity.Capped(world, new(Reason, alert.Severity == Severity.Critical ? 0.9 : 0.75,
            $"was {identity.Severity.Word()} for {after}", alert.Severity == Severity.Critical) { Was = identity.Severity });
    }
}
