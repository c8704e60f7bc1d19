using Dedupe.Log;

namespace Stores.EventStore;

/// <summary>What a stream still shows: from a day and a byte on.</summary>
/// <param name="Day">The first day shown; null where nothing is.</param>
internal sealed record Shown(Tail Tail, StreamSettings Settings, DateOnly? Day)
{
    public long Bytes => Tail.Head.Total - Settings.GoneBytes;

    public long First => Settings.Gone + 1;
}

/// <summary>Dropping whole days from the front.</summary>
internal sealed partial class NumberedStream
{
    public async Task<Shown> ShownAsync(CancellationToken cancel)
    {
        var tail = await TailAsync(cancel).ConfigureAwait(false);
        var settings = await SettingsAsync(cancel).ConfigureAwait(false);
        if (tail.Last <= settings.Gone) return new(tail, settings, null);
        var first = await client.ReadAsync(name, settings.TruncateBefore, 1, cancel).ConfigureAwait(false);
        return new(tail, settings, first.Count > 0 ? Head.Read(first[0].Header).Day : null);
    }

    /// <summary>Lets an empty stream begin behind a number: one event stands for all up to it and is never shown.</summary>
    /// <exception cref="WrongNumberException">The stream holds something, or begins elsewhere.</exception>
    public async Task BeginAsync(long number, DateTimeOffset at, long input, CancellationToken cancel)
    {
        var tail = await TailAsync(cancel).ConfigureAwait(false);
        var settings = await SettingsAsync(cancel).ConfigureAwait(false);
        if (tail.Last == number && settings.Gone == number) return;
        if (tail.Last > 0) throw new WrongNumberException($"{name} has begun: it stands at {tail.Last}");
        // The settings first: where it breaks off before the event nothing is shown that should not be.
        if (!await (settings with { Gone = number }).WriteAsync(client, name, ids, cancel).ConfigureAwait(false))
            throw new IOException($"another process changes {name}; do it again when it is done");
        var head = new Head { Number = number, At = at.ToUnixTimeMilliseconds(), Input = input, Day = DateOnly.FromDateTime(at.UtcDateTime) };
        var begun = Event("begun", false, head, default);
        known = null;
        if (await client.AppendAsync(name, Expected.After(-1), [begun], cancel).ConfigureAwait(false) is not { } revision)
            throw new WrongNumberException($"{name} has begun: another process wrote to it");
        known = new(revision, head);
    }

    /// <summary>The last event before a day; null where there is none.</summary>
    public async Task<Tail?> LastBeforeAsync(Shown shown, DateOnly day, CancellationToken cancel)
    {
        if (shown.Day is not { } first || first >= day) return null;
        if (shown.Tail.Head.Day < day) return shown.Tail;
        var revision = await FirstAsync(shown.Tail, shown.Settings, head => head.Day >= day, cancel).ConfigureAwait(false) - 1;
        return await client.ReadAsync(name, revision, 1, cancel).ConfigureAwait(false) is [var last] && last.Revision == revision
            ? new(revision, Head.Read(last.Header)) : null;
    }

    /// <summary>Drops everything up to an event and with it. The stream's last event stays in it, unseen, so that numbers go on.</summary>
    /// <returns>What is shown then; null where another process trims.</returns>
    public async Task<Shown?> DropAsync(Shown shown, Tail last, CancellationToken cancel)
    {
        var settings = shown.Settings with
        {
            TruncateBefore = Math.Min(last.Revision + 1, shown.Tail.Revision), Gone = last.Last, GoneBytes = last.Head.Total,
        };
        if (!await settings.WriteAsync(client, name, ids, cancel).ConfigureAwait(false)) return null;
        // Behind the event, so that what is shown never names parts that are gone.
        if (last.Head.Parted > 0) await parts.DropAsync(last.Head.Parted, cancel).ConfigureAwait(false);
        return await ShownAsync(cancel).ConfigureAwait(false);
    }
}
