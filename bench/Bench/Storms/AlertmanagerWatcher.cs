using System.Text.Json.Nodes;

namespace Bench.Storms;

/// <summary>
/// Prometheus with an Alertmanager whose webhook posts groups of one alert name of one service: <c>group_wait</c> 5 to 60 s, <c>group_interval</c> 30 s to 5 min,
/// <c>repeat_interval</c> 15 min to 4 h, a rule's <c>for</c> and scrape 10 s to 3 min. A worse severity is another rule that inhibits the first.
/// Three in ten have a second Alertmanager, whose copy comes up to 15 s later.
/// </summary>
internal sealed class AlertmanagerWatcher(Dice dice) : Watcher(dice)
{
    private readonly TimeSpan wait = dice.Seconds(5, 60), interval = dice.Seconds(30, 300), repeat = dice.Minutes(15, 240), seesAfter = dice.Seconds(10, 180);
    private readonly TimeSpan? copies = dice.Chance(0.3) ? dice.Seconds(0.2, 15) : null;

    public override IReadOnlyDictionary<string, string> Labels(Check check) =>
        check.Host is { } host
            ? new Dictionary<string, string> { ["alertname"] = check.Name, ["service"] = check.Service.Name, ["instance"] = host, ["job"] = "node", ["namespace"] = check.Service.System }
            : new() { ["alertname"] = check.Name, ["service"] = check.Service.Name, ["job"] = "app", ["namespace"] = check.Service.System };

    protected override IEnumerable<Line> Send(DateTimeOffset start, TimeSpan end)
    {
        foreach (var group in Signals.Where(s => s.IsUsed).GroupBy(s => (s.Check.Name, s.Check.Service.Name)))
            foreach (var line in Send([.. group], start, end))
            {
                yield return line;
                if (copies is { } later) yield return line with { At = line.At + later, Body = line.Body.DeepClone() };
            }
    }

    private IEnumerable<Line> Send(List<Signal> group, DateTimeOffset start, TimeSpan end)
    {
        var told = new Dictionary<Signal, (State State, TimeSpan Since)>();
        var (sent, at) = (TimeSpan.MinValue, NextTurn(group, TimeSpan.MinValue) + seesAfter + wait);
        while (at is { } now && now < end)
        {
            var seen = now - seesAfter;
            var (alerts, truth, isNew) = (new JsonArray(), new List<Told>(), false);
            foreach (var signal in group)
            {
                var (before, state) = (told.GetValueOrDefault(signal), signal.At(seen));
                if (before.State == State.Ok && state == State.Ok) continue;
                isNew |= before.State != state;
                if (before.State == State.Ok) before.Since = seen;
                alerts.Add(Alert(signal, state, before.State, start, before.Since, now));
                truth.Add(new(signal, state, signal.FailureAt(seen)));
                told[signal] = (state, before.Since);
            }
            if (alerts.Count > 0 && (isNew || now - sent >= repeat))
            {
                sent = now;
                yield return new(now, "alertmanager", Body(group[0].Check, alerts), truth);
            }
            at = told.Values.Any(t => t.State != State.Ok) ? now + interval : NextTurn(group, seen) + seesAfter + wait;
        }
    }

    private JsonObject Alert(Signal signal, State state, State before, DateTimeOffset start, TimeSpan since, TimeSpan now)
    {
        var labels = Object(Labels(signal.Check));
        labels["severity"] = Word(state == State.Ok ? before : state);
        return new()
        {
            ["status"] = state == State.Ok ? "resolved" : "firing", ["labels"] = labels, ["annotations"] = new JsonObject { ["summary"] = signal.Check.Text(signal.Measure(now, Dice)) },
            ["startsAt"] = Time(start, since), ["endsAt"] = state == State.Ok ? Time(start, now - seesAfter) : "0001-01-01T00:00:00Z",
        };
    }

    private static JsonObject Body(Check check, JsonArray alerts) => new()
    {
        ["version"] = "4", ["groupKey"] = $"{{}}:{{alertname=\"{check.Name}\", service=\"{check.Service.Name}\"}}", ["receiver"] = "pipeline",
        ["status"] = alerts.Any(a => (string?)a!["status"] == "firing") ? "firing" : "resolved", ["alerts"] = alerts,
    };
}
