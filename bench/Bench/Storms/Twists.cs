namespace Bench.Storms;

/// <summary>What happens inside a failure besides that it spreads: each is news that a storm buries.</summary>
internal static class Twists
{
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(10);

    /// <summary>To begin once may be chance, twice too: who has seen it five times knows that it flaps.</summary>
    private const int Often = 5;

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
            plot.Expect(sent => sent.Begins(signal, failure.At, failure.CuredAt).Skip(Often - 1).Select(t => (TimeSpan?)t).FirstOrDefault() is { } fifth
                ? [new("flapping", failure.Id, plot.Labels(signal), Named.Flapping, failure.Began(signal), fifth, failure.CuredAt + Soon)]
                : []);
            // That it comes to rest while it is bad is true as well.
            plot.Allow(_ => [new(plot.Labels(signal), [.. Named.Flapping, .. Named.Outlived], failure.Began(signal), failure.CuredAt + Soon)]);
        }
    }

    /// <summary>
    /// One to three members stay bad when the rest is cured, 10 to 40 min longer, then they are restarted. By the contract that can be known 5 min after a recorded cure that is known to
    /// reach them; 5 min after half of the failure had ended within 2 min; and where they are one among five or more, or one in twenty, once the rest has ended. What is silent by then is not
    /// known to be still bad.
    /// </summary>
    public static List<Signal> Outlive(Plot plot, Failure failure, Dice dice)
    {
        var left = dice.Pick(failure.Members.Where(s => s.At(failure.CuredAt) != State.Ok), dice.Whole(1, 3));
        var until = failure.CuredAt + dice.Minutes(10, 40);
        plot.Last(until + TimeSpan.FromMinutes(20));
        if (dice.Chance(0.7)) Changes.Add(plot, until - dice.Seconds(5, 120), "restart", failure.Root, dice);
        foreach (var signal in left)
        {
            signal.Turn(until, State.Ok, failure.Id);
            plot.Expect(sent =>
            {
                if (sent.At(signal, failure.CuredAt) == State.Ok) return [];
                var (recovered, alone) = Recovery(failure, left, sent);
                // Without a topology only what names the service itself is known to be reached.
                var settled = plot.HasTopology || plot.Labels(signal).GetValueOrDefault("service") == failure.Root.Name ? failure.CureRecorded + Contract.Settle : null;
                var known = new[] { settled, recovered + Contract.Settle, alone }.Min();
                var well = sent.FirstWell(signal, failure.CuredAt);
                return known is { } when && signal.SilentFrom > when && !(well <= when + TimeSpan.FromMinutes(1))
                    ? [new("outlived", failure.Id, plot.Labels(signal), Named.Outlived, failure.CuredAt, when, (well ?? plot.Ends) + Soon)]
                    : [];
            });
        }
        return left;
    }

    /// <summary>When half of what was bad was told to have ended within two minutes; and when all of it but what is left was, where that is as few as the contract says.</summary>
    private static (TimeSpan? Half, TimeSpan? Alone) Recovery(Failure failure, List<Signal> left, Sent sent)
    {
        var bad = failure.Members.Where(s => sent.FirstBad(s, failure.At) is { } first && first < failure.CuredAt).ToList();
        var ends = bad.Except(left).Select(s => sent.At(s, failure.CuredAt) == State.Ok ? failure.CuredAt : sent.FirstWell(s, failure.CuredAt)).ToList();
        List<TimeSpan> told = [.. ends.OfType<TimeSpan>().Order()];
        var half = told.Where((end, i) => bad.Count >= Contract.Few && told.Skip(i).TakeWhile(t => t <= end + Contract.Mass).Count() * 2 >= bad.Count)
            .Select(end => (TimeSpan?)told.Last(t => t <= end + Contract.Mass)).FirstOrDefault();
        var few = bad.Count >= Contract.Few && left.Count <= Math.Max(1, bad.Count / 20);
        return (half, few && told.Count == ends.Count && told.Count > 0 ? told[^1] : null);
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
            // What flapped has been said to, and its later turns are only recorded.
            var back = again.Where(s => sent.Begins(s, failure.At, failure.CuredAt).Count() < Often).SelectMany(s => sent.Begins(s, at, until).Take(1).Select(t => (At: t, Signal: s))).OrderBy(b => b.At).ToList();
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

    /// <summary>Half of an incident of so many that ends within this time is a mass recovery.</summary>
    public static readonly TimeSpan Mass = TimeSpan.FromMinutes(2);
    public const int Few = 5;

    /// <summary>How long at least something is unheard before it counts as silent; and in how many of its usual gaps.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMinutes(2);
    public const int Gaps = 4, ReSends = 3;
}
