using System.Runtime.CompilerServices;
using Dedupe.Log;

namespace Stores.EventStore;

/// <summary>Where a stream stands: its last event.</summary>
internal sealed record Tail(long Revision, Head Head)
{
    public static readonly Tail Empty = new(-1, new());

    public long Last => Head.Number;
}

/// <summary>Numbered entries in one stream, from 1 without a gap: an event each, its revision the number less 1.</summary>
/// <remarks>
/// Entries that are too large for one append lie in parts, one event for all of a day: that is what keeps them all or none. Behind
/// such an event revisions lag behind numbers, and an entry is found by halving.
/// </remarks>
internal sealed partial class NumberedStream(EventStoreClient client, string name, EventIds ids)
{
    private const string InParts = "in-parts";
    private const int PageEvents = 1000;

    private readonly Parts parts = new(client, name + "-parts", ids);
    private Tail? known;

    /// <summary>The last event, as the server has it now.</summary>
    public async Task<Tail> TailAsync(CancellationToken cancel)
    {
        var tail = await client.LastAsync(name, cancel).ConfigureAwait(false) is { } last ? new Tail(last.Revision, Head.Read(last.Header)) : Tail.Empty;
        // An append of ours may have been answered since.
        if (known is not { } ours || ours.Revision <= tail.Revision) known = tail;
        return tail;
    }

    public Task<StreamSettings> SettingsAsync(CancellationToken cancel) => StreamSettings.ReadAsync(client, name, cancel);

    /// <exception cref="WrongNumberException">The entries do not follow each other, or the last one there.</exception>
    public async Task<Tail> CheckAsync(long expected, IReadOnlyList<Entry> entries, CancellationToken cancel)
    {
        for (var i = 0; i < entries.Count; i++)
            if (entries[i].Number != expected + 1 + i) throw Wrong(entries[i].Number, expected + i);
        var tail = known;
        // What we know may be old, but is never ahead.
        if (tail is null || tail.Last < expected) tail = await TailAsync(cancel).ConfigureAwait(false);
        return tail.Last == expected ? tail : throw Wrong(expected + 1, tail.Last);
    }

    /// <summary>Appends all or none after <paramref name="expected"/>. One at a time: the caller sees to it.</summary>
    /// <exception cref="WrongNumberException">The stream's last number is another one; nothing was appended.</exception>
    public async Task AppendAsync(long expected, IReadOnlyList<Entry> entries, CancellationToken cancel)
    {
        var tail = await CheckAsync(expected, entries, cancel).ConfigureAwait(false);
        if (entries.Count == 0) return;
        var (events, head) = await EventsAsync(tail.Head, entries, cancel).ConfigureAwait(false);
        // Until it is answered nobody knows where the stream stands.
        known = null;
        if (await client.AppendAsync(name, Expected.After(tail.Revision), events, cancel).ConfigureAwait(false) is not { } revision)
            throw new WrongNumberException($"{name}: another writer has written {expected + 1}");
        known = new(revision, head);
    }

    /// <summary>Entries in order from a number on, to the last one there now.</summary>
    public async IAsyncEnumerable<Entry> ReadAsync(long from, [EnumeratorCancellation] CancellationToken cancel)
    {
        var tail = await TailAsync(cancel).ConfigureAwait(false);
        from = Math.Max(from, (await SettingsAsync(cancel).ConfigureAwait(false)).Gone + 1);
        if (from > tail.Last) yield break;
        for (var revision = await RevisionOfAsync(from, tail, cancel).ConfigureAwait(false); revision <= tail.Revision;)
        {
            var page = await client.ReadAsync(name, revision, PageEvents, cancel).ConfigureAwait(false);
            if (page.Count == 0) yield break;
            foreach (var stored in page)
            {
                if (stored.Revision > tail.Revision) yield break;
                foreach (var entry in await OpenAsync(stored, cancel).ConfigureAwait(false))
                    if (entry.Number >= from) yield return entry;
            }
            revision = page[^1].Revision + 1;
        }
    }

    /// <summary>Entries in order from a number on, and then each new one; past every broken connection.</summary>
    public async IAsyncEnumerable<Entry> FollowAsync(long from, [EnumeratorCancellation] CancellationToken cancel)
    {
        var before = await Following.UntilAnsweredAsync(() => BeforeAsync(from, cancel), cancel).ConfigureAwait(false);
        await foreach (var stored in Following.From(client, name, before, cancel).ConfigureAwait(false))
        {
            if (Head.Read(stored.Header).Number < from) continue;
            foreach (var entry in await Following.UntilAnsweredAsync(() => OpenAsync(stored, cancel), cancel).ConfigureAwait(false))
                if (entry.Number >= from) yield return entry;
        }
    }

    /// <summary>The revision before the one that holds a number; null where that is the first.</summary>
    private async Task<long?> BeforeAsync(long number, CancellationToken cancel)
    {
        var tail = await TailAsync(cancel).ConfigureAwait(false);
        var revision = number > tail.Last ? tail.Revision : await RevisionOfAsync(number, tail, cancel).ConfigureAwait(false) - 1;
        return revision < 0 ? null : revision;
    }

    private ValueTask<long> RevisionOfAsync(long number, Tail tail, CancellationToken cancel)
    {
        // Nothing lies in parts that hold more than one.
        if (tail.Last == tail.Revision + 1) return new(Math.Max(number, 1) - 1);
        return new(FirstAsync(tail, head => head.Number >= number, cancel));
    }

    /// <summary>The first event that has reached something, by halving: whatever it is, every later event has reached it too.</summary>
    /// <returns>Its revision; one behind the last where none has.</returns>
    private async Task<long> FirstAsync(Tail tail, Func<Head, bool> reached, CancellationToken cancel)
    {
        if (!reached(tail.Head)) return tail.Revision + 1;
        var (low, high) = (0L, tail.Revision);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            // Of a dropped revision the server gives the first one kept.
            if (await client.ReadAsync(name, middle, 1, cancel).ConfigureAwait(false) is not [var found]) return high;
            if (reached(Head.Read(found.Header))) high = middle;
            else low = found.Revision + 1;
        }
        return high;
    }

    private WrongNumberException Wrong(long number, long last) => new($"{name}: {number} does not follow the last one, {last}");
}
