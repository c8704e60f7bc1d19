using Dedupe.Vocabulary;

namespace Ingest;

/// <summary>A monitoring system's payload format: bytes to alerts. Pure; one file a source, one line in <see cref="Sources"/>.</summary>
public interface ISource
{
    /// <summary>The name in <c>/ingest/{source}</c> and in a replay line.</summary>
    string Name { get; }

    /// <summary>Reads a body. Never throws on bad input: what cannot be understood is in <see cref="Parsed.Rejected"/> or <see cref="Parsed.Problem"/>.</summary>
    Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context);
}

/// <summary>What a parser may look at besides the body.</summary>
/// <param name="Identities">Splits labels into identity, severity and observers.</param>
/// <param name="Limits">Bounds; what is over one is rejected by name.</param>
/// <param name="ReceivedAt">When the delivery came in, by our clock (UTC).</param>
public sealed record ParseContext(Identities Identities, IngestLimits Limits, DateTimeOffset ReceivedAt);

/// <summary>Bounds on what one delivery may hold. Over the body's: 413.</summary>
public sealed record IngestLimits
{
    /// <summary>Bytes of a body, after decompression.</summary>
    public int BodyBytes { get; init; } = 4 * 1024 * 1024;

    public int Alerts { get; init; } = 10_000;

    /// <summary>Labels of one alert.</summary>
    public int Labels { get; init; } = 64;

    /// <summary>UTF-8 bytes of a label's or annotation's value; a longer annotation is cut, a longer label is rejected.</summary>
    public int ValueBytes { get; init; } = 4 * 1024;

    /// <summary>Nesting of JSON.</summary>
    public int Depth { get; init; } = 64;
}

/// <summary>What a parser found in one body.</summary>
public sealed record Parsed
{
    public IReadOnlyList<Alert> Alerts { get; init; } = [];
    public IReadOnlyList<Change> Changes { get; init; } = [];

    /// <summary>Parts that were not understood; the others count.</summary>
    public IReadOnlyList<RejectedPart> Rejected { get; init; } = [];

    /// <summary>Set when no part at all was understood: what, where and what to do. <see cref="Rejected"/> then lists the parts, where there were parts.</summary>
    public RejectedPart? Problem { get; init; }

    /// <summary>With <see cref="Problem"/>: over a limit on the whole delivery, so 413.</summary>
    public bool TooLarge { get; init; }

    /// <summary>An id that the sender gave this message, the same on a re-delivery; null where the format has none.</summary>
    public string? MessageId { get; init; }

    public static Parsed Failed(string field, string problem) => new() { Problem = new(0, field, problem) };
}
