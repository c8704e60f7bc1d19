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

    /// <summary>Entries in order from a number on, to another one or the last one there now.</summary>
    public async IAsyncEnumerable<Entry> ReadAsync(
        long from, [EnumeratorCancellation] CancellationToken cancel, long to = long.MaxValue)
    {
        var tail = await TailAsync(cancel).ConfigureAwait(false);
        var settings = await SettingsAsync(cancel).ConfigureAwait(false);
        (from, to) = (Math.Max(from, settings.Gone + 1), Math.Min(to, tail.Last));
        if (from > to) yield break;
        var revision = await RevisionOfAsync(from, tail, settings, cancel).ConfigureAwait(false);
        // No event lies at a revision above its number less 1.
        for (var last = Math.Min(tail.Revision, to - 1); revision <= last;)
        {
            var page = await client.ReadAsync(name, revision, (int)Math.Min(PageEvents, last - revision + 1), cancel).ConfigureAwait(false);
            foreach (var stored in page)
                foreach (var entry in await OpenAsync(stored, cancel).ConfigureAwait(false))
                    if (entry.Number >= from && entry.Number <= to) yield return entry;
            if (page.Count > 0) revision = page[^1].Revision + 1;
            // Dropped while it was read: it goes on with what is left.
            else if ((await SettingsAsync(cancel).ConfigureAwait(false)).TruncateBefore is var kept && kept > revision) revision = kept;
            else yield break;
        }
    }

    /// <summary>Entries in order from a number on, and then each new one; past every broken connection.</summary>
    public async IAsyncEnumerable<Entry> FollowAsync(long from, [EnumeratorCancellation] CancellationToken cancel)
    {
        (var before, from) = await Following.UntilAnsweredAsync(() => BeforeAsync(from, cancel), cancel).ConfigureAwait(false);
        await foreach (var stored in Following.From(client, name, before, cancel).ConfigureAwait(false))
        {
            if (Head.Read(stored.Header).Number < from) continue;
            foreach (var entry in await Following.UntilAnsweredAsync(() => OpenAsync(stored, cancel), cancel).ConfigureAwait(false))
                if (entry.Number >= from) yield return entry;
        }
    }

    /// <summary>The revision before the one that holds a number, null where that is the first; and the number, or the first one still there.</summary>
    private async Task<(long? Revision, long Number)> BeforeAsync(long number, CancellationToken cancel)
    {
        var tail = await TailAsync(cancel).ConfigureAwait(false);
        var settings = await SettingsAsync(cancel).ConfigureAwait(false);
        number = Math.Max(number, settings.Gone + 1);
        var revision = number > tail.Last ? tail.Revision : await RevisionOfAsync(number, tail, settings, cancel).ConfigureAwait(false) - 1;
        return (revision < 0 ? null : revision, number);
    }

    private ValueTask<long> RevisionOfAsync(long number, Tail tail, StreamSettings settings, CancellationToken cancel)
    {
        // Nothing lies in parts that hold more than one.
        if (tail.Last == tail.Revision + 1) return new(Math.Max(number - 1, settings.TruncateBefore));
        return new(FirstAsync(tail, settings, head => head.Number >= number, cancel));
    }

    /// <summary>The first event that has reached something, by halving: whatever it is, every later event has reached it too.</summary>
    /// <returns>Its revision; one behind the last where none has.</returns>
    private async Task<long> FirstAsync(Tail tail, StreamSettings settings, Func<Head, bool> reached, CancellationToken cancel)
    {
        if (!reached(tail.Head)) return tail.Revision + 1;
        var (low, high) = (settings.TruncateBefore, tail.Revision);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            // Another process may have dropped it meanwhile: then it comes before what is looked for.
            if (await client.ReadAsync(name, middle, 1, cancel).ConfigureAwait(false) is [var found, ..] && reached(Head.Read(found.Header))) high = middle;
            else low = middle + 1;
        }
        return high;
    }

    private WrongNumberException Wrong(long number, long last) => new($"{name}: {number} does not follow the last one, {last}");
}
