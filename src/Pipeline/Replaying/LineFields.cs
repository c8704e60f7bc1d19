using System.Text.Json;
using Dedupe.Vocabulary;

namespace Pipeline.Replaying;

/// <summary>The fields of one JSON line, as places in it: nothing is copied before it is needed.</summary>
internal struct LineFields
{
    public bool HasAt, HasReceivedAt, Ticks;
    public DateTimeOffset At, ReceivedAt;

    /// <summary>Where the string values lie, without their quotes; empty where absent.</summary>
    public Range Source, Id, Key, Scope, ScopeLabel, Origin;
    public Range Body, Body64, Blind, Act, Rules, Topology, Pager, Numbers, SetAside, Paged, Unread;

    // The body of a delivery may be as deep as its own parser allows; this is only the bound on what we skip over.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 256 };

    /// <summary>Null, or what is wrong with the line.</summary>
    public static RejectedPart? Read(ReadOnlySpan<byte> line, out LineFields fields)
    {
        fields = default;
        try
        {
            var reader = new Utf8JsonReader(line, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return new(0, "", "a replay line is a JSON object with receivedAt, source and body (a nagios.log is read with --format nagios-log, other systems' records with the formats of docs/replay.md)");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                if (fields.ReadField(ref reader) is { } problem) return problem;
            return reader.Read() ? new(0, "", "more follows the JSON object; write one a line") : null;
        }
        catch (JsonException e)
        {
            // Without the place in the line that the reader's own words end with: the line is named, and is one line.
            var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            return new(0, "", $"not JSON: {(end < 0 ? e.Message : e.Message[..end])}");
        }
    }

    // Longest-known and most frequent first: a delivery's line needs three comparisons.
    private RejectedPart? ReadField(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("receivedAt"u8)) return Time(ref reader, "receivedAt", out ReceivedAt, out HasReceivedAt);
        if (reader.ValueTextEquals("source"u8)) return Text(ref reader, "source", out Source);
        if (reader.ValueTextEquals("body"u8)) return Any(ref reader, out Body);
        if (reader.ValueTextEquals("at"u8)) return Time(ref reader, "at", out At, out HasAt);
        if (reader.ValueTextEquals("id"u8)) return Text(ref reader, "id", out Id);
        if (reader.ValueTextEquals("key"u8)) return Text(ref reader, "key", out Key);
        if (reader.ValueTextEquals("scope"u8)) return Text(ref reader, "scope", out Scope);
        if (reader.ValueTextEquals("bodyBase64"u8)) return Any(ref reader, out Body64);
        if (reader.ValueTextEquals("tick"u8)) return Any(ref reader, out _) ?? Tick();
        if (reader.ValueTextEquals("blind"u8)) return Any(ref reader, out Blind);
        if (reader.ValueTextEquals("act"u8)) return Any(ref reader, out Act);
        if (reader.ValueTextEquals("rules"u8)) return Any(ref reader, out Rules);
        if (reader.ValueTextEquals("topology"u8)) return Any(ref reader, out Topology);
        if (reader.ValueTextEquals("pager"u8)) return Any(ref reader, out Pager);
        if (reader.ValueTextEquals("numbers"u8)) return Any(ref reader, out Numbers);
        if (reader.ValueTextEquals("scopeLabel"u8)) return Text(ref reader, "scopeLabel", out ScopeLabel);
        if (reader.ValueTextEquals("setAside"u8)) return Any(ref reader, out SetAside);
        if (reader.ValueTextEquals("paged"u8)) return Any(ref reader, out Paged);
        if (reader.ValueTextEquals("origin"u8)) return Text(ref reader, "origin", out Origin);
        if (reader.ValueTextEquals("unread"u8)) return Any(ref reader, out Unread);
        return Any(ref reader, out _);
    }

    private RejectedPart? Tick()
    {
        Ticks = true;
        return null;
    }

    private static RejectedPart? Time(ref Utf8JsonReader reader, string name, out DateTimeOffset time, out bool has)
    {
        time = default;
        has = reader.Read() && reader.TokenType == JsonTokenType.String && Rfc3339.TryRead(reader.ValueSpan, out time);
        if (has) return null;
        reader.Skip();
        return new(0, name, $"{name} is no time between 1970 and 2200; write it as 2026-01-31T12:00:00.000Z");
    }

    private static RejectedPart? Text(ref Utf8JsonReader reader, string name, out Range place)
    {
        place = default;
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return null;
        if (reader.TokenType != JsonTokenType.String) return new(0, name, $"{name} is not a string");
        var start = (int)reader.TokenStartIndex + 1;
        place = start..(start + reader.ValueSpan.Length);
        return null;
    }

    private static RejectedPart? Any(ref Utf8JsonReader reader, out Range place)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        place = start..(int)reader.BytesConsumed;
        return null;
    }
}
