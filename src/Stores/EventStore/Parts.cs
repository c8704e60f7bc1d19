using System.Buffers.Binary;

namespace Stores.EventStore;

/// <summary>What is too large for one append, cut into parts in a stream beside its own. Nothing is there until an event names its parts.</summary>
internal sealed class Parts(EventStoreClient client, string stream, EventIds ids)
{
    private const string Type = "part";

    /// <summary>Writes the entries, in parts.</summary>
    /// <returns>Where the parts lie.</returns>
    public async Task<long[]> WriteAsync(IReadOnlyList<Entry> entries, CancellationToken cancel)
    {
        var whole = Pack(entries);
        var revisions = new long[(whole.Length + Appended.Most - 1) / Appended.Most];
        for (var i = 0; i < revisions.Length; i++)
        {
            var from = i * Appended.Most;
            var part = whole.AsMemory(from, Math.Min(Appended.Most, whole.Length - from));
            var id = ids.Of(stream, ids.Loose(), default, part.Span);
            // Anywhere: another writer's parts may lie between ours, and disturb nobody.
            revisions[i] = await client.AppendAsync(stream, Expected.Any, [new(id, Type, false, default, part)], cancel).ConfigureAwait(false)
                ?? throw new IOException($"EventStoreDB refused a part of {stream} as if it were to lie at one place");
        }
        return revisions;
    }

    /// <summary>Reads what was written; null where it was dropped meanwhile.</summary>
    public async Task<IReadOnlyList<Entry>?> ReadAsync(IReadOnlyList<long> revisions, CancellationToken cancel)
    {
        var parts = new List<ReadOnlyMemory<byte>>();
        for (var next = revisions[0]; parts.Count < revisions.Count;)
        {
            var page = await client.ReadAsync(stream, next, (int)Math.Min(revisions[^1] - next + 1, 1000), cancel).ConfigureAwait(false);
            foreach (var part in page)
                if (parts.Count < revisions.Count && part.Revision == revisions[parts.Count]) parts.Add(part.Data);
            if (page.Count == 0 || parts.Count == 0 || (parts.Count < revisions.Count && page[^1].Revision >= revisions[^1])) return null;
            next = page[^1].Revision + 1;
        }
        return Unpack(Join(parts));
    }

    /// <summary>Drops the parts before a revision.</summary>
    public async Task DropAsync(long before, CancellationToken cancel)
    {
        var settings = await StreamSettings.ReadAsync(client, stream, cancel).ConfigureAwait(false);
        if (before > settings.TruncateBefore)
            await (settings with { TruncateBefore = before }).WriteAsync(client, stream, ids, cancel).ConfigureAwait(false);
    }

    /// <summary>Each entry is the lengths of its type, header and body in 4 bytes each, big-endian, and those three. Stored: never change it.</summary>
    private static byte[] Pack(IReadOnlyList<Entry> entries)
    {
        var packed = entries.Select(e => (Type: System.Text.Encoding.UTF8.GetBytes(e.Type), Head: e.Head.Write(), e.Data)).ToList();
        var whole = new byte[packed.Sum(p => 12 + p.Type.Length + p.Head.Length + p.Data.Length)];
        var rest = whole.AsSpan();
        foreach (var (type, head, data) in packed)
        {
            BinaryPrimitives.WriteInt32BigEndian(rest, type.Length);
            BinaryPrimitives.WriteInt32BigEndian(rest[4..], head.Length);
            BinaryPrimitives.WriteInt32BigEndian(rest[8..], data.Length);
            rest = rest[12..];
            foreach (ReadOnlyMemory<byte> piece in (ReadOnlyMemory<byte>[])[type, head, data])
            {
                piece.Span.CopyTo(rest);
                rest = rest[piece.Length..];
            }
        }
        return whole;
    }

    private static List<Entry> Unpack(ReadOnlyMemory<byte> whole)
    {
        var entries = new List<Entry>();
        while (whole.Length > 0)
        {
            var (type, head, data) = (Length(0), Length(4), Length(8));
            whole = whole[12..];
            entries.Add(new(
                System.Text.Encoding.UTF8.GetString(whole.Span[..type]), Head.Read(whole.Slice(type, head)), whole.Slice(type + head, data)));
            whole = whole[(type + head + data)..];
        }
        return entries;

        int Length(int at) => BinaryPrimitives.ReadInt32BigEndian(whole.Span[at..]);
    }

    private static ReadOnlyMemory<byte> Join(List<ReadOnlyMemory<byte>> parts)
    {
        if (parts.Count == 1) return parts[0];
        var whole = new byte[parts.Sum(p => p.Length)];
        var at = 0;
        foreach (var part in parts)
        {
            part.Span.CopyTo(whole.AsSpan(at));
            at += part.Length;
        }
        return whole;
    }
}
