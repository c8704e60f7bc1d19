using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>It comes and goes: said once, its later transitions are only recorded.</summary>
internal sealed class Flapping : ReasonRule
{
    /// <summary>Without a change of state for three times as long as a state used to last it has stopped flapping; at most for this long.</summary>
    private const long CalmAtMost = 15 * 60_000;

    public override Reason Reason => Reason.Flapping;

    public override Verdict? OnReturn(World world, IdentityState identity, Alert alert, IncidentState incident)
    {
        // Once it was said and the incident has ended all the same, what opens that again is told as that.
        if (identity.Phase != Phase.Resolved || (identity.FlapSaid && !incident.IsOpen)) return null;
        var percent = identity.Flaps.PercentWith(firing: true, world.Now);
        if (percent < (identity.FlapSaid ? FlapHistory.Low : FlapHistory.High)) return null;
        return Rarity.Capped(world, new(Reason, 0.4,
            string.Create(CultureInfo.InvariantCulture, $"changes state {percent:0} % of the time; said once, further changes are only recorded"), Urgent: !incident.IsOpen));
    }

    /// <summary>True while it is said to flap and has not calmed down.</summary>
    public static bool IsOn(IdentityState identity, long now) =>
        identity.FlapSaid && now < CalmAt(identity) && identity.Flaps.Percent() >= FlapHistory.Low;

    /// <summary>When a flapping member will have calmed down at the latest.</summary>
    public static long CalmAt(IdentityState identity) => identity.Flaps.ChangedAt + Math.Min(3 * identity.Flaps.LastsMs, CalmAtMost);
}
