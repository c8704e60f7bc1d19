namespace Bench.Storms;

/// <summary>What happens inside a failure besides that it spreads: each is news that a storm buries.</summary>
internal static class Twists
{
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(10);

    /// <summary>One in eight of the members that are only a warning, and one of them at least, get worse 1 to 40 min after they broke.</summary>
    public static void Worsen(Plot plot, Failure failure, Dice dice)
    {
        var mild = failure.Members.Where(s => s.Check.Severity == State.Warning).ToList();
        foreach (var signal in dice.Pick(mild, Math.Max(1, mild.Count / 8)))
        {
            var at = failure.Began(signal) + dice.Minutes(1, 40);
            if (at >= failure.CuredAt) continue;
            signal.Turn(at, State.Critical, failure.Id);
            // Who first hears of it as critical hears of nothing that got worse.
            plot.Expect(sent => sent.FirstBad(signal, at, State.Critical) is { } seen && sent.At(signal, seen - TimeSpan.FromMilliseconds(1)) == State.Warning
                ? [new("rose", failure.Id, plot.Labels(signal), Named.Rose, at, seen, seen + Soon)]
                : []);
        }
    }

    /// <summary>One or two members come and go, 5 to 40 times, each time for 20 s to 4 min.</summary>
    public static void Flap(Plot plot, Failure failure, Dice dice)
    {
        foreach (var signal in dice.Pick(failure.Members.Where(s => s.Turns.Last() == failure.Began(s)), dice.Whole(1, 2)))
        {
            var (at, state, pace) = (failure.Began(signal), signal.Check.Severity, dice.Spread(20, 240));
            for (var turns = dice.Whole(5, 40) * 2; turns > 1; turns--)
            {
                at += TimeSpan.FromSeconds(pace * dice.Between(0.5, 1.5));
                if (at >= failure.CuredAt) break;
                signal.Turn(at, state = state == State.Ok ? signal.Check.Severity : State.Ok, failure.Id);
            }
            // Once may be chance, twice too: who has seen it begin five times knows.
            plot.Expect(sent => sent.Begins(signal, failure.At, failure.CuredAt).Skip(4).Select(t => (TimeSpan?)t).FirstOrDefault() is { } fifth
                ? [new("flapping", failure.Id, plot.Labels(signal), Named.Flapping, failure.Began(signal), fifth, failure.CuredAt + Soon)]
                : []);
            plot.Allow(_ => [new(plot.Labels(signal), Named.Flapping, failure.Began(signal), failure.CuredAt + Soon)]);
        }
    }

    /// <summary>
    /// One to three members stay bad when the rest is cured, 10 to 40 min longer, then they are restarted. It can be known once the contract's settle window after the
    /// cure is over, or after the last of the rest is told to have ended where nobody said what they did; sooner where it is one among five or more, or one in twenty.
    /// </summary>
    public static List<Signal> Outlive(Plot plot, Failure failure, Dice dice)
    {
        var left = dice.Pick(failure.Members.Where(s => s.At(failure.CuredAt) != State.Ok), dice.Whole(1, 3));
        var rest = failure.Members.Except(left).ToList();
        var until = failure.CuredAt + dice.Minutes(10, 40);
        plot.Last(until + TimeSpan.FromMinutes(20));
        if (dice.Chance(0.7)) Changes.Add(plot, until - dice.Seconds(5, 120), "restart", failure.Root, dice);
        foreach (var signal in left)
        {
            signal.Turn(until, State.Ok, failure.Id);
            plot.Expect(sent =>
            {
                if (sent.At(signal, failure.CuredAt) == State.Ok) return [];
                var settled = failure.CureRecorded is { } cured ? cured + Contract.Settle : (TimeSpan?)null;
                var ended = rest.Where(s => sent.At(s, failure.CuredAt) != State.Ok).Select(s => sent.FirstWell(s, failure.CuredAt)).Max();
                var alone = ended is { } last && rest.Count >= 4 && left.Count <= Math.Max(1, failure.Members.Count / 20) ? last : (TimeSpan?)null;
                var known = new[] { settled, alone, ended + Contract.Settle }.Min();
                return known is { } when && sent.FirstWell(signal, failure.CuredAt) is var well && !(well <= when + TimeSpan.FromMinutes(1))
                    ? [new("outlived", failure.Id, plot.Labels(signal), Named.Outlived, failure.CuredAt, when, (well ?? plot.Ends) + Soon)]
                    : [];
            });
        }
        return left;
    }

    /// <summary>3 min to an hour after it was cured the failure is back: half its members or more break again, for 5 to 30 min.</summary>
    public static void Return(Plot plot, Failure failure, Dice dice)
    {
        var at = failure.CuredAt + TimeSpan.FromMinutes(8) + dice.Minutes(3, 60);
        var until = at + dice.Minutes(5, 30);
        plot.Last(until + TimeSpan.FromMinutes(20));
        var again = dice.Pick(failure.Members.Where(s => s.At(at) == State.Ok && s.IsFree(at, until)), (int)Math.Ceiling(failure.Members.Count * dice.Between(0.5, 1)));
        foreach (var signal in again) signal.Break(at + dice.Seconds(1, 180), until + dice.Seconds(1, 240), failure.Id);
        Changes.Add(plot, until, "restart", failure.Root, dice);
        plot.Expect(sent =>
        {
            var back = again.SelectMany(s => sent.Begins(s, at, until).Take(1).Select(t => (At: t, Signal: s))).OrderBy(b => b.At).ToList();
            return back.Count == 0 ? [] : [new("back", failure.Id, plot.Labels(back[0].Signal), Named.Back, at, back[0].At, back[0].At + Soon)];
        });
        foreach (var signal in again)
            plot.Allow(_ => [new(plot.Labels(signal), [.. Named.Back, .. Named.Outlived], at, until + TimeSpan.FromMinutes(15))]);
    }
}

/// <summary>Times that the contract gives, before which some news is none.</summary>
internal static class Contract
{
    /// <summary>How long a cure has to show effect.</summary>
    public static readonly TimeSpan Settle = TimeSpan.FromMinutes(5);

    /// <summary>How long at least something is unheard before it counts as silent; and in how many of its usual gaps.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMinutes(2);
    public const int Gaps = 4, ReSends = 3;
}
