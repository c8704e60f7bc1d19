using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>How rare an alert is, by two clocks: this alert on this component, and this alert anywhere.</summary>
internal static class Rarity
{
    /// <summary>With so many episodes before, an identity's longest quiet says what is usual for it.</summary>
    private const int Habit = 3;

    /// <summary>With fewer episodes lately it is rare.</summary>
    public const double Often = 2.5;

    /// <summary>For so long after it opened people are at an incident, in milliseconds.</summary>
    private const long Young = 15 * 60_000;

    /// <summary>What comes every day or week comes a little late sometimes.</summary>
    private const double Longer = 1.1;

    /// <summary>The name must have been quiet everywhere for this part of the identity's own quiet.</summary>
    private const double Elsewhere = 0.25;

    /// <summary>Never seen, rare, or weekly noise; in words too. Judged before the observation is counted.</summary>
    public static (double Rank, string Why, bool Rare) Of(World world, IdentityState identity)
    {
        var (rank, why, rare) = Known(world, identity);
        return world.HasHistory ? (rank, why, rare) : (Math.Min(rank, 0.5), $"{why}; no history yet", rare);
    }

    /// <summary>
    /// Rare enough to be said at once. What nobody says is bad, in an incident that has been going on for long, is so only where it never was before
    /// and there is a history to say so: detectors that never end anything would else call people out for days. What comes in a crowd of new
    /// alerts rides with the next page: that it spreads was said already.
    /// </summary>
    public static bool IsUrgent(World world, IdentityState identity, Alert alert, IncidentState incident, bool rare) =>
        rare && !incident.NewIn.IsCrowd(world.Now) && (alert.Severity != Severity.Unknown || world.Now - incident.OpenedAt <= Young || (world.HasHistory && identity.Name.LastSeen < 0));

    /// <summary>Without history nothing is called very surprising.</summary>
    public static Verdict Capped(World world, Verdict verdict) =>
        world.HasHistory ? verdict : verdict with { Rank = Math.Min(verdict.Rank, 0.5), Why = verdict.Why.EndsWith("no history yet", StringComparison.Ordinal) ? verdict.Why : $"{verdict.Why}; no history yet" };

    /// <summary>
    /// Something that never says when it ends is back after a quiet that is long for it: <c>surface.return</c> and as much again for each of its
    /// episodes, <c>surface.returnMost</c> at most; longer than any quiet it had; its name quiet everywhere for a good part of that; and not the echo
    /// of another that was just said.
    /// </summary>
    public static bool IsRareReturn(World world, IdentityState identity)
    {
        if (identity.LastSeen < 0 || identity.Name.TellsEnds || !world.HasHistory) return false;
        var rules = world.Rules.Surface;
        var quiet = world.Now - identity.LastSeen;
        if (quiet < rules.Episode.Ms()) return false;
        var needed = Math.Min(rules.ReturnMost.Ms(), rules.Return.Ms() * (identity.Episodes.At(world.Now) + 1));
        return quiet >= needed
            && world.Now - identity.Name.LastSeen >= Math.Max(rules.Episode.Ms(), quiet * Elsewhere)
            && (identity.Episodes.Ever < Habit || quiet >= identity.LongestQuiet * Longer)
            && !IsEcho(world, identity);
    }

    /// <summary>It nearly always begins with another that was said just now: that one is the news.</summary>
    private static bool IsEcho(World world, IdentityState identity)
    {
        if (identity.Companions is not { } companions) return false;
        foreach (var other in world.State.LastBegun.Since(world.Now))
            if (other != identity && world.Now - other.SurfacedAt <= Companions.WithinMs && companions.NearlyAlways(other.Fingerprint, identity.Episodes.Ever)) return true;
        return false;
    }

    private static (double, string, bool) Known(World world, IdentityState identity)
    {
        if (identity.Name.LastSeen < 0) return (0.95, "first time ever", true);
        if (identity.LastSeen < 0)
            return (0.8, $"first time here; elsewhere last {Say.Span(world.Now - identity.Name.LastSeen)} before", true);
        var often = identity.Episodes.At(world.Now);
        var rank = 0.7 / (1 + often);
        return (rank, string.Create(CultureInfo.InvariantCulture,
            $"seen {Say.Count(identity.Episodes.Ever, "time", "times")} before, last {Say.Span(world.Now - identity.LastSeen)} ago"), often < Often);
    }
}
