using Dedupe.Vocabulary;

namespace Dedupe.Rules;

/// <summary>Everything that a decision depends on besides state and input. Recorded as an input whenever it changes.</summary>
/// <remarks>Stored: add members with defaults, never change one.</remarks>
public sealed record RuleSet
{
    public static readonly RuleSet Default = new();

    public IdentityRules Identity { get; init; } = new();
    public PageRules Page { get; init; } = new();
    public IncidentRules Incident { get; init; } = new();
    public GroupRules Group { get; init; } = new();
    public SurfaceRules Surface { get; init; } = new();

    /// <summary>Which alerts of a delivery are a scope's own. Set when the rules are recorded, not by a person.</summary>
    public ScopeRules Scope { get; init; } = new();

    /// <summary>A short name for the topology that the configuration declares, set when the rules are recorded; null where it declares none.</summary>
    /// <remarks>So that a start puts the configured one in force when it was changed there, and leaves what was posted since where it was not.</remarks>
    public string? ConfiguredTopology { get; init; }

    /// <summary>Who is paged, and for what. None configured: one, <c>default</c>, that takes all.</summary>
    public IReadOnlyList<PagerRule> Pagers { get; init; } = [];

    /// <summary>What has to come again and again, and whose absence is the news.</summary>
    public IReadOnlyList<HeartbeatRule> Heartbeats { get; init; } = [];
}

/// <summary>Whose an alert is, as recorded: a log is read as it was written, however many scopes there are by then.</summary>
public sealed record ScopeRules
{
    public const string Default = "default";

    /// <summary>The label whose value names the scope; null where there is one scope.</summary>
    public string? Label { get; init; }

    /// <summary>In the rules of <c>default</c>: the scopes besides it. An alert that is of none of them is its own. Null: only what names it is.</summary>
    public IReadOnlyList<string>? Apart { get; init; }

    public bool Has(string scope, LabelSet labels)
    {
        if (Label is null) return true;
        var named = labels[Label] ?? Default;
        return scope == Default && Apart is not null ? !Apart.Contains(named) : scope == named;
    }
}

/// <summary>How labels become an identity.</summary>
public sealed record IdentityRules
{
    /// <summary>Labels that never make a new identity.</summary>
    public IReadOnlyList<string> Volatile { get; init; } =
        ["severity", "value", "contact", "contacts", "monitor", "monitoring_server", "prometheus", "prometheus_replica", "replica"];

    public SeverityWords Severity { get; init; } = new();

    /// <summary>An identity unheard for this long no longer counts as firing.</summary>
    public TimeSpan Expire { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Identities a scope remembers; beyond it the longest-ended are forgotten first.</summary>
    public int Max { get; init; } = 1_000_000;
}

/// <summary>The words of the sources for each severity; case does not matter, any other word is unknown.</summary>
public sealed record SeverityWords
{
    public IReadOnlyList<string> Critical { get; init; } = ["critical", "error", "high", "fatal", "disaster", "emergency", "down", "p1", "p2"];
    public IReadOnlyList<string> Warning { get; init; } = ["warning", "warn", "medium", "average", "minor", "degraded", "p3"];
    public IReadOnlyList<string> Info { get; init; } = ["info", "informational", "low", "notice", "p4", "p5"];
}

/// <summary>When a page goes out.</summary>
public sealed record PageRules
{
    /// <summary>How long an urgent change waits for company.</summary>
    public TimeSpan Gather { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Pages an incident and pager may have at once; then one a minute.</summary>
    public int Budget { get; init; } = 6;

    /// <summary>Where a page's links begin: the address under which people reach this installation.</summary>
    public string LinkBase { get; init; } = "http://127.0.0.1:8080";

    /// <summary>Nothing waits unsaid longer, even over budget.</summary>
    public TimeSpan Latest { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>An incident's course.</summary>
public sealed record IncidentRules
{
    /// <summary>Resolved this long after its last firing member ended.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Firing again within this time of being resolved re-opens the same incident.</summary>
    public TimeSpan Reopen { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>No firing member heard for this long: stale.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromHours(24);
}

/// <summary>Which alerts belong to one failure.</summary>
public sealed record GroupRules
{
    /// <summary>Labels whose shared value says "the same failure" for as long as it fires, strongest first.</summary>
    public IReadOnlyList<string> By { get; init; } =
        ["service", "component", "application", "app", "host", "hostname", "instance", "node", "pod", "deployment", "device"];

    /// <summary>Labels whose shared value says "the same failure" only close in time to the incident's last news.</summary>
    public IReadOnlyList<string> Near { get; init; } = ["namespace", "job", "cluster", "site", "datacenter", "team", "alertname"];

    /// <summary>How close in time is close.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Labels that name an alert's component, first match wins.</summary>
    public IReadOnlyList<string> ComponentLabels { get; init; } = ["service", "component", "host", "instance"];
}

/// <summary>What counts as new.</summary>
public sealed record SurfaceRules
{
    /// <summary>Activity after this much quiet is a new episode.</summary>
    public TimeSpan Episode { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Quiet that is long for something seen once or twice and that never says when it ends; as much again for each time it was active.</summary>
    public TimeSpan Return { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Quiet that is long for anything.</summary>
    public TimeSpan ReturnMost { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long a rollback, a restart, a reverting change or a mass recovery has to show effect.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long alerts that began before the first delivery are taken as preexisting.</summary>
    public TimeSpan ColdStart { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Alerts of one incident in a minute that make it a storm.</summary>
    public int Storm { get; init; } = 100;

    /// <summary>With less history than this a rank is at most 0.5 and <c>why</c> says so.</summary>
    public TimeSpan History { get; init; } = TimeSpan.FromDays(1);

    /// <summary>A firing copy from another observer within this time of a resolve is a repeat.</summary>
    public TimeSpan ObserverSkew { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>A pager as the decider sees it: its name and what it is due.</summary>
/// <param name="Match">Labels a change must carry; empty takes all.</param>
/// <param name="From">The lowest severity that pages.</param>
public sealed record PagerRule(string Name, LabelSet Match, Severity From = Severity.Warning);
