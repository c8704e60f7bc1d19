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

    private Gaps gaps;
    private byte count;
    private byte next;

    public readonly int Count => count;

    public void Add(long gapMs)
    {
        gaps[next] = (int)Math.Min(gapMs, int.MaxValue);
        next = (byte)((next + 1) % Size);
        if (count < Size) count++;
    }

    public void Clear() => count = next = 0;

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

    /// <summary>The gaps, oldest first, for a snapshot.</summary>
    public readonly int[] ToArray()
    {
        var all = new int[count];
        for (var i = 0; i < count; i++) all[i] = gaps[(next - count + i + Size) % Size];
        return all;
    }

    public static Habit From(ReadOnlySpan<int> oldestFirst)
    {
        var habit = new Habit();
        foreach (var gap in oldestFirst) habit.Add(gap);
        return habit;
    }
}
