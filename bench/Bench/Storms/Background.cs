using System.Text.Json.Nodes;

namespace Bench.Storms;

/// <summary>An ordinary day, which goes on through the storm.</summary>
internal static class Background
{
    /// <summary>
    /// 2 to 8 known noisy checks that break for 1 to 20 min every 15 min to 3 h; 0 to 3 that are bad all the time, with numbers that go nowhere; 0 to 10 deploys that
    /// break nothing.
    /// </summary>
    public static void Add(Plot plot, Dice dice, TimeSpan until)
    {
        var quiet = dice.Shuffled(plot.Signals.Where(s => !s.IsUsed));
        var (noisy, chronic) = (dice.Whole(2, 8), dice.Whole(0, 3));
        foreach (var signal in quiet.Take(noisy))
        {
            var every = dice.Minutes(15, 180);
            for (var at = dice.Moment(TimeSpan.Zero, every); at < until; at += every * dice.Between(0.4, 1.6))
            {
                var to = at + dice.Minutes(1, 20);
                if (signal.IsFree(at, to)) signal.Break(at, to, null);
            }
            Known(plot, signal);
        }
        foreach (var signal in quiet.Skip(noisy).Where(s => s.Check.Bad is not null).Take(chronic))
        {
            signal.Turn(TimeSpan.FromSeconds(1), State.Warning, null);
            signal.Noise = dice.Spread(0.002, 0.05);
            Known(plot, signal);
        }
        for (var i = dice.Whole(0, 10); i > 0; i--) Changes.Add(plot, dice.Moment(TimeSpan.Zero, until), "deploy", dice.Pick(plot.Estate.Services), dice);
    }

    /// <summary>The first time that it is seen it is new to whoever has no history, and never again.</summary>
    private static void Known(Plot plot, Signal signal) =>
        plot.Allow(sent => sent.FirstBad(signal, TimeSpan.Zero) is { } first
            ? [new(plot.Labels(signal), Named.New, first - TimeSpan.FromSeconds(1), first + TimeSpan.FromMinutes(5), Ordinary: true)]
            : []);
}

/// <summary>What people do.</summary>
internal static class Changes
{
    /// <returns>Its id.</returns>
    public static string Add(Plot plot, TimeSpan at, string kind, Service service, Dice dice, string? reverts = null)
    {
        var id = $"{service.Name}-{dice.Hex(7)}";
        var body = new JsonObject { ["id"] = id, ["kind"] = kind, ["summary"] = $"{kind} of {service.Name}", ["services"] = new JsonArray(service.Name) };
        if (reverts is not null) body["reverts"] = reverts;
        plot.Lines.Add(new(at, "changes", body, []));
        return id;
    }
}
