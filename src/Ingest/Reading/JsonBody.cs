using System.Text.Json;
using Dedupe.Vocabulary;

namespace Ingest.Reading;

/// <summary>What every JSON format has in common: bounds, what is not JSON, and what a result is.</summary>
internal static class JsonBody
{
    /// <summary>Longer names than this are none that we know.</summary>
    public const int LongestName = 64;

    /// <summary>Reads a body that the reader stands at the first token of.</summary>
    public delegate Parsed Read<in TState>(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, ParseContext context, TState state);

    public static Parsed Parse<TState>(ReadOnlyMemory<byte> memory, ParseContext context, TState state, Read<TState> read)
    {
        var body = WithoutMark(memory.Span);
        if (body.TrimStart(" \t\r\n"u8).IsEmpty) return Parsed.Failed("body", "is empty; send JSON");
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = context.Limits.Depth });
            reader.Read();
            var parsed = read(ref reader, body, context, state);
            // What comes behind the value makes the whole no JSON; a failed one was left in its middle.
            if (parsed.Problem is null || parsed.Alerts.Count > 0) reader.Read();
            return parsed;
        }
        catch (JsonException e)
        {
            return NotJson(body, context.Limits.Depth, e);
        }
    }

    /// <summary>The name of the property that the reader stands on, unescaped; empty where it is longer than any we know.</summary>
    public static ReadOnlySpan<byte> Name(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped) return reader.ValueSpan;
        if (reader.ValueSpan.Length > LongestName) return [];
        try
        {
            var buffer = new byte[LongestName];
            return buffer.AsSpan(0, reader.CopyString(buffer));
        }
        catch (InvalidOperationException)
        {
            return [];
        }
    }

    /// <summary>What was understood and what not; where nothing was, the first problem stands for all.</summary>
    public static Parsed Result(IReadOnlyList<Alert> alerts, IReadOnlyList<Change> changes, IReadOnlyList<RejectedPart>? rejected) => new()
    {
        Alerts = alerts,
        Changes = changes,
        Rejected = rejected ?? [],
        Problem = alerts.Count == 0 && changes.Count == 0 && rejected is { Count: > 0 } ? rejected[0] : null,
    };

    public static Parsed TooMany(string field, int limit) =>
        Parsed.Failed(field, $"holds more than {limit} parts; send them in several requests") with { TooLarge = true };

    public static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> body) => body.StartsWith("\uFEFF"u8) ? body[3..] : body;

    /// <summary>Says where the JSON breaks: field, line and byte.</summary>
    public static Parsed NotJson(ReadOnlySpan<byte> body, int depth, JsonException e)
    {
        if (e.Message.Contains("maximum configured depth", StringComparison.Ordinal))
            return Parsed.Failed(JsonPath.OfFirstFlaw(body, depth) ?? "body", $"is nested deeper than {depth} levels; send flatter JSON");
        var text = e.Message.AsSpan();
        if (text.IndexOf(" LineNumber:", StringComparison.Ordinal) is var cut and >= 0) text = text[..cut];
        var path = JsonPath.OfFirstFlaw(body, depth);
        return Parsed.Failed(string.IsNullOrEmpty(path) ? "body" : path, $"is not JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {text}");
    }
}
