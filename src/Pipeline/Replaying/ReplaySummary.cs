using System.Text.Json.Serialization;

namespace Pipeline.Replaying;

/// <summary><c>summary.json</c>. Only the last two members differ between two runs of the same input.</summary>
public sealed record ReplaySummary(
    long Deliveries, long Alerts, long Repeats, long Incidents, long Changes, long Pages, double Seconds, long AlertsPerSecond)
{
    /// <summary>Only printed, with <c>--against --json</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DiffCounts? Diff { get; init; }

    /// <summary>Only printed, with <c>--json</c>: inputs that were set aside when they were recorded, and are skipped.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? SetAside { get; init; }

    /// <summary>Only printed, with <c>--labels --json</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NewsCounts? News { get; init; }

    /// <summary>Only printed, with <c>--labels --against --json</c>: the same of the other side.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NewsCounts? NewsThere { get; init; }
}

/// <summary>With <c>--labels</c>: true news, and what of it was paged.</summary>
/// <param name="Precision">The share of paged changes that are news.</param>
/// <param name="MedianSeconds">How long after it began news was paged, of that whose beginning is known.</param>
public sealed record NewsCounts(int Total, int Named, IReadOnlyList<MissedNews> Missed, double Precision, double? MedianSeconds);

/// <summary>News that no page named, or too late.</summary>
public sealed record MissedNews(string Name, DateTimeOffset? From);

/// <summary>Paged changes of two sides, counted.</summary>
public sealed record DiffCounts(int OnlyHere, int OnlyThere, int Moved, int Same);

/// <summary>What a run came to, for people: the summary and what the table shows besides.</summary>
/// <param name="Rejected">Rows that could not be understood.</param>
/// <param name="FirstProblem">The first of them, in words.</param>
/// <param name="ByReason">Surfaced changes by reason, most frequent first.</param>
/// <param name="Largest">The incidents with the most alerts, at most ten.</param>
public sealed record ReplayResult(
    ReplaySummary Summary, long Rejected, string? FirstProblem, DateTimeOffset? From, DateTimeOffset? To,
    IReadOnlyList<KeyValuePair<string, long>> ByReason, IReadOnlyList<IncidentLine> Largest, IReadOnlyList<PagedChange> Paged)
{
    /// <summary>What was paged at the time, where the input says it: an installation's own log does.</summary>
    public IReadOnlyList<PagedChange> Recorded { get; init; } = [];

    /// <summary>How many of <see cref="Paged"/>, the last ones, are paged only because the input ends.</summary>
    public int OwedAtEnd { get; init; }

    public long SetAside { get; init; }
    public string? FirstSetAside { get; init; }
}

/// <summary>An incident in the table.</summary>
public sealed record IncidentLine(string Id, string Title, DateTimeOffset OpenedAt, DateTimeOffset? ResolvedAt, int Identities, long Alerts, int Pages);
