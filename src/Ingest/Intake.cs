namespace Ingest;

/// <summary>Where ingest hands a delivery on: straight to the recorder (embedded) or to the broker. When it answers, the delivery is durable.</summary>
public interface IIntake
{
    ValueTask<IntakeAnswer> AcceptAsync(ReceivedDelivery delivery, CancellationToken cancel);

    /// <summary>False while a start recovers or a stop drains: 503.</summary>
    bool Ready { get; }
}

/// <summary>One HTTP request or message, as received and as parsed. The body belongs to the receiver from here on.</summary>
/// <param name="Key">Idempotency-Key or the source's message id.</param>
public sealed record ReceivedDelivery(string Source, DateTimeOffset ReceivedAt, string? Key, ReadOnlyMemory<byte> Body, Parsed Parsed);

public enum IntakeStatus
{
    /// <summary>Durable, and will be decided.</summary>
    Recorded,

    /// <summary>The same key with the same body came before: counted as accepted, not observed again.</summary>
    Copy,

    /// <summary>The same key with another body: 422.</summary>
    KeyReused,

    /// <summary>Not recovered yet, stopping, or the store is full or gone: 503 with Retry-After.</summary>
    Unavailable,

    /// <summary>More is waiting than we keep: 429 with Retry-After.</summary>
    Busy,
}

/// <param name="Detail">Why not, in words, for the problem body.</param>
public readonly record struct IntakeAnswer(IntakeStatus Status, string? Detail = null);
