using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Stores.EventStore;

/// <summary>What stands in an event's own metadata, beside its body. Stored: add members with defaults, never change one.</summary>
/// <remarks>Times are Unix milliseconds. A member that has its default is left out.</remarks>
internal sealed record Head
{
    /// <summary>The event's number; of several in one event the last one.</summary>
    public long Number { get; init; }

    /// <summary>How many more lie in it before that one, in parts.</summary>
    public int Before { get; init; }

    public long At { get; init; }

    /// <summary>A decision's: the last input decided.</summary>
    public long Input { get; init; }

    public string? Incident { get; init; }

    /// <summary>An input's kind.</summary>
    public byte Kind { get; init; }

    public long Received { get; init; }

    public string? Source { get; init; }

    public string? Id { get; init; }

    public string? Key { get; init; }

    /// <summary>The day it is dropped with: that of its time, and never before the one before it.</summary>
    public DateOnly Day { get; init; }

    /// <summary>Bytes of the stream up to this one and with it: how much a day holds is a difference of two.</summary>
    public long Total { get; init; }

    /// <summary>The highest revision of the stream of parts that this event or an earlier one names, and 1 more; 0 for none.</summary>
    public long Parted { get; init; }

    /// <summary>Where its parts lie, in order.</summary>
    public IReadOnlyList<long>? Parts { get; init; }

    [JsonIgnore]
    public long First => Number - Before;

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, HeadJson.Written.Head);

    public static Head Read(ReadOnlyMemory<byte> json) =>
        JsonSerializer.Deserialize(json.Span, HeadJson.Written.Head) ?? throw new InvalidDataException("an event has no metadata of ours");
}

/// <summary>Everything that this store writes as JSON.</summary>
[JsonSerializable(typeof(Head))]
[JsonSerializable(typeof(StreamSettings))]
[JsonSerializable(typeof(StoredOutcome))]
[JsonSerializable(typeof(StoredKey))]
[JsonSerializable(typeof(StoredScope))]
[JsonSerializable(typeof(SnapshotHead))]
internal sealed partial class HeadJson : JsonSerializerContext
{
    public static HeadJson Written { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        // Text as it is read: senders' names are not only ASCII.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
