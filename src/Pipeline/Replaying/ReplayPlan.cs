using Pipeline.Config;

namespace Pipeline.Replaying;

/// <summary>How to replay: under which rules, and what to write.</summary>
public sealed record ReplayPlan
{
    public Settings Settings { get; init; } = new();

    /// <summary>True where the user named rules: then recorded ones do not take over on the way.</summary>
    public bool OwnRules { get; init; }

    /// <summary>The same for the topology.</summary>
    public bool OwnTopology { get; init; }

    /// <summary>Directory for the result files; null for none.</summary>
    public string? Out { get; init; }

    /// <summary>What comes before is decided, so that there is history, but not reported.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Paged changes of several identities say what each is.</summary>
    public bool WithMembers { get; init; }

    public ReplayFormat Format { get; init; }
}

public enum ReplayFormat
{
    JsonLines,
    NagiosLog,
}
