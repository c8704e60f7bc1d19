using System.Globalization;

namespace Bench.Storms;

/// <summary>A storm as it was made up of a seed: its deliveries, and what they are in truth.</summary>
internal sealed record StormOf(int Seed, DateTimeOffset Start, string? Topology, IReadOnlyList<Line> Lines, IReadOnlyList<News> News, IReadOnlyList<Consequence> Consequences, IReadOnlyList<Failure> Failures, Func<object, IReadOnlyDictionary<string, string>> Labels)
{
    /// <summary>
    /// Half have a second failure, of something that shares nothing with the first, up to 5 min before or 25 min after it. Of each failure
    /// one in two worsens, flaps, falls silent, climbs or comes back, and two in three outlive the cure or bury errors.
    /// </summary>
    public static StormOf Seeded(int seed)
    {
        var dice = new Dice((ulong)seed).For("storm");
        var plot = new Plot(dice);
        var root = dice.Pick([.. plot.Estate.Services.Where(s => s.Tier != Tier.Edge)]);
        var logged = dice.Pick(plot.Estate.Services, dice.Whole(1, 3));
        if (dice.Chance(0.5) && !logged.Contains(root)) logged.Add(root);
        var first = new Failure(plot, "A", root, plot.Begins, dice.For("failure A"));
        var apart = plot.Estate.Services.Where(s => !plot.Estate.Reach(s).Overlaps(plot.Estate.Reach(root)) && s.System != root.System).ToList();
        if (dice.Chance(0.5) && apart.Count > 0)
            _ = new Failure(plot, "B", dice.Pick(apart), first.At + dice.Moment(TimeSpan.FromMinutes(-5), TimeSpan.FromMinutes(25)), dice.For("failure B"));
        foreach (var failure in plot.Failures) Twist(plot, failure, dice.For($"twists {failure.Id}"));
        var known = Logs.Usual(plot, logged, dice.For("logs"), plot.Ends);
        foreach (var failure in plot.Failures)
            if (dice.Chance(0.67)) Logs.Mound(plot, failure, known, dice.For($"mound {failure.Id}"));
        Background.Add(plot, dice.For("background"), plot.Ends);
        var start = new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero).AddDays(seed % 7).AddMinutes(dice.Whole(0, 24 * 60 - 1));
        var lines = plot.Sort(start);
        var sent = new Sent(lines);
        return new(seed, start, plot.HasTopology ? plot.Estate.Topology() : null, lines, plot.News(sent), plot.Consequences(sent), plot.Failures, plot.Labels);
    }

    public string Time(TimeSpan at) => (Start + at).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static void Twist(Plot plot, Failure failure, Dice dice)
    {
        if (dice.Chance(0.5)) Twists.Worsen(plot, failure, dice.For("worsen"));
        if (dice.Chance(0.5)) Twists.Flap(plot, failure, dice.For("flap"));
        IReadOnlyCollection<Signal> left = dice.Chance(0.67) ? Twists.Outlive(plot, failure, dice.For("outlive")) : [];
        failure.Cure(left);
        if (dice.Chance(0.5)) Hidden.Silence(plot, failure, dice.For("silence"));
        if (dice.Chance(0.5)) Hidden.Creep(plot, failure.At + dice.Minutes(1, 30), failure.Id, dice.For("creep"));
        if (dice.Chance(0.5)) Twists.Return(plot, failure, dice.For("return"));
    }
}
