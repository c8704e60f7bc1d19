using Dedupe.Rules;
using Dedupe.Vocabulary;
using Ingest;

namespace Pipeline.Config;

/// <summary>One configuration, read and checked: the rules that decide, and everything around them. Every member has a default.</summary>
public sealed record Settings
{
    public RuleSet Rules { get; init; } = RuleSet.Default;
    public IngestLimits Limits { get; init; } = new();
    public ScopeSettings Scope { get; init; } = new();
    public AuthSettings Auth { get; init; } = new();
    public IReadOnlyList<PagerSettings> Pagers { get; init; } = [];
    public HeartbeatSettings? Heartbeat { get; init; }
    public RetentionSettings Retention { get; init; } = new();
    public Topology Topology { get; init; } = Topology.None;

    /// <summary>A log that lies elsewhere, and a broker in front of it; null keeps everything in this process and its folder.</summary>
    public ClusterSettings? Cluster { get; init; }
}

/// <summary>What more than one machine needs; with a store and no broker one process does everything, with its log elsewhere.</summary>
public sealed record ClusterSettings
{
    /// <summary><c>amqp://</c> or <c>amqps://</c>; null where everything runs in one process.</summary>
    public string? Broker { get; init; }

    /// <summary>The log: <c>postgres://</c> or <c>esdb://</c>.</summary>
    public string Store { get; init; } = "";

    /// <summary>PostgreSQL for leases and documents: the store itself, unless that is EventStoreDB.</summary>
    public string Database { get; init; } = "";

    /// <summary>Queues that the scopes are spread over.</summary>
    public int Partitions { get; init; } = 8;

    /// <summary>Bytes that each queue keeps.</summary>
    public long QueueBytes { get; init; } = 1L << 30;
}

/// <summary>One decider a scope; one scope, <c>default</c>, unless a label names more.</summary>
public sealed record ScopeSettings
{
    public string? Label { get; init; }
    public int Max { get; init; } = 64;
}

/// <summary>Bearer tokens; empty lists ask for none.</summary>
public sealed record AuthSettings
{
    public IReadOnlyList<string> Ingest { get; init; } = [];
    public IReadOnlyList<string> Api { get; init; } = [];
}

public enum PagerType
{
    Webhook,
    Slack,
    PagerDuty,
    Log,
}

/// <summary>A pager: where its pages go. What it is due is in <see cref="PagerRule"/>.</summary>
/// <param name="Secret">Standard Webhooks secret, or PagerDuty's routing key.</param>
public sealed record PagerSettings(string Name, PagerType Type, Uri? Url = null, string? Secret = null, LabelSet? Match = null, Severity From = Severity.Warning);

/// <summary>The outbound dead-man call.</summary>
public sealed record HeartbeatSettings(Uri Url, TimeSpan Every);

/// <summary>How long what is kept; <see cref="MaxBytes"/> null for no bound by size.</summary>
public sealed record RetentionSettings
{
    public TimeSpan Deliveries { get; init; } = TimeSpan.FromDays(30);
    public TimeSpan Decisions { get; init; } = TimeSpan.FromDays(400);
    public long? MaxBytes { get; init; }
}
