namespace Bench.Storms;

/// <summary>One thing that fails and takes others with it, until somebody ends it.</summary>
/// <remarks>
/// It spreads to three in four of those that need what has failed, 3 s to 6 min later each; there 30 to 100 % of the checks of 30 to 100 % of the hosts break, within 1 s to 3 min.
/// Three in four have a recorded change before them, 20 s to 40 min. 8 to 75 min after it began it is ended, by a rollback of that change or by a restart, or (one in five) by itself,
/// and its members are well 5 s to 8 min after that.
/// </remarks>
internal sealed class Failure
{
    private readonly Plot plot;
    private readonly Dice dice;
    private readonly Dictionary<Signal, TimeSpan> members = [];

    public Failure(Plot plot, string id, Service root, TimeSpan at, Dice dice)
    {
        (this.plot, this.dice, Id, Root, At) = (plot, dice, id, root, at);
        CuredAt = at + dice.Minutes(8, 75);
        Change = dice.Chance(0.75) ? Changes.Add(plot, at - dice.Seconds(20, 2_400), dice.Chance(0.8) ? "deploy" : "config", root, dice) : null;
        Cascade();
        plot.Failures.Add(this);
        plot.Last(CuredAt + dice.Minutes(20, 40));
        foreach (var (signal, began) in members) Expect(signal, began);
    }

    public string Id { get; }
    public Service Root { get; }
    public TimeSpan At { get; }

    /// <summary>When what ends it is done.</summary>
    public TimeSpan CuredAt { get; }

    /// <summary>The change that caused it, where one was recorded.</summary>
    public string? Change { get; }

    /// <summary>When what ended it was recorded; null where nobody recorded anything.</summary>
    public TimeSpan? CureRecorded { get; private set; }

    public IReadOnlyCollection<Signal> Members => members.Keys;

    /// <summary>When a member broke.</summary>
    public TimeSpan Began(Signal member) => members[member];

    /// <summary>Something more that is part of it.</summary>
    public void Add(Signal signal, TimeSpan at)
    {
        members[signal] = at;
        signal.Turn(at, signal.Check.Severity, Id);
        Expect(signal, at);
    }

    /// <summary>It is ended, for all members but some.</summary>
    public void Cure(IReadOnlyCollection<Signal> but)
    {
        if (dice.Chance(0.8))
        {
            CureRecorded = CuredAt;
            Changes.Add(plot, CuredAt, Change is null ? "restart" : "rollback", Root, dice, reverts: Change);
        }
        foreach (var signal in Members.Except(but)) signal.Turn(CuredAt + dice.Seconds(5, 480), State.Ok, Id);
    }

    /// <summary>News: that a check is bad which never was before.</summary>
    private void Expect(Signal signal, TimeSpan at)
    {
        var known = signal.Turns.Any(t => t < at);
        plot.Expect(sent => !known && sent.FirstBad(signal, at) is { } seen
            ? [new("new", Id, plot.Labels(signal), Named.New, at, seen, seen + TimeSpan.FromMinutes(10))]
            : []);
        // Bad again, and that it is still bad after what should have cured it: true while it lasts, and nobody has to say so.
        plot.Allow(sent =>
        [
            new(plot.Labels(signal), Named.Back, at, CuredAt + TimeSpan.FromMinutes(10)),
            new(plot.Labels(signal), Named.Outlived, CuredAt, sent.At(signal, CuredAt) == State.Ok ? CuredAt : sent.FirstWell(signal, CuredAt) ?? plot.Ends),
        ]);
    }

    private void Cascade()
    {
        var reached = new Dictionary<Service, TimeSpan> { [Root] = At };
        for (var queue = new Queue<Service>([Root]); queue.TryDequeue(out var service);)
        {
            Break(service, reached[service]);
            foreach (var above in plot.Estate.Above(service))
                if (!reached.ContainsKey(above) && dice.Chance(0.75))
                {
                    reached[above] = reached[service] + dice.Seconds(3, 360);
                    if (reached[above] < CuredAt) queue.Enqueue(above);
                }
        }
    }

    private void Break(Service service, TimeSpan at)
    {
        var own = plot.Signals.FindAll(s => s.Check.Service == service);
        var (hosts, share) = (dice.Pick(service.Hosts, (int)Math.Ceiling(service.Hosts.Count * dice.Between(0.3, 1))), dice.Between(0.3, 1));
        foreach (var signal in own.Where(s => s.Check.Host is not { } host || hosts.Contains(host)))
        {
            var when = at + dice.Seconds(1, 180);
            if (!dice.Chance(share) || when >= CuredAt || !signal.IsFree(when, CuredAt)) continue;
            members[signal] = when;
            signal.Turn(when, signal.Check.Severity, Id);
        }
    }
}
