using System.Text.Json.Nodes;

namespace Bench.Storms;

/// <summary>
/// Home-made agents, one a service, that post what is bad every 15 s to 3 min, numbers included, and what has ended once. Half of them say which system it is
/// of; a third has a second copy running elsewhere.
/// </summary>
internal sealed class AgentWatcher(Dice dice) : Watcher(dice)
{
    private readonly TimeSpan every = dice.Seconds(15, 180);
    private readonly bool namesSystem = dice.Chance(0.5);
    private readonly int copies = dice.Chance(0.33) ? 2 : 1;

    public override IReadOnlyDictionary<string, string> Labels(Check check)
    {
        var labels = new Dictionary<string, string> { ["alertname"] = check.Name, ["service"] = check.Service.Name };
        if (check.Host is { } host) labels["host"] = host;
        if (namesSystem) labels["application"] = check.Service.System;
        return labels;
    }

    public override bool SendsAgain(out TimeSpan every)
    {
        every = this.every;
        return true;
    }

    protected override IEnumerable<Line> Send(DateTimeOffset start, TimeSpan end)
    {
        for (var copy = 0; copy < copies; copy++)
            foreach (var group in Signals.Where(s => s.IsUsed).GroupBy(s => s.Check.Service.Name))
            {
                var told = new Dictionary<Signal, State>();
                for (var at = Dice.Moment(TimeSpan.Zero, every); at < end; at += every)
                {
                    var (alerts, truth) = (new JsonArray(), new List<Told>());
                    foreach (var signal in group.Where(s => s.SilentFrom > at))
                    {
                        var state = signal.At(at);
                        if (state == State.Ok && told.GetValueOrDefault(signal) == State.Ok) continue;
                        alerts.Add(Alert(signal, state, copy, at));
                        truth.Add(new(signal, state, signal.FailureAt(at)));
                        told[signal] = state;
                    }
                    if (alerts.Count > 0) yield return new(at, "generic", alerts, truth);
                }
            }
    }

    private JsonObject Alert(Signal signal, State state, int copy, TimeSpan at)
    {
        var labels = Object(Labels(signal.Check));
        labels["monitor"] = $"agent-{copy}";
        var number = state == State.Ok ? null : signal.Measure(at, Dice);
        var alert = new JsonObject { ["labels"] = labels, ["status"] = state == State.Ok ? "resolved" : "firing", ["severity"] = Word(state), ["summary"] = state == State.Ok ? "ok" : signal.Check.Text(number) };
        if (number is { } value) alert["value"] = value;
        return alert;
    }
}
