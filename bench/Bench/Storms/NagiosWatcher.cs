using System.Globalization;
using System.Text.Json.Nodes;

namespace Bench.Storms;

/// <summary>
/// One or two Nagios servers that each poll every host's checks every 30 s to 5 min, look again up to 3 times a retry of 20 s to 1 min apart, and tell 1 to 6 contacts, a
/// second apart at most; again every 5 to 60 min while it is bad.
/// </summary>
internal sealed class NagiosWatcher(Dice dice) : Watcher(dice)
{
    private static readonly string[] People = ["anna", "ben", "carla", "dan", "eva", "ops-mail"];
    private readonly TimeSpan polls = dice.Seconds(30, 300), retry = dice.Seconds(20, 60), again = dice.Minutes(5, 60);
    private readonly int attempts = dice.Whole(1, 4), servers = dice.Whole(1, 2), contacts = dice.Whole(1, People.Length);

    /// <summary>As our Nagios source reads it: the check's description is its name and its service, and a host's own check has neither.</summary>
    public override IReadOnlyDictionary<string, string> Labels(Check check) =>
        IsHost(check)
            ? new Dictionary<string, string> { ["alertname"] = "Host", ["host"] = check.Host! }
            : new() { ["alertname"] = check.Name, ["host"] = check.Host!, ["service"] = check.Name };

    protected override IEnumerable<Line> Send(DateTimeOffset start, TimeSpan end)
    {
        for (var server = 0; server < servers; server++)
            foreach (var signal in Signals.Where(s => s.IsUsed))
                foreach (var line in Send(signal, server, start, end)) yield return line;
    }

    private IEnumerable<Line> Send(Signal signal, int server, DateTimeOffset start, TimeSpan end)
    {
        var (hard, tries, since, told) = (State.Ok, 0, TimeSpan.Zero, TimeSpan.Zero);
        var phase = Dice.Moment(TimeSpan.Zero, polls);
        for (var at = phase; at < Sooner(end, signal.SilentFrom);)
        {
            var state = signal.At(at);
            tries = state == hard ? 0 : tries + 1;
            var turns = tries > 0 && (state == State.Ok || tries >= attempts);
            if (turns)
            {
                if (hard == State.Ok) since = at;
                (hard, tries, told) = (state, 0, at);
            }
            else if (hard != State.Ok && state == hard && at - told >= again) (turns, told) = (true, at);
            if (turns)
            {
                var number = signal.Measure(at, Dice);
                for (var (contact, later) = (0, at); contact < contacts; contact++, later += Dice.Seconds(0.01, 1))
                    yield return new(later, "nagios", Body(signal.Check, server, contact, state, number, start, since), [new(signal, state, signal.FailureAt(at))]);
            }
            at += tries > 0 ? retry : polls;
        }
    }

    private static JsonObject Body(Check check, int server, int contact, State state, double? number, DateTimeOffset start, TimeSpan since)
    {
        var body = new JsonObject { ["type"] = state == State.Ok ? "RECOVERY" : "PROBLEM", ["host"] = check.Host };
        if (!IsHost(check)) body["service"] = check.Name;
        body["state"] = IsHost(check) ? state == State.Ok ? "UP" : "DOWN" : state.ToString().ToUpperInvariant();
        body["monitoring_server"] = $"nagios-{(server == 0 ? "a" : "b")}";
        body["contact"] = People[contact];
        body["output"] = check.Text(number);
        if (number is { } value) body["perfdata"] = string.Create(CultureInfo.InvariantCulture, $"{check.Name}={value}");
        body["since"] = (start + since).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return body;
    }

    private static bool IsHost(Check check) => check.Name == "HostDown";
}
