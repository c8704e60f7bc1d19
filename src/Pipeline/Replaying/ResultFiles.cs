using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Pipeline.Replaying;

/// <summary>The files of <c>--out DIR</c>: same input, rules and version, same bytes.</summary>
internal sealed class ResultFiles : IDisposable
{
    private readonly string directory;
    private readonly JsonLinesFile changes;
    private readonly FileStream pages;

    /// <exception cref="IOException">The directory cannot be made or written.</exception>
    public ResultFiles(string directory)
    {
        this.directory = directory;
        Directory.CreateDirectory(directory);
        // Those of an earlier run would look like this run's.
        foreach (var other in new[] { "diff.jsonl", "lines.jsonl", "news.jsonl" }) File.Delete(Path.Combine(directory, other));
        Alerts = new(Path.Combine(directory, "alerts.csv"));
        changes = new(Path.Combine(directory, "changes.jsonl"));
        pages = Create(Path.Combine(directory, "pages.jsonl"));
    }

    public AlertsCsv Alerts { get; }

    /// <param name="line">The input line that caused it; null where time alone did.</param>
    public void Change(Decision.ChangeSurfaced change, long? line) =>
        changes.Write(
            new ChangeRow(
                change.At, line, change.Incident.Value, Words.Of(change.Reason), change.Rank, change.Fingerprint, change.Labels, change.Why),
            ReplayJson.Default.ChangeRow);

    /// <summary>The page as it goes out: its frozen body, byte for byte.</summary>
    public void Page(Decision.PageDecided page)
    {
        pages.Write(Encoding.UTF8.GetBytes(page.Body));
        pages.WriteByte((byte)'\n');
    }

    public void Incidents(IEnumerable<IncidentRow> incidents)
    {
        using var file = new JsonLinesFile(Path.Combine(directory, "incidents.jsonl"));
        foreach (var incident in incidents) file.Write(incident, ReplayJson.Default.IncidentRow);
    }

    public void Summary(ReplaySummary summary)
    {
        using var file = new JsonLinesFile(Path.Combine(directory, "summary.json"));
        file.Write(summary, ReplayJson.Default.ReplaySummary);
    }

    public void Dispose()
    {
        Alerts.Dispose();
        changes.Dispose();
        pages.Dispose();
    }

    internal static FileStream Create(string path) => new(path, FileMode.Create, FileAccess.Write, FileShare.Read, 64 * 1024);
}

/// <summary>One JSON value a line; other scripts than Latin stay readable.</summary>
internal sealed class JsonLinesFile(string path) : IDisposable
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly FileStream file = ResultFiles.Create(path);
    private readonly ArrayBufferWriter<byte> line = new(1024);

    public void Write<T>(T value, JsonTypeInfo<T> json)
    {
        line.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(line, Options)) JsonSerializer.Serialize(writer, value, json);
        file.Write(line.WrittenSpan);
        file.WriteByte((byte)'\n');
    }

    public void Dispose() => file.Dispose();
}
