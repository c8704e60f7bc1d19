using System.Runtime.CompilerServices;

namespace Dedupe.Surfacing;

/// <summary>How regularly an identity is re-sent: the last eight gaps between firing observations, in milliseconds.</summary>
internal struct Habit
{
    public const int Size = 8;

    [InlineArray(Size)]
    private struct Gaps
    {
        private int first;
    }

    /// <summary>For how long it has kept time: gaps in a row none of which was under half or over twice the one before, in milliseconds.</summary>
    public long KeptMs { get; private set; }

    // In an order that wastes no room: small ones last and together.
    private Gaps gaps;
    private byte count;
    private byte next;

    /// <summary>It has not always kept time.</summary>
    public bool Broken { get; private set; }

    public readonly int Count => count;

    public void Add(long gapMs)
    {
        var last = count == 0 ? gapMs : gaps[(next + Size - 1) % Size];
        if (gapMs * 2 >= last && gapMs <= last * 2L) KeptMs += gapMs;
        else (KeptMs, Broken) = (gapMs, true);
        gaps[next] = (int)Math.Min(gapMs, int.MaxValue);
        next = (byte)((next + 1) % Size);
        if (count < Size) count++;
    }

    public void Clear()
    {
        count = next = 0;
        KeptMs = 0;
        Broken = false;
    }

    /// <summary>The median gap, and whether these are re-sends at all: none under half or over twice the median.</summary>
    /// <remarks>An observation that comes when it likes has no habit to break; a re-send keeps time.</remarks>
    public readonly (int MedianMs, bool Regular) Read()
    {
        if (count == 0) return (0, false);
        Span<int> sorted = stackalloc int[Size];
        for (var i = 0; i < count; i++) sorted[i] = gaps[i];
        sorted = sorted[..count];
        sorted.Sort();
        var median = sorted[count / 2];
        return (median, sorted[0] * 2L >= median && sorted[^1] <= median * 2L);
    }

    /// <summary>It keeps time now, whatever it did: of its last eight gaps none is longer than another by more than half.</summary>
    /// <remarks>What comes at random has eight such gaps in a row once in 100,000 times, and none under half or over twice the median once in 250.</remarks>
    public readonly bool IsSteady()
    {
        if (count < Size) return false;
        var (least, most) = (int.MaxValue, 0);
        for (var i = 0; i < Size; i++) (least, most) = (Math.Min(least, gaps[i]), Math.Max(most, gaps[i]));
        return most <= 1.5 * least;
    }

    /// <summary>The gaps, oldest first, for a snapshot.</summary>
    public readonly int[] ToArray()
    {
        var all = new int[count];
        for (var i = 0; i < count; i++) all[i] = gaps[(next - count + i + Size) % Size];
        return all;
    }

    public static Habit From(ReadOnlySpan<int> oldestFirst, long keptMs, bool broken)
    {
        var habit = new Habit();
        foreach (var gap in oldestFirst) habit.Add(gap);
        (habit.KeptMs, habit.Broken) = (keptMs, broken);
        return habit;
    }
}
