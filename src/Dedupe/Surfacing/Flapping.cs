using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>It comes and goes, within minutes or several times a week: said once, its later transitions are only recorded.</summary>
internal sealed class Flapping : ReasonRule
{
    /// <summary>Without a change of state for three times as long as a state used to last it has stopped flapping; at most for this long.</summary>
    private const long CalmAtMost = 2 * 24 * 3600_000L;

    /// <summary>Some four times in a week: each end and each beginning of its own would be a page that says nothing new.</summary>
    private const double Often = 3.5;

    public override Reason Reason => Reason.Flapping;

    public override Verdict? OnReturn(World world, IdentityState identity, Alert alert, IncidentState incident)
    {
        // Once it was said and the incident has ended all the same, what opens that again is told as that.
        if (identity.Phase != Phase.Resolved || (identity.FlapSaid && !incident.IsOpen)) return null;
        return Judge(world, identity, identity.FlapSaid ? FlapFormula.Low : FlapFormula.High, urgent: !incident.IsOpen);
    }

    /// <summary>Its last incident is over for long, and yet this is how it goes on.</summary>
    public override Verdict? OnJoin(World world, IdentityState identity, Alert alert, IncidentState incident) =>
        identity.Phase == Phase.Resolved ? Judge(world, identity, FlapFormula.High, urgent: false) : null;

    /// <summary>The same where it joins nothing: what it opens is said to flap, instead of once more that it is there.</summary>
    public static Verdict? OnOpening(World world, IdentityState identity) =>
        identity.Phase == Phase.Resolved ? Judge(world, identity, FlapFormula.High, urgent: true) : null;

    /// <summary>The same of a heartbeat that is missing once more.</summary>
    public static Verdict? OnMissing(World world, IdentityState identity, IncidentState incident)
    {
        if (identity.Phase != Phase.Resolved || (identity.FlapSaid && !incident.IsOpen)) return null;
        return Judge(world, identity, identity.FlapSaid && identity.Incident == incident ? FlapFormula.Low : FlapFormula.High, urgent: true);
    }

    private static Verdict? Judge(World world, IdentityState identity, double from, bool urgent)
    {
        var percent = identity.Flaps.PercentWith(firing: true, world.Now);
        var begun = identity.Flaps.BegunWith(world.Now);
        if (percent <= from && begun < Often) return null;
        var how = percent > from
            ? string.Create(CultureInfo.InvariantCulture, $"changes state {percent:0} % of the time")
            : string.Create(CultureInfo.InvariantCulture, $"comes and goes, some {Math.Round(begun)} times in a week");
        return Rarity.Capped(world, new(Reason.Flapping, 0.4, $"{how}; said once, further changes are only recorded", urgent));
    }

    /// <summary>True while it is said to flap and has not calmed down.</summary>
    public static bool IsOn(IdentityState identity, long now) => identity.FlapSaid && now < CalmAt(identity);

    /// <summary>When a flapping member that has ended will have calmed down.</summary>
    public static long CalmAt(IdentityState identity) =>
        identity.Flaps.ChangedAt + Math.Min(3 * Math.Max(identity.Flaps.FiresMs, identity.Flaps.EndsMs), CalmAtMost);
}
