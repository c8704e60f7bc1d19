using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>Where the number of one identity has been and where it goes: its steady way up or down, and the range of all it was.</summary>
/// <remarks>
/// A statistic, kept only for identities whose number changes. A way goes on until it turns back by a quarter of its height or by four times the noise,
/// whichever is more (a hysteresis as in a cumulative sum: Page, "Continuous Inspection Schemes", Biometrika 1954). It creeps when it made five steps or
/// more in eight observations or more, none of them more than half of it, and is twelve times the noise high, one and a half times as high as any way before it, and
/// 3 % of where it began. That a sawtooth or a day's wave does the same again is no news for that reason. Noise: twice the smaller of the mean rise and the
/// mean fall from one observation to the next, exponentially weighted by a tenth; of what goes one way it is none.
/// On its first day a slow way may be the wave of the day itself, and is said only where it nears its limit.
/// </remarks>
internal struct Drift
{
    private const int Steps = 5, Observations = 8;
    private const double Beyond = 1.5, TurnsBack = 0.25, TurnsBackInNoise = 4, AboveNoise = 12, OneStep = 0.5, Relative = 0.03, Weight = 0.1;

    private const double Hour = 3600_000, Day = 24 * Hour;

    /// <summary>Of itself an hour: a wave between 30 and 70 a day goes at most at 0.114 (its slope, pi/24 of its height, over where it is).</summary>
    private const double FasterThanADay = 0.12;

    /// <summary>Three quarters of its limit, and the rest within half a day at its pace.</summary>
    private const double NearLimit = 0.75, SoonMs = Day / 2;

    /// <summary>How far out of its range one number is, and the mean of a dozen, which is steadier: in parts of the range.</summary>
    private const double OneBeyond = 0.25, DozenBeyond = 0.5;
    private const int Dozen = 12, FewDozens = 20;

    /// <summary>A way in one direction.</summary>
    public struct Way
    {
        public double From, To, LongestStep, Named;
        public long Since;
        public int Made, Seen;
    }

    public Way Up, Down;
    public double Last, Rises, Falls, Highest, Sum;
    public int Summed;
    public long FirstAt;

    /// <summary>Where each number was, and where the mean of each dozen.</summary>
    public Range Each, Dozens;

    /// <summary>The means began at none, and are that much too low at first.</summary>
    private readonly double Noise => 2 * Math.Min(Rises, Falls) / (Each.Count > 50 ? 1 : 1 - Math.Pow(1 - Weight, Each.Count));

    public static Drift Begin(double value, long at) => new()
    {
        Up = Start(value, at), Down = Start(value, at), Last = value, Sum = value, Summed = 1, FirstAt = at, Each = default(Range).With(value, at),
    };

    /// <summary>Takes the next number; true with what is to be said where it makes the way a creep.</summary>
    /// <param name="of">The alert that says it: it may say a limit.</param>
    public bool Add(double value, long at, Alert of, out Creep creep)
    {
        creep = default;
        var (rises, falls) = (Go(ref Up, value, at, 1, of), Go(ref Down, value, at, -1, of));
        if (rises) creep = new(Up.From, value, Up.Since);
        else if (falls) creep = new(Down.From, value, Down.Since);
        Rises += Weight * (Math.Max(0, value - Last) - Rises);
        Falls += Weight * (Math.Max(0, Last - value) - Falls);
        Last = value;
        Each = Each.With(value, at);
        Sum += value;
        if (++Summed == Dozen) (Dozens, Sum, Summed) = (Dozens.With(Sum / Dozen, at), 0, 0);
        return rises || falls;
    }

    /// <summary>
    /// True where the number, or the mean of the dozen that it completes, leaves the range of all that was in two days or more, so that the wave of the day is in it.
    /// </summary>
    public readonly bool Leaves(double value, long at, out Departure departure)
    {
        departure = default;
        if (at - FirstAt < 2 * Day) return false;
        departure = new(value, Each, false);
        if (Each.IsLeftBy(value, OneBeyond, Relative)) return true;
        if (Summed + 1 < Dozen || Dozens.Count < FewDozens) return false;
        departure = new((Sum + value) / Dozen, Dozens, true);
        return Dozens.IsLeftBy(departure.Value, DozenBeyond, Relative);
    }

    private bool Go(ref Way way, double value, long at, int sign, Alert of)
    {
        var (height, x) = (sign * (way.To - way.From), sign * (value - way.To));
        way.Seen++;
        if (x > 0)
        {
            way.LongestStep = Math.Max(way.LongestStep, x);
            (way.To, way.Made) = (value, way.Made + 1);
            height += x;
            var creeps = way.Made >= Steps && way.Seen >= Observations && height >= Beyond * Highest && height >= AboveNoise * Noise
                && way.LongestStep <= OneStep * height && height >= Relative * Math.Abs(way.From);
            // Once, and again when it has gone as far again.
            if (!creeps || height < 2 * way.Named || (at - FirstAt < Day && MayBeTheDay(way, height - (Noise > 0 ? Math.Max(2 * Noise, way.LongestStep) : 0), at, sign, of))) return false;
            way.Named = height;
            return true;
        }
        if (-x > Math.Max(TurnsBack * height, TurnsBackInNoise * Noise))
        {
            if (way.Made >= 2) Highest = Math.Max(Highest, height);
            way = Start(value, at);
        }
        // It goes lower before it has gone anywhere: the way begins there.
        else if (sign * (value - way.From) < 0) (way.From, way.Since) = (value, at);
        return false;
    }

    /// <param name="height">Less the noise, which is at its most extreme at either end.</param>
    private static bool MayBeTheDay(in Way way, double height, long at, int sign, Alert of)
    {
        var perMs = height / Math.Max(1, at - way.Since);
        if (perMs * Hour >= FasterThanADay * Math.Abs(way.From + way.To) / 2) return false;
        return sign < 0 || Creeping.LimitOf(of) is not { } limit || way.To < NearLimit * limit || limit - way.To > perMs * SoonMs;
    }

    private static Way Start(double value, long at) => new() { From = value, To = value, Since = at, Seen = 1 };
}

/// <param name="Since">When the way began, in Unix milliseconds.</param>
internal readonly record struct Creep(double From, double To, long Since);

/// <summary>From where to where numbers were. What was long ago counts less: the range shrinks by half in two weeks.</summary>
/// <remarks>Two weeks are the shortest for which what comes once a week, with a margin, is still in the range a week later.</remarks>
internal readonly record struct Range(double Min, double Max, long At, int Count)
{
    private const double HalfLifeMs = 14 * 24 * 3600_000.0;

    public Range With(double value, long at)
    {
        if (Count == 0) return new(value, value, at, 1);
        var (middle, kept) = ((Min + Max) / 2, Math.Pow(2, -(at - At) / HalfLifeMs));
        return new(Math.Min(value, middle + ((Min - middle) * kept)), Math.Max(value, middle + ((Max - middle) * kept)), at, Count == int.MaxValue ? Count : Count + 1);
    }

    /// <summary>True where a value is outside by more than so much of the range, and of the end that it passed.</summary>
    public bool IsLeftBy(double value, double ofRange, double ofEnd)
    {
        var by = Math.Max(value - Max, Min - value);
        return Max > Min && by > ofRange * (Max - Min) && by > ofEnd * Math.Abs(value > Max ? Max : Min);
    }

    /// <summary>A number as precise as the range is worth: to a hundredth of its power of ten.</summary>
    public double Rounded(double value)
    {
        var step = Math.Pow(10, Math.Floor(Math.Log10(Max - Min)) - 2);
        return step > 0 && double.IsFinite(value / step) ? Math.Round(value / step) * step : value;
    }
}

/// <summary>A number that left a range.</summary>
/// <param name="IsMean">It is the mean of a dozen.</param>
internal readonly record struct Departure(double Value, Range From, bool IsMean);

/// <summary>A drift that some identities have and most do not.</summary>
internal sealed class DriftOf(Drift drift)
{
    public Drift Drift = drift;
}
