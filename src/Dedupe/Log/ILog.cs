namespace Dedupe.Log;

/// <summary>The port to a store: numbered inputs a scope, one decision stream a scope, page outcomes, snapshots.</summary>
/// <remarks>
/// Every backend passes one contract suite. Appends are durable when the task completes. A second writer of the same numbers
/// fails with <see cref="WrongNumberException"/> and nothing is written; any other exception means the outcome is unknown.
/// </remarks>
public interface ILog : IAsyncDisposable
{
    /// <summary>The scope's number for its name, made on first use. At most 64 scopes; the caller keeps the bound.</summary>
    ValueTask<int> ScopeAsync(string name, CancellationToken cancel);

    /// <summary>All scopes so far, by number.</summary>
    ValueTask<IReadOnlyList<KeyValuePair<int, string>>> ScopesAsync(CancellationToken cancel);

    /// <summary>Where a scope's log stands.</summary>
    ValueTask<LogPosition> PositionAsync(int scope, CancellationToken cancel);

    /// <summary>Appends inputs, all or none. Numbers continue each scope's last without a gap.</summary>
    ValueTask AppendInputsAsync(IReadOnlyList<InputRecord> inputs, CancellationToken cancel);

    /// <summary>Inputs of a scope in order, from a number on, to the last one there now.</summary>
    IAsyncEnumerable<InputRecord> ReadInputsAsync(int scope, long from, CancellationToken cancel);

    /// <summary>Appends one commit's decisions, all or none; versions continue after <paramref name="expected"/> (0 for an empty stream).</summary>
    ValueTask AppendDecisionsAsync(int scope, long expected, IReadOnlyList<DecisionRecord> decisions, CancellationToken cancel);

    /// <summary>Decisions of a scope in order, from a version on, to the last one there now.</summary>
    IAsyncEnumerable<DecisionRecord> ReadDecisionsAsync(int scope, long from, CancellationToken cancel);

    /// <summary>
    /// Decisions of a scope in order, from a version on, and then each new one soon after it is appended, by whichever process; ends only when
    /// cancelled. After a broken connection it goes on behind the last one given.
    /// </summary>
    IAsyncEnumerable<DecisionRecord> FollowDecisionsAsync(int scope, long from, CancellationToken cancel);

    /// <summary>Decisions of one incident in order.</summary>
    IAsyncEnumerable<DecisionRecord> ReadIncidentAsync(int scope, string incident, CancellationToken cancel);

    /// <summary>Appends what became of pages; the caller may repeat one.</summary>
    ValueTask AppendOutcomesAsync(IReadOnlyList<OutcomeRecord> outcomes, CancellationToken cancel);

    /// <summary>
    /// Outcomes in the order they were appended, from a number on (1: all there are), to the last one there now. Numbers ascend, with gaps, and a
    /// number is given once, whatever is dropped.
    /// </summary>
    IAsyncEnumerable<NumberedOutcome> ReadOutcomesAsync(long from, CancellationToken cancel);

    /// <summary>The same, and then each new one soon after it is appended; ends only when cancelled, and survives a broken connection.</summary>
    IAsyncEnumerable<NumberedOutcome> FollowOutcomesAsync(long from, CancellationToken cancel);

    /// <summary>Replaces the scope's snapshot of this name.</summary>
    ValueTask SaveSnapshotAsync(int scope, SnapshotRecord snapshot, CancellationToken cancel);

    ValueTask<SnapshotRecord?> LoadSnapshotAsync(int scope, string name, CancellationToken cancel);

    /// <summary>Idempotency keys of deliveries received since, oldest first, for a restarted ingest.</summary>
    IAsyncEnumerable<KeyRecord> ReadKeysAsync(DateTimeOffset since, CancellationToken cancel);

    /// <summary>Drops whole daily segments of inputs, oldest first, and decisions past their time; says how many segments went.</summary>
    /// <param name="maxBytes">Also drop oldest segments while the store is larger; null for no such bound.</param>
    ValueTask<int> TrimAsync(DateTimeOffset inputsBefore, DateTimeOffset decisionsBefore, long? maxBytes, CancellationToken cancel);
}

/// <summary>Reading a log without regard to where something stands in it.</summary>
public static class WholeLog
{
    /// <summary>All outcomes in the order they were appended.</summary>
    public static IAsyncEnumerable<OutcomeRecord> ReadOutcomesAsync(this ILog log, CancellationToken cancel) => log.ReadOutcomesAsync(1, cancel).Select(o => o.Outcome);
}

/// <summary>Where a scope's log stands: the last input and its time, the last decision and the last input it decided.</summary>
public sealed record LogPosition(long LastInput, DateTimeOffset LastAt, long LastDecision, long LastDecided, long FirstInput)
{
    /// <summary>The position of a scope that begins behind this one and holds nothing: nothing at all where that is the beginning.</summary>
    public LogPosition AsBeginning() => this with { FirstInput = LastInput + 1, LastAt = LastInput == 0 ? DateTimeOffset.MinValue : LastAt };
}

/// <summary>What an input is. Stored: never renumber.</summary>
public enum InputKind : byte
{
    Delivery = 1,
    Tick = 2,
    Blind = 3,
    Rules = 4,
    Topology = 5,
    Act = 6,
    Pager = 7,
}

/// <summary>One numbered input of a scope, raw.</summary>
/// <param name="At">The time that decides: max(previous at, min(received, recorder's clock)); whole milliseconds, UTC.</param>
/// <param name="Id">The delivery's id, the same in every scope that it has alerts for; empty for other kinds.</param>
/// <param name="Key">The sender's Idempotency-Key or message id, null where it gave none.</param>
public sealed record InputRecord(
    int Scope, long Number, DateTimeOffset At, InputKind Kind, DateTimeOffset ReceivedAt, string Source, string Id, string? Key, ReadOnlyMemory<byte> Body);

/// <summary>One decision. <paramref name="Input"/> is the last input decided; <paramref name="Incident"/> is null where it belongs to none.</summary>
/// <param name="Data">UTF-8 JSON; <see cref="Deciding.DecisionCodec"/> reads and writes it.</param>
public sealed record DecisionRecord(long Version, long Input, DateTimeOffset At, string Type, string? Incident, ReadOnlyMemory<byte> Data);

/// <summary>What became of a page. Stored: never renumber.</summary>
public enum PageState : byte
{
    Owed = 0,
    Sent = 1,
    Failing = 2,
    Undeliverable = 3,
}

/// <summary>One outcome of one attempt or of the last one.</summary>
/// <param name="Answer">What the pager answered or why it could not be reached, in a line.</param>
public sealed record OutcomeRecord(string PageId, string Pager, PageState State, DateTimeOffset At, int Attempts, string Answer)
{
    /// <summary>The answer of a page that nobody was to be sent. Stored: never change it.</summary>
    public const string Shadowed = "decided under --shadow: not sent";
}

/// <param name="Number">Its place among all outcomes, from 1.</param>
public readonly record struct NumberedOutcome(long Number, OutcomeRecord Outcome);

/// <summary>State as of an input and a decision, with what wrote it.</summary>
/// <param name="Name"><c>decider</c>, or a view's name.</param>
/// <param name="Writer">Version of the writer and hash of its rules: another one's snapshot is read with care or not at all.</param>
public sealed record SnapshotRecord(string Name, string Writer, long Input, long Decision, ReadOnlyMemory<byte> Data);

/// <summary>A sender's key, and the hash of the body that came with it.</summary>
/// <param name="At">When the delivery was received.</param>
public sealed record KeyRecord(string Source, string Key, ulong BodyHash, DateTimeOffset At)
{
    /// <summary>The first 8 bytes of the body's SHA-256: what a store keeps and what ingest compares. Stored: never change it.</summary>
    public static ulong HashOf(ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[System.Security.Cryptography.SHA256.HashSizeInBytes];
        System.Security.Cryptography.SHA256.HashData(body, hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}

/// <summary>Another writer has written this number: reload, never retry blind.</summary>
public sealed class WrongNumberException(string message) : Exception(message);

/// <summary>The store has no room; nothing was written. Accepting again is tried with the next append.</summary>
public sealed class StoreFullException(string message, Exception? inner = null) : Exception(message, inner);
