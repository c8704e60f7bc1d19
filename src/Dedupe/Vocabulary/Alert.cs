namespace Dedupe.Vocabulary;

public enum AlertStatus : byte
{
    Firing,
    Resolved,
}

/// <summary>One normalised observation out of a delivery. Built by a source's parser with <see cref="Identities.Read"/>.</summary>
public sealed record Alert
{
    /// <summary>What is alerting: labels less the volatile ones, with their hash. For a log line the template is not in it yet.</summary>
    public required Identity Identity { get; init; }

    public AlertStatus Status { get; init; }

    public Severity Severity { get; init; }

    /// <summary>One line for a person; empty where the source gave none. At most 4 KiB.</summary>
    public string Summary { get; init; } = "";

    /// <summary>The measured number, in the source's own unit, where it gave one.</summary>
    public double? Value { get; init; }

    /// <summary>When it began, by the source's clock (UTC).</summary>
    public DateTimeOffset? StartsAt { get; init; }

    /// <summary>When it ended or will be taken to have ended, by the source's clock (UTC); null where absent or in year 1.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    public string? Url { get; init; }

    /// <summary>The log message of a <c>logs</c> line, from which the decider learns the template; of many lines, what says which error it is. Null for every other source.</summary>
    public string? LogMessage { get; init; }

    /// <summary>A log line below <c>error</c> only trains templates.</summary>
    public bool TrainsOnly { get; init; }

    /// <summary>Its sender has an alert of its own for each severity: others of the same identity may fire beside it, and its end is not theirs.</summary>
    public bool PerSeverity { get; init; }

    /// <summary>The source says that somebody has taken it: PagerDuty's <c>acknowledge</c>. Neither firing nor resolved.</summary>
    public bool Acknowledges { get; init; }
}

/// <summary>What is alerting, and who saw it this time.</summary>
/// <param name="Fingerprint">Stable hash of <paramref name="Key"/>.</param>
/// <param name="Labels">Labels less the volatile ones, as shown to people.</param>
/// <param name="Key">The labels that make the identity; the same as <paramref name="Labels"/> unless the source brings a key of its own (PagerDuty's dedup_key).</param>
/// <param name="Observers">Values of the observer labels: monitoring server, replica, contact.</param>
/// <param name="LabelSeverity">Severity by the <c>severity</c> label; a severity field of the source beats it.</param>
/// <param name="LabelValue">The number in the <c>value</c> label.</param>
public sealed record Identity(
    Fingerprint Fingerprint, LabelSet Labels, LabelSet Key, IReadOnlyList<string> Observers, Severity LabelSeverity, double? LabelValue);

/// <summary>Something people did: a deploy, a config change, a rollback.</summary>
/// <param name="Id">The source's id, or a hash of the content where it gave none.</param>
/// <param name="At">When it happened, by the source's clock (UTC).</param>
/// <param name="Kind">deploy, config, rollback, restart, ...</param>
/// <param name="Services">Components it touched; may be empty.</param>
/// <param name="Reverts">The id of the change that it takes back.</param>
/// <param name="Version">What runs, or would run, from then on: a commit, a tag. One that ran before is a way back.</param>
/// <param name="Environment">Where it runs, where there are several: what comes to one of them after another is no way back.</param>
public sealed record Change(
    string Id, DateTimeOffset At, string Kind, string Summary, IReadOnlyList<string> Services, string? Reverts = null, string? Url = null, string? Version = null,
    string? Environment = null)
{
    /// <summary>How an id begins that no source gave.</summary>
    public const string MadeUp = "chg_";

    /// <summary>The same in every member but the time; services by what they are called.</summary>
    public bool SaysTheSameAs(Change other) => this with { Services = other.Services, At = other.At } == other && Services.SequenceEqual(other.Services);
}

/// <summary>A part of a delivery that could not be understood: kept, listed, re-submittable.</summary>
/// <param name="Index">Position among the delivery's alerts, from 0.</param>
/// <param name="Field">Path of the field at fault, such as <c>alerts[3].labels</c>.</param>
/// <param name="Problem">What was wrong and what to do, in words.</param>
public sealed record RejectedPart(int Index, string Field, string Problem);
