namespace Dedupe.Surfacing;

/// <summary>How many observations came in the present hour (UTC), and the most in one hour at this time of day.</summary>
/// <remarks>
/// A statistic. The most of the same hour of the day and of the two beside it counts, over four to eight weeks, so that neither the wave of a day nor
/// what comes once a week or once a month is news, nor a job that runs a little later or by another clock in summer. 190 bytes, and only for what came so
/// often in an hour that it moves the bound.
/// </remarks>
internal struct HourlyRate
{
    private const long HourMs = 3600_000, HistoryMs = 7 * 24 * HourMs;
    private const double Beyond = 3;

    /// <summary>So many an hour are never many.</summary>
    private const int Few = 7;

    public int Hour;
    public int InHour;

    /// <summary>Null while no hour held so many that the bound depends on it.</summary>
    public HoursOfDay? Most;

    /// <summary>True while this hour is past three times what such hours held; never before it is known for a week, with its nights and its Sunday.</summary>
    /// <param name="most">No more than this in such an hour before.</param>
    /// <param name="saidAt">When that was last said: once an hour.</param>
    public readonly bool Breaks(long at, long firstSeen, long saidAt, out int count, out int most)
    {
        var hour = (int)(at / HourMs);
        count = hour == Hour ? InHour + 1 : 1;
        most = Math.Max(Few, Most?.Around(hour) ?? 0);
        return count >= most * Beyond && at - firstSeen >= HistoryMs && (saidAt < 0 || (int)(saidAt / HourMs) != hour);
    }

    public void Add(long at)
    {
        var hour = (int)(at / HourMs);
        if (hour == Hour)
        {
            InHour++;
            return;
        }
        if (InHour > Few) (Most ??= new()).Add(Hour, InHour);
        (Hour, InHour) = (hour, 1);
    }
}

/// <summary>The most in an hour, for each hour of the day: in the present four weeks and in those before.</summary>
internal sealed class HoursOfDay
{
    public const int Size = 24;
    private const int PeriodHours = 28 * Size;

    /// <summary>Weeks since 1970 by four.</summary>
    public int Period { get; set; }
    public ushort[] Now { get; private set; } = new ushort[Size];
    public ushort[] Before { get; private set; } = new ushort[Size];

    public void Add(int hour, int count)
    {
        Turn(hour / PeriodHours);
        ref var most = ref Now[hour % Size];
        most = (ushort)Math.Clamp(count, most, ushort.MaxValue);
    }

    /// <summary>The most at that hour of the day and in the hours beside it.</summary>
    public int Around(int hour)
    {
        var most = 0;
        // Of weeks that nothing was heard in, what was before is the last that is known.
        for (var beside = hour + Size - 1; beside <= hour + Size + 1; beside++) most = Math.Max(most, Math.Max(Now[beside % Size], Before[beside % Size]));
        return most;
    }

    private void Turn(int period)
    {
        if (period == Period) return;
        (Before, Now) = (Now, Before);
        Array.Clear(Now);
        Period = period;
    }
}
