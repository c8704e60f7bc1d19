using System.Text.Json.Serialization;

namespace Pipeline.Tuning;

/// <summary>What <c>tune --json</c> prints.</summary>
internal sealed record TuneRow(IReadOnlyList<string> Files, string Rules, IReadOnlyList<PointRow> Points, IReadOnlyList<LeftOutRow> LeftOut, int Suggested, string Yaml);

/// <summary>A line of <c>points.jsonl</c>.</summary>
/// <param name="Settings">What differs from the rules as they are.</param>
internal sealed record PointRow(
    int Point, bool Running, bool Unbeaten, bool Suggested, long Pages, long Changes, int News, int Named, double Recall, double Precision, double? MedianSeconds,
    Dictionary<string, string> Settings, IReadOnlyList<PointFileRow> Files);

internal sealed record PointFileRow(string File, long Pages, long Changes, int News, int Named);

/// <summary>The point that the other files suggest, on this file.</summary>
internal sealed record LeftOutRow(string File, int Point, long Pages, int Named, long PagesRunning, int NamedRunning, int News);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TuneRow))]
[JsonSerializable(typeof(PointRow))]
internal sealed partial class TuneJson : JsonSerializerContext;
