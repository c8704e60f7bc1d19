namespace Stores.EventStore;

/// <summary>How entries become events and events entries.</summary>
internal sealed partial class NumberedStream
{
    /// <summary>The events of one append: an event an entry, or, over what an append takes, an event a day with the entries in parts.</summary>
    private async Task<(IReadOnlyList<NewEvent> Events, Head Last)> EventsAsync(Head last, IReadOnlyList<Entry> entries, CancellationToken cancel)
    {
        var events = new List<NewEvent>(entries.Count);
        var (head, size) = (last, 0L);
        foreach (var entry in entries)
        {
            head = Behind(head, entry.Head, entry.Day, entry.Data.Length);
            events.Add(Event(entry.Type, entry.IsJson, head, entry.Data));
            size += events[^1].Size;
            if (size > Appended.Most) break;
        }
        if (size <= Appended.Most) return (events, head);

        events.Clear();
        head = last;
        foreach (var day in ByDay(last.Day, entries))
        {
            var revisions = await parts.WriteAsync(day, cancel).ConfigureAwait(false);
            var inParts = day[^1].Head with { Before = day.Count - 1, Parts = revisions, Parted = revisions[^1] + 1, Incident = null, Key = null };
            head = Behind(head, inParts, day[^1].Day, day.Sum(e => (long)e.Data.Length));
            events.Add(Event(InParts, false, head, default));
        }
        return (events, head);
    }

    /// <summary>The entries of an event; none where they were dropped since it was read.</summary>
    private async Task<IReadOnlyList<Entry>> OpenAsync(StoredEvent stored, CancellationToken cancel)
    {
        var head = Head.Read(stored.Header);
        if (head.Parts is null) return [new(stored.Type, head, stored.Data)];
        if (await parts.ReadAsync(head.Parts, cancel).ConfigureAwait(false) is { } entries) return entries;
        if ((await SettingsAsync(cancel).ConfigureAwait(false)).Gone >= head.Number) return [];
        throw new InvalidDataException(
            $"{name}: parts of {head.First} to {head.Number} are missing from {name}-parts; was that stream truncated or deleted by hand?");
    }

    private static Head Behind(Head last, Head head, DateOnly day, long bytes) => head with
    {
        Day = day < last.Day ? last.Day : day,
        Total = last.Total + bytes,
        Parted = Math.Max(last.Parted, head.Parted),
    };

    private NewEvent Event(string type, bool isJson, Head head, ReadOnlyMemory<byte> data)
    {
        var header = head.Write();
        return new(ids.Of(name, head.Number, header, data.Span), type, isJson, header, data);
    }

    /// <summary>Neighbours of one day, so that a day is dropped with whole events.</summary>
    private static List<List<Entry>> ByDay(DateOnly last, IReadOnlyList<Entry> entries)
    {
        var days = new List<List<Entry>>();
        foreach (var entry in entries)
        {
            if (days.Count == 0 || entry.Day > last) days.Add([]);
            if (entry.Day > last) last = entry.Day;
            days[^1].Add(entry);
        }
        return days;
    }
}
