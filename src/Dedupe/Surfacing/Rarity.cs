using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>How rare an alert is, by two clocks: this alert on this component, and this alert anywhere.</summary>
internal static class Rarity
{
    /// <summary>Sixteen hours of quiet are long for anything.</summary>
    private const double MostDoublings = 4;

    /// <summary>Never seen, rare, or weekly noise; in words too. Judged before the observation is counted.</summary>
    public static (double Rank, string Why, bool Rare) Of(World world, IdentityState identity)
    {
        var (rank, why, rare) = Known(world, identity);
        return world.HasHistory ? (rank, why, rare) : (Math.Min(rank, 0.5), $"{why}; no history yet", rare);
    }

    /// <summary>Without history nothing is called very surprising.</summary>
    public static Verdict Capped(World world, Verdict verdict) =>
        world.HasHistory ? verdict : verdict with { Rank = Math.Min(verdict.Rank, 0.5), Why = verdict.Why.EndsWith("no history yet", StringComparison.Ordinal) ? verdict.Why : $"{verdict.Why}; no history yet" };

    /// <summary>
    /// Something that never says when it ends is back after a quiet that is long for it: hours for the second time, ever longer for each
    /// further one, and quiet anywhere for an episode's length too.
    /// </summary>
    public static bool IsRareReturn(World world, IdentityState identity)
    {
        if (identity.LastSeen < 0 || identity.Name.TellsEnds) return false;
        var quiet = world.Now - identity.LastSeen;
        if (quiet < world.Rules.Surface.Episode.Ms()) return false;
        var needed = 3600_000.0 * Math.Pow(2, Math.Min(identity.Episodes.At(world.Now), MostDoublings));
        return quiet >= needed && world.Now - identity.Name.LastSeen >= world.Rules.Surface.Episode.Ms();
    }

    private static (double, string, bool) Known(World world, IdentityState identity)
    {
        if (identity.Name.LastSeen < 0) return (0.95, "first time ever", true);
        if (identity.LastSeen < 0)
            return (0.8, $"first time here; elsewhere last {Say.Span(world.Now - identity.Name.LastSeen)} before", true);
        var often = identity.Episodes.At(world.Now);
        var rank = 0.7 / (1 + often);
        return (rank, string.Create(CultureInfo.InvariantCulture,
            $"seen {Say.Count(identity.Episodes.Ever, "time", "times")} before, last {Say.Span(world.Now - identity.LastSeen)} ago"), often < 2.5);
    }
}
