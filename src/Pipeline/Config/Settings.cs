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
