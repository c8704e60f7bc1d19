using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dedupe.Log;

namespace Stores.EventStore;

/// <summary>What became of a page, as it is stored: never change a member. <c>At</c> is Unix milliseconds.</summary>
internal sealed record StoredOutcome(string Page, string Pager, byte State, long At, int Attempts, string Answer)
{
    public static StoredOutcome Of(OutcomeRecord outcome) =>
        new(outcome.PageId, outcome.Pager, (byte)outcome.State, outcome.At.ToUnixTimeMilliseconds(), outcome.Attempts, outcome.Answer);

    public OutcomeRecord ToRecord() => new(Page, Pager, (PageState)State, Entry.Time(At), Attempts, Answer);
}

/// <summary>A sender's key, as it is stored: never change a member. <c>At</c> is Unix milliseconds.</summary>
internal sealed record StoredKey(string Source, string Key, ulong Hash, long At)
{
    public KeyRecord ToRecord() => new(Source, Key, Hash, Entry.Time(At));

    public static StoredKey Of(KeyRecord key) => new(key.Source, key.Key, key.BodyHash, key.At.ToUnixTimeMilliseconds());

    /// <summary>The keys of one append. A delivery for several scopes comes as neighbours under one key.</summary>
    public static List<StoredKey> Of(IReadOnlyList<InputRecord> inputs)
    {
        var keys = new List<StoredKey>();
        foreach (var input in inputs)
            if (input.Key is { } key && (keys.Count == 0 || keys[^1].Key != key || keys[^1].Source != input.Source))
                keys.Add(new(input.Source, key, KeyRecord.HashOf(input.Body.Span), input.ReceivedAt.ToUnixTimeMilliseconds()));
        return keys;
    }
}

/// <summary>A stream of small events, appended by anyone, in the order that the server takes them: that is their number.</summary>
internal sealed class SideStream<T>(
    EventStoreClient client, string name, string type, EventIds ids, JsonTypeInfo<T> json, Func<T, long> at, long most)
    where T : class
{
    private const int PageEvents = 1000;

    /// <summary>Appends in order; where it does not go into one append and breaks off, the first of them are there.</summary>
    public async Task AppendAsync(IEnumerable<T> items, CancellationToken cancel)
    {
        var events = new List<NewEvent>();
        var size = 0;
        foreach (var item in items)
        {
            var data = JsonSerializer.SerializeToUtf8Bytes(item, json);
            var next = new NewEvent(ids.Of(name, ids.Loose(), default, data), type, true, default, data);
            if (size + next.Size > Appended.Most)
            {
                await client.AppendAsync(name, Expected.Any, events, cancel).ConfigureAwait(false);
                events.Clear();
                size = 0;
            }
            events.Add(next);
            size += next.Size;
        }
        if (events.Count > 0) await client.AppendAsync(name, Expected.Any, events, cancel).ConfigureAwait(false);
    }

    /// <summary>What is there now, in order, from a number on; the first one's is 1.</summary>
    public async IAsyncEnumerable<(long Number, T Item)> ReadAsync(long from, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var stored in EventsAsync(from - 1, cancel).ConfigureAwait(false)) yield return (stored.Revision + 1, Read(stored));
    }

    public async IAsyncEnumerable<(long Number, T Item)> FollowAsync(long from, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var stored in Following.From(client, name, from > 1 ? from - 2 : null, cancel).ConfigureAwait(false)) yield return (stored.Revision + 1, Read(stored));
    }

    /// <summary>The last one; null for none.</summary>
    public async Task<T?> LastAsync(CancellationToken cancel) =>
        await client.LastAsync(name, cancel).ConfigureAwait(false) is { } last ? Read(last) : null;

    /// <summary>Drops what comes before the first one of this time or later, and before so many. The last one stays.</summary>
    public async Task TrimAsync(long before, CancellationToken cancel)
    {
        if (await client.LastAsync(name, cancel).ConfigureAwait(false) is not { } last) return;
        var settings = await StreamSettings.ReadAsync(client, name, cancel).ConfigureAwait(false);
        var kept = Math.Max(settings.TruncateBefore, last.Revision + 1 - most);
        await foreach (var stored in EventsAsync(0, cancel).ConfigureAwait(false))
        {
            if (stored.Revision < kept) continue;
            kept = stored.Revision;
            if (at(Read(stored)) >= before) break;
        }
        if (kept > settings.TruncateBefore)
            await (settings with { TruncateBefore = kept }).WriteAsync(client, name, ids, cancel).ConfigureAwait(false);
    }

    private async IAsyncEnumerable<StoredEvent> EventsAsync(long from, [EnumeratorCancellation] CancellationToken cancel)
    {
        var last = (await client.LastAsync(name, cancel).ConfigureAwait(false))?.Revision ?? -1;
        var first = (await StreamSettings.ReadAsync(client, name, cancel).ConfigureAwait(false)).TruncateBefore;
        for (var revision = Math.Max(first, from); revision <= last;)
        {
            var page = await client.ReadAsync(name, revision, PageEvents, cancel).ConfigureAwait(false);
            if (page.Count == 0) yield break;
            foreach (var stored in page)
                if (stored.Revision <= last) yield return stored;
            revision = page[^1].Revision + 1;
        }
    }

    private T Read(StoredEvent stored) => JsonSerializer.Deserialize(stored.Data.Span, json)
        ?? throw new InvalidDataException($"{name}: event {stored.Revision} is empty; did another program write it?");
}
