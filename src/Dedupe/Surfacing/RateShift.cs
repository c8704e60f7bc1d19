using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>It comes much faster than it did: a burst beyond the identity's own record, or more in an hour than such hours held. Said once a burst, and once an hour.</summary>
internal sealed class RateShift : ReasonRule
{
    private const long JustNow = 60_000;

    public override Reason Reason => Reason.RateShift;

    public override Verdict? OnFiring(World world, IdentityState identity, Alert alert)
    {
        if (identity.Name.TellsEnds) return null;
        // That it is here was said just now; how fast it comes adds nothing to that.
        if (identity.SurfacedAt >= 0 && world.Now - identity.SurfacedAt < JustNow) return null;
        // Its first stretch sets the record; there is nothing to compare it with.
        if (identity.Burst.Record > 0 && identity.Burst.Breaks(world.Now, out var count, out var record))
            return Said(world, $"{count} in {Burst.WindowMs / 1000} s; the most before was {record}");
        if (identity.Rate.Breaks(world.Now, identity.FirstSeen, identity.RateSaidAt, out count, out record) && !IsSentAgain(identity, alert))
            return Said(world, $"{count} within this hour; at this time of day it was {record} at most");
        return null;
    }

    /// <summary>It keeps time: how often it comes is how long it fires. A line of a log is never the same line again.</summary>
    private static bool IsSentAgain(IdentityState identity, Alert alert) =>
        alert.LogMessage is null && identity.Habit is { Count: Habit.Size } habit && habit.Read().Regular;

    private Verdict Said(World world, string why) => Rarity.Capped(world, new(Reason, 0.55, why, Urgent: false));
}

/// <summary>How many observations came within ten seconds, now and at most before the present stretch: an episode, or as long of what never pauses as makes an episode.</summary>
internal struct Burst
{
    public const int WindowMs = 10_000;
    private const int Least = 20;
    private const double Beyond = 5;

    public long WindowFrom;
    public int InWindow;

    /// <summary>When the present stretch began, in Unix seconds: four bytes of each identity.</summary>
    public uint StretchFrom;

    /// <summary>The most in one window in stretches that are over; 0 before the first is.</summary>
    public int Record;

    /// <summary>The most in one window that is over, of the present stretch.</summary>
    public int Now;

    /// <summary>True for the one observation that takes the present stretch past its record.</summary>
    public readonly bool Breaks(long at, out int count, out int record)
    {
        count = at - WindowFrom < WindowMs ? InWindow + 1 : 1;
        record = Record;
        var bound = Math.Max(Least, (int)Math.Ceiling(Record * Beyond));
        return count >= bound && Math.Max(Now, InWindow) < bound;
    }

    /// <param name="episodeMs">What never pauses for so long has no other record than what it was before.</param>
    public void Add(long at, bool newEpisode, long episodeMs)
    {
        if (at - WindowFrom >= WindowMs)
        {
            Now = Math.Max(Now, InWindow);
            (WindowFrom, InWindow) = (at, 0);
        }
        if (newEpisode || at - (StretchFrom * 1000L) >= episodeMs)
        {
            // Of a burst that begins as the stretch ends nothing is in the record yet.
            (StretchFrom, Record, Now) = ((uint)(at / 1000), Math.Max(Record, Now), 0);
        }
        InWindow++;
    }
}
