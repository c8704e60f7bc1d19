namespace Stores.EventStore;

/// <summary>An event to append.</summary>
internal sealed record NewEvent(Guid Id, string Type, bool IsJson, ReadOnlyMemory<byte> Header, ReadOnlyMemory<byte> Data)
{
    /// <summary>How much of an append it takes, with room for the id and the names around it.</summary>
    public int Size => Header.Length + Data.Length + (2 * Type.Length) + 128;
}

/// <summary>An event as it lies in its stream.</summary>
internal sealed record StoredEvent(long Revision, string Type, ReadOnlyMemory<byte> Header, ReadOnlyMemory<byte> Data);

/// <summary>Where a stream must stand for an append to be taken.</summary>
internal readonly record struct Expected
{
    private Expected(long? revision) => Revision = revision;

    /// <summary>The last event's revision; -1 for no stream, null for anywhere.</summary>
    public long? Revision { get; }

    public static Expected Any => default;

    /// <param name="revision">The last event's; -1 where there is none yet.</param>
    public static Expected After(long revision) => new(revision);
}

/// <summary>How much goes into one append.</summary>
internal static class Appended
{
    /// <summary>The server takes 1 MiB; what it counts besides the bytes we know is its own affair.</summary>
    public const int Most = 900_000;
}
