using System.Globalization;

namespace Bench.Storms;

/// <summary>Chance from a seed, the same on every machine and release: SplitMix64 (Steele, Lea, Flood 2014).</summary>
internal sealed class Dice(ulong seed)
{
    private readonly ulong seed = seed;
    private ulong state = seed;

    /// <summary>Dice of their own for one part of a storm, so that a change of that part leaves the others as they are.</summary>
    public Dice For(string part) => new(part.Aggregate(seed ^ 0xcbf29ce484222325, (hash, c) => (hash ^ c) * 0x100000001b3));

    public bool Chance(double probability) => Unit() < probability;

    public double Between(double low, double high) => low + ((high - low) * Unit());

    /// <summary>As likely between 1 and 10 as between 10 and 100: what is known only by its order of magnitude.</summary>
    public double Spread(double low, double high) => low * Math.Pow(high / low, Unit());

    public int Whole(int low, int high) => low + (int)(Next() % (ulong)(high - low + 1));

    public TimeSpan Seconds(double low, double high) => TimeSpan.FromSeconds(Math.Round(Spread(low, high), 3));

    public TimeSpan Minutes(double low, double high) => Seconds(low * 60, high * 60);

    /// <summary>Any moment of a time.</summary>
    public TimeSpan Moment(TimeSpan from, TimeSpan to) => TimeSpan.FromSeconds(Math.Round(Between(from.TotalSeconds, to.TotalSeconds), 3));

    /// <summary>Normally distributed around 0 with a standard deviation of 1.</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Unit())) * Math.Cos(2 * Math.PI * Unit());

    public T Pick<T>(IReadOnlyList<T> of) => of[Whole(0, of.Count - 1)];

    public List<T> Pick<T>(IEnumerable<T> of, int count) => [.. Shuffled(of).Take(count)];

    public List<T> Shuffled<T>(IEnumerable<T> of)
    {
        List<T> all = [.. of];
        for (var i = all.Count - 1; i > 0; i--)
        {
            var j = Whole(0, i);
            (all[i], all[j]) = (all[j], all[i]);
        }
        return all;
    }

    public string Hex(int digits) => Next().ToString("x16", CultureInfo.InvariantCulture)[..digits];

    private double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    private ulong Next()
    {
        var z = state += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
