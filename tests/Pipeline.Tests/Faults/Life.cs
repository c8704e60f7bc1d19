using System.Text.Json.Nodes;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Pipeline.Hosting;

namespace Pipeline.Tests.Faults;

/// <summary>A generated life of one scope: raw inputs as a log holds them, of every kind, from a seed.</summary>
internal sealed class Life(int seed)
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] Names = ["HostDown", "DiskFull", "HighLatency", "QueueLength", "OutOfMemory"];
    private static readonly string[] Places = ["db-1", "web-1", "web-2", "mq-1"];
    private static readonly string[] Services = ["shop", "orders", "mail"];
    private static readonly string[] Severities = ["info", "warning", "critical", "?"];
    private static readonly string[] Pagers = ["ops", "night"];

    private static readonly IReadOnlyList<string> Usual = RuleSet.Default.Identity.Volatile;

    /// <summary>Labels that make no identity: some come and go.</summary>
    private static readonly IReadOnlyList<string>[] Volatile =
        [Usual, Usual, [.. Usual, "host"], [.. Usual, "service"], [.. Usual.Except(["prometheus"])], [.. Usual.Except(["severity", "prometheus"]), "service"]];

    private readonly Random random = new(seed);
    private readonly List<string> incidents = [];
    private readonly List<InputRecord> delivered = [];
    private DateTimeOffset now = Start;
    private long number;

    /// <summary>The rules that this life begins with: small bounds, so that every one of them is met.</summary>
    public RuleSet Rules { get; private set; } = RuleSet.Default with
    {
        Pagers = [new("ops", LabelSet.Empty), new("night", LabelSet.Of(("service", "shop")), Severity.Critical)],
        Surface = RuleSet.Default.Surface with { Storm = 15, History = TimeSpan.FromHours(2) },
        Heartbeats = [Watchdog, .. Signs],
    };

    private static HeartbeatRule Watchdog => new("watchdog", TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(3), LabelSet.Of(("alertname", "Watchdog")));

    private static HeartbeatRule[] Signs =>
    [
        new("generic", TimeSpan.FromMinutes(5), TimeSpan.Zero, Source: "generic"),
        new("p1", TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(2), Observer: "p1", Severity: Severity.Warning),
    ];

    /// <summary>Numbers of the inputs on which the decider is said to fail.</summary>
    public HashSet<long> SetAside { get; } = [];

    /// <summary>What acts can be about.</summary>
    public void Learn(IEnumerable<Decision> decisions)
    {
        foreach (var decision in decisions)
            if (decision is Decision.IncidentOpened opened) incidents.Add(opened.Incident.Value);
    }

    /// <summary>The next input; time has passed, mostly a little.</summary>
    public InputRecord Next()
    {
        if (number == 0) return Record(InputKind.Rules, DecisionCodec.Write(Rules));
        var before = now;
        now += Elapse();
        var record = random.Next(100) switch
        {
            < 58 => Delivery("generic", Alerts()),
            < 62 => Redelivery(),
            < 66 => Delivery("logs", Lines()),
            < 67 => Delivery("pagerduty", PagerDuty()),
            < 71 => Delivery("changes", Change()),
            < 73 => Delivery("generic", """[{"labels":{"alertname":"Good"}},{"labels":7}]"""),
            < 82 => Record(InputKind.Act, DecisionCodec.Write(Act())),
            < 88 => Record(InputKind.Tick, []),
            < 90 => Record(InputKind.Blind, HostingJson.Write(new BlindPeriod(before, now))),
            < 94 => Record(InputKind.Pager, HostingJson.Write(new PagerReport(One(Pagers), Maybe(2), "503"))),
            < 97 => Record(InputKind.Rules, DecisionCodec.Write(Other())),
            < 98 => Record(InputKind.Topology, DecisionCodec.Write(new Topology([new("shop", Level.Service, null, [One(Places)]), new(One(Places), Level.Host, Maybe(2) ? "shop" : null, [])]))),
            < 99 => Delivery("generic", Maybe(3) ? Recovery() : Storm()),
            _ => Redelivery(),
        };
        if (Maybe(60)) SetAside.Add(record.Number);
        return record;
    }

    private InputRecord Record(InputKind kind, byte[] body, string source = "") => new(1, ++number, now, kind, now, source, "", null, body);

    private InputRecord Delivery(string source, string body)
    {
        var record = Record(InputKind.Delivery, System.Text.Encoding.UTF8.GetBytes(body), source);
        record = record with { Id = $"{seed}-{record.Number}", Key = Maybe(4) ? $"key-{random.Next(6)}" : null };
        delivered.Add(record);
        return record;
    }

    /// <summary>A broker hands one out again, or its sender tries again under its key.</summary>
    private InputRecord Redelivery()
    {
        if (delivered.Count == 0) return Record(InputKind.Tick, []);
        var again = One(delivered) with { Number = ++number, At = now, ReceivedAt = now };
        return Maybe(2) || again.Key is null ? again : again with { Id = $"{seed}-{number}" };
    }

    private TimeSpan Elapse() => random.Next(100) switch
    {
        < 55 => TimeSpan.FromMilliseconds(random.Next(3_000)),
        < 80 => TimeSpan.FromSeconds(random.Next(1, 90)),
        < 95 => TimeSpan.FromSeconds(random.Next(90, 1_200)),
        < 98 => TimeSpan.FromMinutes(random.Next(20, 150)),
        _ => TimeSpan.FromHours(random.Next(2, 40)),
    };

    private string Alerts()
    {
        var alerts = new JsonArray();
        for (var left = random.Next(1, Maybe(8) ? 12 : 4); left > 0; left--) alerts.Add(Alert());
        return alerts.ToJsonString();
    }

    private JsonObject Alert()
    {
        var labels = new JsonObject { ["alertname"] = Maybe(6) ? "Watchdog" : One(Names), ["host"] = One(Places) };
        if (Maybe(2)) labels["service"] = One(Services);
        if (Maybe(3)) labels["prometheus"] = $"p{random.Next(3)}";
        if (Maybe(4)) labels["severity"] = One(Severities);
        var alert = new JsonObject { ["labels"] = labels, ["severity"] = One(Severities), ["status"] = Maybe(3) ? "resolved" : "firing" };
        if (!Maybe(3)) alert["summary"] = Maybe(4) ? $"it is {One(Places)} now" : $"at {random.Next(100)} %";
        if (Maybe(3)) alert["value"] = random.Next(100);
        if (Maybe(5)) alert["startsAt"] = Time(now.AddMinutes(-random.Next(60)));
        if (Maybe(5)) alert["endsAt"] = Time(now.AddSeconds(random.Next(-60, 600)));
        return alert;
    }

    private string Storm()
    {
        var alerts = new JsonArray();
        for (var i = random.Next(15, 60); i > 0; i--)
            alerts.Add(new JsonObject { ["labels"] = new JsonObject { ["alertname"] = One(Names), ["host"] = $"node-{i % 25}", ["service"] = "shop" }, ["severity"] = "critical" });
        return alerts.ToJsonString();
    }

    private string Lines() => string.Join('\n', Enumerable.Range(0, random.Next(1, 4)).Select(_ => new JsonObject
    {
        ["time"] = Time(now), ["service"] = One(Services), ["level"] = Maybe(4) ? "info" : "error",
        ["message"] = $"{One(Names)} of {One(Places)} failed with {random.Next(5)}",
    }.ToJsonString()));

    private string PagerDuty()
    {
        var key = $"pd-{random.Next(2)}";
        return random.Next(3) switch
        {
            0 => new JsonObject { ["routing_key"] = "r", ["event_action"] = "acknowledge", ["dedup_key"] = key }.ToJsonString(),
            1 => new JsonObject { ["routing_key"] = "r", ["event_action"] = "resolve", ["dedup_key"] = key }.ToJsonString(),
            _ => new JsonObject
            {
                ["routing_key"] = "r", ["event_action"] = "trigger", ["dedup_key"] = key,
                ["payload"] = new JsonObject { ["summary"] = "disk", ["source"] = One(Places), ["severity"] = "error" },
            }.ToJsonString(),
        };
    }

    /// <summary>New, told again with other words, or told late; of a service, of the machine below it, or of everything.</summary>
    private string Change()
    {
        var change = new JsonObject
        {
            ["id"] = Maybe(3) ? $"c{random.Next(4)}" : $"c{number}", ["at"] = Time(now.AddMinutes(Maybe(3) ? -random.Next(180) : 0)),
            ["kind"] = One(["deploy", "config", "rollback", "restart", "push"]), ["summary"] = One(["people changed it", "it was rolled back", "it is through"]),
        };
        if (!Maybe(4)) change["services"] = new JsonArray(Maybe(3) ? One(Places) : One(Services));
        if (Maybe(3)) change["version"] = $"v{random.Next(2)}";
        if (Maybe(5)) change["reverts"] = $"c{random.Next(4)}";
        return change.ToJsonString();
    }

    /// <summary>Nearly all that fires ends within a minute.</summary>
    private string Recovery()
    {
        var alerts = new JsonArray();
        foreach (var name in Names)
            foreach (var place in Places.Concat(Enumerable.Range(0, 25).Select(i => $"node-{i}")))
                if (!Maybe(6)) alerts.Add(new JsonObject { ["labels"] = new JsonObject { ["alertname"] = name, ["host"] = place, ["service"] = "shop" }, ["status"] = "resolved" });
        return alerts.ToJsonString();
    }

    private Act Act()
    {
        if (incidents.Count == 0 || Maybe(3))
        {
            var id = $"silence-{random.Next(3)}";
            if (Maybe(4)) return new Act.EndSilence(id, "eve");
            var matcher = Maybe(2) ? new LabelMatcher("host", One(Places), false, true) : new LabelMatcher("severity", "critical", false, Maybe(2));
            return new Act.SetSilence(new(id, [matcher], now.AddSeconds(random.Next(-5, 60)), now.AddSeconds(random.Next(5, 3_600)), "eve", "maintenance", now));
        }
        var incident = new IncidentId(Maybe(3) ? One(incidents) : incidents[^1]);
        return random.Next(4) switch
        {
            0 => new Act.Resolve(incident, "ann", Maybe(2)),
            1 => new Act.AddNote(incident, "ann", "looking"),
            _ => new Act.Acknowledge(
                incident, "ann", null, Maybe(2) ? null : now.AddSeconds(random.Next(10, 3_000)), Maybe(2) ? "rollback" : null, Maybe(3) ? random.Next(20) : null),
        };
    }

    private RuleSet Other() => Rules = Rules with
    {
        Identity = Rules.Identity with
        {
            Expire = One([TimeSpan.FromHours(1), TimeSpan.FromMinutes(10)]), Max = One([1_000_000, 12]), Volatile = One(Volatile),
        },
        Page = Rules.Page with { Budget = random.Next(1, 7), Gather = TimeSpan.FromSeconds(random.Next(5)), Latest = TimeSpan.FromMinutes(random.Next(1, 6)) },
        Incident = Rules.Incident with { Settle = TimeSpan.FromSeconds(random.Next(10, 120)), Quiet = One([TimeSpan.FromHours(24), TimeSpan.FromMinutes(30)]) },
        Group = Rules.Group with { By = One<IReadOnlyList<string>>([["service", "host"], ["host"], ["service"]]) },
        Surface = Rules.Surface with { Storm = random.Next(5, 30), Settle = TimeSpan.FromMinutes(random.Next(1, 8)) },
        Heartbeats = random.Next(4) switch
        {
            0 => [],
            1 => [Watchdog],
            2 => Signs,
            _ => [Watchdog with { Every = TimeSpan.FromMinutes(1), Match = LabelSet.Of(("alertname", "Watchdog"), ("host", One(Places))) }, .. Signs],
        },
    };

    private static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private bool Maybe(int oneIn) => random.Next(oneIn) == 0;

    private T One<T>(IReadOnlyList<T> of) => of[random.Next(of.Count)];
}
