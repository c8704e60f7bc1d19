namespace Dedupe.Deciding;

/// <summary>Deliveries that came before: a broker's second copy of one, or a sender's second try under its key, decides nothing.</summary>
/// <remarks>
/// Learned from inputs alone, so a scope that another machine takes over knows what the first one had recorded. A copy is known by a 64-bit
/// hash: among the 65,536 that are kept, one delivery in 10^14 would be taken for another.
/// </remarks>
internal sealed class Copies
{
    /// <summary>Ids kept: more than a broker can have handed out and not had acknowledged.</summary>
    private const int IdsAtMost = 65_536;

    /// <summary>Senders' keys kept of one source, and for how long, in milliseconds.</summary>
    private const int KeysAtMost = 200_000;
    private const long KeptFor = 24 * 3600_000L;

    private readonly HashSet<ulong> ids = [];
    private readonly Queue<ulong> order = new();
    private readonly SortedDictionary<string, SentKeys> sources = new(StringComparer.Ordinal);

    private sealed class SentKeys
    {
        public HashSet<ulong> Known { get; } = [];
        public Queue<(ulong Key, long At)> Order { get; } = new();
    }

    /// <summary>True when it came before; from now on it has. One without an id and without a key is never a copy.</summary>
    public bool Came(Input.Delivery delivery)
    {
        var came = delivery.Id.Length > 0 && !AddId(HashOf(delivery.Id));
        return (delivery.CopyKey is { } key && !AddKey(delivery.Source, HashOf(key), delivery.At.Ms())) || came;
    }

    private bool AddId(ulong id)
    {
        if (!ids.Add(id)) return false;
        order.Enqueue(id);
        if (order.Count > IdsAtMost) ids.Remove(order.Dequeue());
        return true;
    }

    private bool AddKey(string source, ulong key, long at)
    {
        if (!sources.TryGetValue(source, out var sent)) sources[source] = sent = new();
        while (sent.Order.TryPeek(out var oldest) && (sent.Order.Count >= KeysAtMost || at - oldest.At > KeptFor)) sent.Known.Remove(sent.Order.Dequeue().Key);
        if (!sent.Known.Add(key)) return false;
        sent.Order.Enqueue((key, at));
        return true;
    }

    public void Write(SnapshotWriter to)
    {
        SnapshotOfState.Write(to, order, (w, id) => w.Write(id));
        SnapshotOfState.Write(to, sources, (w, source) =>
        {
            w.Text(source.Key);
            SnapshotOfState.Write(w, source.Value.Order, (v, sent) => { v.Write(sent.Key); v.Write(sent.At); });
        });
    }

    public void Read(SnapshotReader from)
    {
        SnapshotOfState.Read(from, r => AddId(r.ReadUInt64()));
        SnapshotOfState.Read(from, r =>
        {
            var source = r.Text()!;
            SnapshotOfState.Read(r, v => AddKey(source, v.ReadUInt64(), v.ReadInt64()));
        });
    }

    /// <summary>FNV-1a, then MurmurHash3's finalizer, so that ids that differ in their last digit lie far apart. Stored: never change it.</summary>
    private static ulong HashOf(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text) hash = (hash ^ c) * 1099511628211;
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
        return hash ^ (hash >> 33);
    }
}
