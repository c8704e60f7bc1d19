using System.Text.Json.Nodes;

namespace Bench.Storms;

/// <summary>
/// Prometheus that takes us for its Alertmanager: the alerts of one service in one body, at each evaluation (5 to 60 s) that has something new and again a minute
/// later, each good for four times that; ends are said for 15 min. A rule's <c>for</c> and scrape take 10 s to 3 min. Two in three have a second replica, some seconds
/// apart. A worse severity is a rule of its own that fires beside the first.
/// </summary>
internal sealed class PrometheusWatcher(Dice dice) : Watcher(dice)
{
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(1), SaidFor = TimeSpan.FromMinutes(15);
    private readonly TimeSpan every = dice.Seconds(5, 60), seesAfter = dice.Seconds(10, 180);
    private readonly TimeSpan[] replicas = dice.Chance(0.67) ? [TimeSpan.Zero, dice.Seconds(0.5, 30)] : [TimeSpan.Zero];

    public override IReadOnlyDictionary<string, string> Labels(Check check) =>
        check.Host is { } host
            ? new Dictionary<string, string> { ["alertname"] = check.Name, ["service"] = check.Service.Name, ["instance"] = host, ["job"] = "node", ["cluster"] = "eu-1" }
            : new() { ["alertname"] = check.Name, ["service"] = check.Service.Name, ["job"] = check.Service.Name, ["cluster"] = "eu-1" };

    public override bool SendsAgain(out TimeSpan every)
    {
        every = Goes(Again);
        return true;
    }

    protected override IEnumerable<Line> Send(DateTimeOffset start, TimeSpan end)
    {
        for (var replica = 0; replica < replicas.Length; replica++)
            foreach (var group in Signals.Where(s => s.IsUsed).GroupBy(s => s.Check.Service.Name))
                foreach (var line in Send([.. group], replica, start, end)) yield return line;
    }

    private IEnumerable<Line> Send(List<Signal> group, int replica, DateTimeOffset start, TimeSpan end)
    {
        var rules = new Dictionary<(Signal, State), Rule>();
        var at = Tick((NextTurn(group, TimeSpan.MinValue) ?? end) + seesAfter) + replicas[replica];
        while (at < end)
        {
            var (alerts, truth) = (new JsonArray(), new List<Told>());
            foreach (var signal in group.Where(s => s.SilentFrom > at))
                foreach (var rule in new[] { State.Warning, State.Critical })
                {
                    // The rule for the worse state fires beside the one for the usual.
                    var fires = signal.At(at - seesAfter) >= rule && rule >= signal.Check.Severity;
                    var known = rules.GetValueOrDefault((signal, rule));
                    if (!fires && (known is null || (!known.Fires && at - known.Ended > SaidFor))) continue;
                    known ??= rules[(signal, rule)] = new();
                    if (fires != known.Fires) (known.Fires, known.Began, known.Ended) = (fires, fires ? at : known.Began, at);
                    else if (at - known.Sent < Again) continue;
                    known.Sent = at;
                    alerts.Add(Alert(signal, rule, known, replica, start, at));
                    truth.Add(new(signal, fires ? rule : State.Ok, signal.FailureAt(at - seesAfter)));
                }
            if (alerts.Count > 0) yield return new(at, "alertmanager-v2", alerts, truth);
            var idle = rules.Values.All(r => !r.Fires && at - r.Ended > SaidFor);
            at = idle ? NextTurn(group, at - seesAfter) is { } turn ? Tick(turn + seesAfter) + replicas[replica] : end : at + every;
        }
    }

    private JsonObject Alert(Signal signal, State rule, Rule known, int replica, DateTimeOffset start, TimeSpan at)
    {
        var labels = Object(Labels(signal.Check));
        labels["severity"] = Word(rule);
        labels["prometheus_replica"] = $"prometheus-{replica}";
        return new()
        {
            ["labels"] = labels, ["annotations"] = new JsonObject { ["summary"] = signal.Check.Text(signal.Measure(at, Dice)) },
            ["startsAt"] = Time(start, known.Began), ["endsAt"] = Time(start, known.Fires ? at + (4 * Goes(Again)) : known.Ended), ["generatorURL"] = "http://prometheus/graph",
        };
    }

    /// <summary>Evaluations come at equal times; what is due between two of them waits for the next.</summary>
    private TimeSpan Goes(TimeSpan due) => TimeSpan.FromTicks((due.Ticks + every.Ticks - 1) / every.Ticks * every.Ticks);

    private TimeSpan Tick(TimeSpan at) => Goes(at);

    private sealed class Rule
    {
        public bool Fires;
        public TimeSpan Began, Ended, Sent;
    }
}
