namespace Dedupe.Surfacing;

/// <summary>Where the number of one identity has been and where it goes: its steady way up or down, and the range of all it was.</summary>
/// <remarks>
/// A statistic, kept only for identities whose number changes. A way goes on until it turns back by a quarter of its height or by four times the noise,
/// whichever is more (a hysteresis as in a cumulative sum: Page, "Continuous Inspection Schemes", Biometrika 1954). It creeps when it made five steps or
/// more in eight observations or more, none of them more than half of it, and is twelve times the noise high, one and a half times as high as any way before it, and
/// 3 % of where it began. That a sawtooth or a day's wave does the same again is no news for that reason. Noise: twice the smaller of the mean rise and the
/// mean fall from one observation to the next, exponentially weighted by a tenth; of what goes one way it is none.
/// </remarks>
internal struct Drift
{
    private const int Steps = 5, Observations = 8;
    private const double Beyond = 1.5, TurnsBack = 0.25, TurnsBackInNoise = 4, AboveNoise = 12, OneStep = 0.5, Relative = 0.03, Weight = 0.1;

    /// <summary>Out of range: a tenth of the range beyond all there was in a day or more.</summary>
    private const double OutOfRange = 0.1;
    private const long RangeMs = 24 * 3600_000L;

    /// <summary>A way in one direction.</summary>
    public struct Way
    {
        public double From, To, LongestStep, Named;
        public long Since;
        public int Made, Seen;
    }

    public Way Up, Down;
    public double Last, Rises, Falls, Highest, Min, Max;
    public long FirstAt;

    private readonly double Noise => 2 * Math.Min(Rises, Falls);

    public static Drift Begin(double value, long at) => new()
    {
        Up = Start(value, at), Down = Start(value, at), Last = value, Min = value, Max = value, FirstAt = at,
    };

    /// <summary>Takes the next number; true with what is to be said where it makes the way a creep.</summary>
    public bool Add(double value, long at, out Creep creep)
    {
        creep = default;
        var (rises, falls) = (Go(ref Up, value, at, 1), Go(ref Down, value, at, -1));
        if (rises) creep = new(Up.From, value, Up.Since);
        else if (falls) creep = new(Down.From, value, Down.Since);
        Rises += Weight * (Math.Max(0, value - Last) - Rises);
        Falls += Weight * (Math.Max(0, Last - value) - Falls);
        (Last, Min, Max) = (value, Math.Min(Min, value), Math.Max(Max, value));
        return rises || falls;
    }

    /// <summary>True where the number leaves the range of all that was in a day or more by a tenth of it and by 3 % of itself.</summary>
    public readonly bool Leaves(double value, long at)
    {
        var range = Max - Min;
        if (at - FirstAt < RangeMs || range <= 0) return false;
        var by = Math.Max(value - Max, Min - value);
        return by > OutOfRange * range && by > Relative * Math.Abs(value > Max ? Max : Min);
    }

    private bool Go(ref Way way, double value, long at, int sign)
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
            if (!creeps || height < 2 * way.Named) return false;
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

    private static Way Start(double value, long at) => new() { From = value, To = value, Since = at, Seen = 1 };
}

/// <param name="Since">When the way began, in Unix milliseconds.</param>
internal readonly record struct Creep(double From, double To, long Since);

/// <summary>A drift that some identities have and most do not.</summary>
internal sealed class DriftOf(Drift drift)
{
    public Drift Drift = drift;
}
