using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>It comes much faster than it ever did: a burst beyond the identity's own record, said once a burst.</summary>
internal sealed class RateShift : ReasonRule
{
    private const long JustNow = 60_000;

    public override Reason Reason => Reason.RateShift;

    public override Verdict? OnFiring(World world, IdentityState identity, Alert alert)
    {
        // Its first episode sets the record; there is nothing to compare it with.
        if (identity.Episodes.Ever < 2 || identity.Name.TellsEnds) return null;
        // That it is here was said just now; how fast it comes adds nothing to that.
        if (identity.SurfacedAt >= 0 && world.Now - identity.SurfacedAt < JustNow) return null;
        if (!identity.Burst.Breaks(world.Now, out var count, out var record)) return null;
        return Rarity.Capped(world, new(Reason, 0.55, string.Create(CultureInfo.InvariantCulture,
            $"{count} in {Burst.WindowMs / 1000} s; the most before was {record}"), Urgent: false));
    }
}

/// <summary>How many observations came within ten seconds, now and at most before the present episode.</summary>
internal struct Burst
{
    public const int WindowMs = 10_000;
    private const int Least = 20;
    private const double Beyond = 5;

    public long WindowFrom;
    public int InWindow;

    /// <summary>The most in one window in episodes that are over.</summary>
    public int Record;

    /// <summary>The most in one window of the present episode.</summary>
    public int Now;

    /// <summary>True for the one observation that takes the present episode past its record.</summary>
    public readonly bool Breaks(long at, out int count, out int record)
    {
        count = at - WindowFrom < WindowMs ? InWindow + 1 : 1;
        record = Record;
        var bound = Math.Max(Least, (int)Math.Ceiling(Record * Beyond));
        return count >= bound && Now < bound;
    }

    public void Add(long at, bool newEpisode)
    {
        if (newEpisode)
        {
            Record = Math.Max(Record, Now);
            Now = 0;
        }
        if (at - WindowFrom >= WindowMs) (WindowFrom, InWindow) = (at, 0);
        Now = Math.Max(Now, ++InWindow);
    }
}
