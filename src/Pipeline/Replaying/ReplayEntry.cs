using System.Buffers;
using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Ingest;

namespace Pipeline.Replaying;

/// <summary>What one line says.</summary>
internal enum EntryKind : byte
{
    /// <summary>Not understood: <see cref="ReplayEntry.Problem"/> says why.</summary>
    Rejected,
    Delivery,

    /// <summary>Any other input, in <see cref="ReplayEntry.Input"/>.</summary>
    Input,

    /// <summary>The scopes' next numbers, so that an exported range keeps the ids it had.</summary>
    Numbers,

    /// <summary>A change that was paged at the time, in <see cref="ReplayEntry.Paged"/>: nothing to decide.</summary>
    Paged,
}

/// <summary>One line of replay input. A struct: there are 300,000 a second.</summary>
internal struct ReplayEntry
{
    public long Line;
    public EntryKind Kind;

    /// <summary>As the line says; the default where it says nothing readable.</summary>
    public DateTimeOffset ReceivedAt;

    /// <summary>The time that decides, before it is kept from running backwards.</summary>
    public DateTimeOffset At;
    public string Source;
    public string? Id;

    /// <summary>What a copy is known by, where its sender gave a key.</summary>
    public string? CopyKey;

    /// <summary>The one scope that a recorded input is for; null for all that it concerns.</summary>
    public string? Scope;
    public Parsed? Parsed;
    public Input? Input;
    public IReadOnlyList<KeyValuePair<string, long>>? Numbers;

    /// <summary>With the numbers: the label that names an alert's scope, where there are several.</summary>
    public string? ScopeLabel;

    /// <summary>The scopes in which the decider failed on it when it was recorded, and why; null for none.</summary>
    public Dictionary<string, string>? SetAside;
    public PagedChange? Paged;
    public RejectedPart? Problem;

    /// <summary>The file and line of a foreign record that this was imported from, such as <c>alerts.csv:17</c>; null for a line of our own.</summary>
    public string? Origin;
}

/// <summary>Entries in a rented array; whoever decides them gives it back.</summary>
internal readonly record struct EntryBatch(ReplayEntry[] Entries, int Count)
{
    public const int Size = 1024;

    public static ReplayEntry[] Rent() => ArrayPool<ReplayEntry>.Shared.Rent(Size);

    public void Return() => ArrayPool<ReplayEntry>.Shared.Return(Entries, clearArray: true);
}
