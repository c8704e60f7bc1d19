using System.Text.Json;
using Dedupe.Log;

namespace Stores.EventStore;

/// <summary>What stands beside each part of a snapshot. Stored: never change a member.</summary>
/// <param name="Saving">The same for all parts of one snapshot.</param>
/// <param name="Part">From 0.</param>
internal sealed record SnapshotHead(Guid Saving, int Part, int Parts, string Writer, long Input, long Decision);

/// <summary>Snapshots of a scope, a stream a name, in parts: the newest whole one counts, and when it is whole the ones before it go.</summary>
internal sealed class Snapshots(EventStoreClient client, string prefix, EventIds ids)
{
    private const string Type = "snapshot-part";

    public async Task SaveAsync(int scope, SnapshotRecord snapshot, CancellationToken cancel)
    {
        var stream = Stream(scope, snapshot.Name);
        var saving = ids.Of(stream, ids.Loose(), default, default);
        var parts = Math.Max(1, (snapshot.Data.Length + Appended.Most - 1) / Appended.Most);
        var first = 0L;
        for (var part = 0; part < parts; part++)
        {
            var from = part * Appended.Most;
            var data = snapshot.Data.Slice(from, Math.Min(Appended.Most, snapshot.Data.Length - from));
            var header = JsonSerializer.SerializeToUtf8Bytes(
                new SnapshotHead(saving, part, parts, snapshot.Writer, snapshot.Input, snapshot.Decision), HeadJson.Written.SnapshotHead);
            var one = new NewEvent(ids.Of(stream, ids.Loose(), header, data.Span), Type, false, header, data);
            var revision = await client.AppendAsync(stream, Expected.Any, [one], cancel).ConfigureAwait(false) ?? 0;
            if (part == 0) first = revision;
        }
        var settings = await StreamSettings.ReadAsync(client, stream, cancel).ConfigureAwait(false);
        if (first > settings.TruncateBefore)
            await (settings with { TruncateBefore = first }).WriteAsync(client, stream, ids, cancel).ConfigureAwait(false);
    }

    public async Task<SnapshotRecord?> LoadAsync(int scope, string name, CancellationToken cancel)
    {
        var found = new Dictionary<Guid, List<ReadOnlyMemory<byte>>>();
        for (long? from = null; from is not < 0;)
        {
            var page = await client.ReadBackAsync(Stream(scope, name), from, 10, cancel).ConfigureAwait(false);
            if (page.Count == 0) return null;
            foreach (var part in page)
            {
                var head = JsonSerializer.Deserialize(part.Header.Span, HeadJson.Written.SnapshotHead)!;
                if (!found.TryGetValue(head.Saving, out var parts)) found[head.Saving] = parts = [];
                parts.Add(part.Data);
                if (parts.Count == head.Parts) return new(name, head.Writer, head.Input, head.Decision, Join(parts));
            }
            from = page[^1].Revision - 1;
        }
        return null;
    }

    private string Stream(int scope, string name) => $"{prefix}-snapshot-{scope}-{name}";

    /// <summary>The parts, read backwards, as one.</summary>
    private static byte[] Join(List<ReadOnlyMemory<byte>> backwards)
    {
        var whole = new byte[backwards.Sum(p => p.Length)];
        var end = whole.Length;
        foreach (var part in backwards)
        {
            end -= part.Length;
            part.Span.CopyTo(whole.AsSpan(end));
        }
        return whole;
    }
}
