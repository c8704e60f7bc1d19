using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>A failure nobody knew of. The alerts of the delivery that opens an incident are one change.</summary>
internal sealed class Opened : ReasonRule
{
    public override Reason Reason => Reason.Opened;

    /// <summary>Says it once for all that the delivery brought.</summary>
    /// <param name="opening">Each with how rare it was before it came.</param>
    public static void Say(World world, IncidentState incident, IReadOnlyList<Opening> opening)
    {
        var worst = opening.MaxBy(o => (o.Identity.Severity.ForPaging(), -o.Identity.Order))!;
        var (rank, why) = (opening.Max(o => o.Rank), worst.Why);
        if (world.State.Preexisting == incident) why = "began before we first listened";
        if (opening.Count > 1) why = string.Create(CultureInfo.InvariantCulture, $"{opening.Count} alerts at once; {why}");
        var all = opening.Select(o => o.Identity).Distinct().ToList();
        world.Surface(incident, worst.Identity, Rarity.Capped(world, new(Reason.Opened, Math.Max(rank, 0.5), why, Urgent: true)
        {
            Severity = worst.Identity.Severity,
            Labels = all.Count > 1 && WentSilent.Shared(all) is { Count: > 0 } shared ? shared : null,
        }), worst.Alert, all);
    }
}

/// <summary>One of the alerts that open an incident.</summary>
/// <param name="Alert">Index in its delivery.</param>
internal sealed record Opening(IdentityState Identity, int Alert, double Rank, string Why);
