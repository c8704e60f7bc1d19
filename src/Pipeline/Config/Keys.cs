using Dedupe.Rules;

namespace Pipeline.Config;

/// <summary>Every key, in the order of the documentation. A key is added here, in one place, and as a row of docs/configuration.md; a test compares.</summary>
internal static class Keys
{
    public static readonly IReadOnlyList<Key> All =
    [
        Key.LabelNames("identity.volatile", "[severity, value, contact, contacts, monitor, monitoring_server, prometheus, prometheus_replica, replica]",
            "Labels that never make a new identity; all but `severity` and `value` are noted as observers. A change re-keys what is known and pages nothing",
            (s, v) => Identity(s, i => i with { Volatile = v })),
        Key.Duration("identity.expire", "1h", "An identity unheard for this long no longer counts as firing; that is not recovery", "1s", "365d",
            (s, v) => Identity(s, i => i with { Expire = v })),
        Key.Count("identities.max", "1000000", "Identities a scope remembers; the longest-ended are forgotten first. `identity.max` is the same key", 1, 100_000_000,
            (s, v) => Identity(s, i => i with { Max = v })),
        Key.Words("severity.critical", "[critical, error, high, fatal, disaster, emergency, down, p1, p2]", "Words that mean critical; case does not matter",
            (s, v) => Identity(s, i => i with { Severity = i.Severity with { Critical = v } })),
        Key.Words("severity.warning", "[warning, warn, medium, average, minor, degraded, p3]", "Words that mean warning",
            (s, v) => Identity(s, i => i with { Severity = i.Severity with { Warning = v } })),
        Key.Words("severity.info", "[info, informational, low, notice, p4, p5]", "Words that mean info; absent or any other word is unknown",
            (s, v) => Identity(s, i => i with { Severity = i.Severity with { Info = v } })),
        Key.Duration("page.first", "0s", "The first page goes as soon as the delivery is decided; no other value is taken", "0", "0", (s, _) => s),
        Key.Duration("page.gather", "2s", "How long an urgent change waits for company", "0", "1h",
            (s, v) => s with { Rules = s.Rules with { Page = s.Rules.Page with { Gather = v } } }),
        Key.Count("page.budget", "6", "Pages an incident and pager may have in a minute; then one a minute", 1, 10_000,
            (s, v) => s with { Rules = s.Rules with { Page = s.Rules.Page with { Budget = v } } }),
        Key.Duration("page.latest", "5m", "Nothing waits unsaid longer, even over budget", "1s", "1d",
            (s, v) => s with { Rules = s.Rules with { Page = s.Rules.Page with { Latest = v } } }),
        Key.Of("page.links", "http://127.0.0.1:8080", "Where a page's links begin: the address under which people reach this installation", v => v.Address(),
            (s, v) => s with { Rules = s.Rules with { Page = s.Rules.Page with { LinkBase = v!.ToString().TrimEnd('/') } } }),
        Key.Duration("incident.settle", "1m", "Resolved this long after its last firing member ended", "0", "1d",
            (s, v) => s with { Rules = s.Rules with { Incident = s.Rules.Incident with { Settle = v } } }),
        Key.Duration("incident.reopen", "15m", "Firing again within this time of being resolved re-opens the same incident", "0", "30d",
            (s, v) => s with { Rules = s.Rules with { Incident = s.Rules.Incident with { Reopen = v } } }),
        Key.Duration("incident.quiet", "1d", "No firing member heard for this long: stale, never called recovered", "1m", "365d",
            (s, v) => s with { Rules = s.Rules with { Incident = s.Rules.Incident with { Quiet = v } } }),
        Key.LabelNames("group.by", "[service, component, application, app, host, hostname, instance, node, pod, deployment, device]",
            "Labels whose shared value says \"the same failure\", strongest first", (s, v) => Group(s, g => g with { By = v })),
        Key.LabelNames("group.near", "[namespace, job, cluster, site, datacenter, team, alertname]",
            "Labels whose shared value says so only close in time to the incident's last news", (s, v) => Group(s, g => g with { Near = v })),
        Key.Duration("group.within", "5m", "How close in time an alert must be to the last news of an incident to join it", "1s", "30d",
            (s, v) => Group(s, g => g with { Within = v })),
        Key.LabelNames("group.components", "[service, component, host, instance]", "Labels that name an alert's component; the first it carries counts",
            (s, v) => Group(s, g => g with { ComponentLabels = v })),
        Key.Duration("surface.episode", "10m", "Activity after this much quiet is a new episode", "1s", "30d",
            (s, v) => s with { Rules = s.Rules with { Surface = s.Rules.Surface with { Episode = v } } }),
        Key.Duration("surface.return", "4h", "What never says when it ends is news again after this much quiet, and as much again for each time it was active", "1m", "30d",
            (s, v) => s with { Rules = s.Rules with { Surface = s.Rules.Surface with { Return = v } } }),
        Key.Duration("surface.returnMost", "1d", "And after this much quiet however often it was active", "1m", "365d",
            (s, v) => s with { Rules = s.Rules with { Surface = s.Rules.Surface with { ReturnMost = v } } }),
        Key.Duration("surface.settle", "5m", "How long a rollback, a restart, a reverting change or a mass recovery has to show effect; what fires after it is `still-firing`", "1s", "1d",
            (s, v) => s with { Rules = s.Rules with { Surface = s.Rules.Surface with { Settle = v } } }),
        Key.Duration("surface.coldStart", "10m", "How long after an empty log's first delivery alerts that began before it are taken as preexisting", "0", "1d",
            (s, v) => s with { Rules = s.Rules with { Surface = s.Rules.Surface with { ColdStart = v } } }),
        Key.Duration("surface.observerSkew", "10s", "A firing copy from another observer within this time of a resolve is a repeat", "0", "1h",
            (s, v) => s with { Rules = s.Rules with { Surface = s.Rules.Surface with { ObserverSkew = v } } }),
        Key.Count("surface.storm", "100", "Alerts of one incident in a minute that make it a storm", 1, 1_000_000,
            (s, v) => s with { Rules = s.Rules with { Surface = s.Rules.Surface with { Storm = v } } }),
        Key.Duration("surface.history", "1d", "With less history than this a rank is at most 0.5 and the `why` says so", "0", "365d",
            (s, v) => s with { Rules = s.Rules with { Surface = s.Rules.Surface with { History = v } } }),
        Key.Of("scope.label", "none", "The label whose value names an alert's scope; none: one scope, `default`", v => v.LabelName(),
            (s, v) => s with { Scope = s.Scope with { Label = v } }) with { Example = "datacenter" },
        Key.Count("scope.max", "64", "Scopes there may be; alerts of further ones go to `default`", 1, 64,
            (s, v) => s with { Scope = s.Scope with { Max = v } }),
        Key.Tokens("auth.ingest", "Tokens that may send alerts (Bearer; for /v2/enqueue the routing key); empty asks for none",
            (s, v) => s with { Auth = s.Auth with { Ingest = v } }),
        Key.Tokens("auth.api", "Tokens that may read and act (Bearer); empty asks for none", (s, v) => s with { Auth = s.Auth with { Api = v } }),
        Key.Size("limits.body", "4MiB", "A request's body, decompressed; over it 413", 1_024, 1L << 30,
            (s, v) => s with { Limits = s.Limits with { BodyBytes = (int)v } }),
        Key.Count("limits.alerts", "10000", "Alerts in one request; over it 413", 1, 1_000_000, (s, v) => s with { Limits = s.Limits with { Alerts = v } }),
        Key.Count("limits.labels", "64", "Labels of one alert; over it that alert is rejected", 1, 10_000, (s, v) => s with { Limits = s.Limits with { Labels = v } }),
        Key.Size("limits.value", "4KiB", "A label's or annotation's value; a longer annotation is cut, a longer label rejected", 16, 1L << 20,
            (s, v) => s with { Limits = s.Limits with { ValueBytes = (int)v } }),
        new("pagers", "[]", "Who is paged; none: one `log` pager named `default` that prints every page in the terminal",
            (d, v) => d.Settings = d.Settings with { Pagers = PagersReader.Read(v) }),
        new("heartbeats", "[]", "What has to come again and again, such as Prometheus' Watchdog; its absence is an incident",
            (d, v) => d.Settings = d.Settings with { Rules = d.Settings.Rules with { Heartbeats = HeartbeatsReader.Read(v) } }),
        new("heartbeat.url", "none", "Called while all is well, so that something outside notices when it stops", (d, v) => d.HeartbeatUrl = v.Address())
            { Example = "https://example.org/heartbeat" },
        new("heartbeat.every", "1m", "How often `heartbeat.url` is called",
            (d, v) => d.HeartbeatEvery = v.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)) ?? d.HeartbeatEvery),
        Key.Duration("retention.deliveries", "30d", "How long raw deliveries are kept", "1h", "3650d",
            (s, v) => s with { Retention = s.Retention with { Deliveries = v } }),
        Key.Duration("retention.decisions", "400d", "How long decisions are kept", "1h", "3650d",
            (s, v) => s with { Retention = s.Retention with { Decisions = v } }),
        Key.Of("retention.maxBytes", "none", "The store is kept under this size by dropping the oldest days of deliveries", v => v.Size(16L << 20, long.MaxValue),
            (s, v) => s with { Retention = s.Retention with { MaxBytes = v } }) with { Example = "10GiB" },
        new("topology.components", "[]", "The parts of the world, what they belong to and what they need; `--topology FILE` takes its place",
            (d, v) => d.Settings = d.Settings with { Topology = ComponentsReader.Read(v) }),
        new("broker", "none", "RabbitMQ between the machines of a cluster: `amqp://user:password@host:5672`, several hosts with commas; needs `store`", ClusterReader.Broker)
            { Example = "amqp://user:password@rabbit:5672" },
        new("store", "none", "Where the log lies instead of the data folder: `postgres://user:password@host/database` or `esdb://host:2113`", ClusterReader.Store)
            { Example = "postgres://user:password@host:5432/pipeline" },
        new("database", "none", "PostgreSQL for leases and documents where `store` is EventStoreDB; else the store itself", ClusterReader.Database)
            { Example = "postgres://user:password@host:5432/pipeline" },
        Key.Count("queue.partitions", "8", "Queues that the scopes are spread over; scopes are decided side by side only on different ones", 1, 256,
            (s, v) => ClusterReader.With(s, c => c with { Partitions = v })),
        Key.Size("queue.maxBytes", "1GiB", "What each queue keeps while nothing is read from it; a full one is answered 503", 1L << 20, 1L << 40,
            (s, v) => ClusterReader.With(s, c => c with { QueueBytes = v })),
    ];

    /// <summary>Other spellings of a key.</summary>
    public static readonly IReadOnlyDictionary<string, string> Aliases = new Dictionary<string, string> { ["identity.max"] = "identities.max" };

    private static Settings Identity(Settings s, Func<IdentityRules, IdentityRules> change) =>
        s with { Rules = s.Rules with { Identity = change(s.Rules.Identity) } };

    private static Settings Group(Settings s, Func<GroupRules, GroupRules> change) =>
        s with { Rules = s.Rules with { Group = change(s.Rules.Group) } };
}
