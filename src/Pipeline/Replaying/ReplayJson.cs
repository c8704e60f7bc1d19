using System.Text.Json.Serialization;
using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Pipeline.Replaying;

/// <summary>A blind period in a replay line.</summary>
internal sealed record BlindLine(DateTimeOffset From, DateTimeOffset To);

/// <summary>A pager's report in a replay line.</summary>
internal sealed record PagerLine(string Pager, bool Failing, string Answer = "");

/// <summary>A change in a replay line that was paged when it was recorded.</summary>
internal sealed record PagedLine(string Pager, string Reason, Fingerprint Fingerprint, LabelSet Labels);

/// <summary>A part of an imported file that could not be read.</summary>
internal sealed record UnreadLine(string Field, string Problem);

/// <summary>A line of <c>changes.jsonl</c>. The order of the members is the order in the file.</summary>
internal sealed record ChangeRow(
    DateTimeOffset At, long? Line, string Incident, string Reason, double Rank, Fingerprint Fingerprint, LabelSet Labels, string Why);

/// <summary>A line of <c>incidents.jsonl</c>.</summary>
internal sealed record IncidentRow(
    string Id, DateTimeOffset OpenedAt, DateTimeOffset? ResolvedAt, string Title, IReadOnlyCollection<Fingerprint> Fingerprints, long Alerts, int Pages);

/// <summary>The first line of <c>diff.jsonl</c>.</summary>
internal sealed record DiffHead(DateTimeOffset? WarmFrom, string Here, string There, int OnlyHere, int OnlyThere, int Moved, int Same);

/// <summary>A paged change that the two sides do not share, or not at the same time.</summary>
/// <param name="Diff"><c>only-here</c>, <c>only-there</c> or <c>moved</c>.</param>
/// <param name="MovedSeconds">How much later it is paged here than there; negative: earlier.</param>
internal sealed record DiffRow(
    string Diff, string Pager, string Reason, Fingerprint Fingerprint, int Occurrence, LabelSet Labels,
    DateTimeOffset? Here, DateTimeOffset? There, double? MovedSeconds);

/// <summary>A line of <c>news.jsonl</c>: one label, and what became of it here and, with <c>--against</c>, there.</summary>
internal sealed record NewsRow(
    string Name, DateTimeOffset? From, NewsFateRow Here, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] NewsFateRow? There);

/// <param name="At">When the first page named it.</param>
/// <param name="DelaySeconds">How long after it began.</param>
internal sealed record NewsFateRow(bool Named, DateTimeOffset? At, string? Reason, double? DelaySeconds);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NewLine = "\n", Converters = [typeof(UtcMilliseconds)])]
[JsonSerializable(typeof(BlindLine))]
[JsonSerializable(typeof(PagerLine))]
[JsonSerializable(typeof(PagedLine))]
[JsonSerializable(typeof(UnreadLine))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(ChangeRow))]
[JsonSerializable(typeof(IncidentRow))]
[JsonSerializable(typeof(ReplaySummary))]
[JsonSerializable(typeof(DiffHead))]
[JsonSerializable(typeof(DiffRow))]
[JsonSerializable(typeof(NewsRow))]
[JsonSerializable(typeof(string))]
internal sealed partial class ReplayJson : JsonSerializerContext;
