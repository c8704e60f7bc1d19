namespace Bench.Storms;

/// <summary>News in what nobody looks at meanwhile: a number that climbs, a watcher that has fallen silent.</summary>
internal static class Hidden
{
    /// <summary>
    /// Something that is bad at one severity and sent again and again, for 20 min to an hour, climbs by 10 to 100 % in 15 to 90 min, measured to within up to a twelfth of
    /// that. Who has seen half of it in six numbers or more can know.
    /// </summary>
    public static void Creep(Plot plot, TimeSpan from, string failure, Dice dice)
    {
        var able = plot.Signals.FindAll(s => !s.IsUsed && s.Check is { Bad: not null, Severity: State.Warning } && plot.WatcherOf(s).SendsAgain(out _));
        if (able.Count == 0) return;
        var (signal, rise, lasts) = (dice.Pick(able), dice.Spread(0.1, 1), dice.Minutes(15, 90));
        var bad = signal.Check.Bad!.Value;
        // What is counted in percent begins where there is room for it to rise.
        if (bad < 100) bad /= 1 + rise;
        (signal.Noise, signal.Digits) = (rise * dice.Between(0, 1 / 12.0), bad < 100 ? 1 : 0);
        signal.Number = at => bad * (1 + (rise * Math.Clamp((at - from) / lasts, 0, 1)));
        var began = from - dice.Minutes(20, 60);
        signal.Turn(began, State.Warning, failure);
        plot.Last(from + lasts + TimeSpan.FromMinutes(10));
        plot.Expect(sent =>
        {
            var seen = sent.Of(signal).Where(s => s.At > from).Select(s => s.At).ToList();
            var half = seen.FindIndex(t => t >= from + (lasts / 2));
            return half >= 5 ? [new("creeping", failure, plot.Labels(signal), Named.Creeping, from, seen[half], from + lasts + TimeSpan.FromMinutes(10))] : [];
        });
        plot.Allow(sent => sent.FirstBad(signal, began) is { } first ? [new(plot.Labels(signal), Named.New, first - TimeSpan.FromSeconds(1), first + TimeSpan.FromMinutes(5), Ordinary: true)] : []);
        plot.Allow(_ => [new(plot.Labels(signal), [.. Named.Creeping, .. Named.Faster], from, plot.Ends)]);
    }

    /// <summary>Who watches one service of the failure falls silent in its midst, and what it had said goes on or ends unsaid.</summary>
    public static void Silence(Plot plot, Failure failure, Dice dice)
    {
        var watched = failure.Members.Where(s => plot.WatcherOf(s).SendsAgain(out _)).GroupBy(s => (Watcher: plot.WatcherOf(s), s.Check.Service)).ToList();
        if (watched.Count == 0) return;
        var lost = dice.Pick(watched);
        var at = dice.Moment(lost.Min(failure.Began), failure.CuredAt);
        foreach (var signal in plot.Signals.Where(s => s.Check.Service == lost.Key.Service && plot.WatcherOf(s) == lost.Key.Watcher)) signal.SilentFrom = at;
        lost.Key.Watcher.SendsAgain(out var every);
        plot.Expect(sent =>
        {
            // Only what kept being sent, and was bad when it was last heard, is missed.
            var missed = lost.Where(s => sent.At(s, plot.Ends) != State.Ok && Beats(sent, s) > Contract.ReSends).ToList();
            if (missed.Count == 0) return [];
            var due = missed.Select(s => sent.LastBad(s, plot.Ends)!.Value).Max() + Longer(every * Contract.Gaps, Contract.Silence);
            return [new("silent", failure.Id, new Dictionary<string, string> { ["service"] = lost.Key.Service.Name }, Named.Silent, at, due, due + TimeSpan.FromMinutes(10))];
        });
        foreach (var signal in lost) plot.Allow(_ => [new(plot.Labels(signal), Named.Silent, at, plot.Ends)]);
    }

    /// <summary>How often it was sent since it was last well, copies counted once.</summary>
    private static int Beats(Sent sent, Signal signal) => sent.Of(signal).Reverse().TakeWhile(s => s.State != State.Ok).Select(s => (long)(s.At.TotalSeconds / 30)).Distinct().Count();

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
