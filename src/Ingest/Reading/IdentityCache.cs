using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Dedupe.Vocabulary;

namespace Ingest.Reading;

/// <summary>From the raw bytes of a <c>labels</c> object to its identity, so that an alert sent again costs no decoding, sorting or hashing of labels.</summary>
/// <remarks>
/// Two generations: a full young one becomes the old one, and what is used again moves back; no list to keep in order, reads take no lock.
/// Bounded by entries and by raw bytes; the identities themselves are mostly those that the decider holds anyway, and the raw bytes are not kept but for what all of a
/// rule's alerts have in common. Half of a bound is what can be active without moving to and fro, so it is well above 100,000 identities.
/// </remarks>
internal sealed class IdentityCache(Identities identities, IngestLimits limits)
{
    private const int MaxEntries = 400_000, MaxBytes = 128 * 1024 * 1024;

    /// <summary>Longer labels are read anew each time: they would push out many short ones.</summary>
    private const int Longest = 4 * 1024;

    private static readonly ConditionalWeakTable<Identities, IdentityCache> ByIdentities = [];
    private static IdentityCache? latest;

    private readonly Lock turning = new();
    private readonly RawShapes shapes = new();
    private volatile Generation young = new(), old = new();

    /// <summary>The cache for these rules and limits: another pair has another cache, since both say what labels mean.</summary>
    public static IdentityCache For(ParseContext context)
    {
        if (latest is { } cache && cache.Serves(context)) return cache;
        cache = ByIdentities.GetValue(context.Identities, _ => new(context.Identities, context.Limits));
        if (!cache.Serves(context)) ByIdentities.AddOrUpdate(context.Identities, cache = new(context.Identities, context.Limits));
        return latest = cache;
    }

    /// <summary>The identity in a labels object, which may be without labels; null, with the flaw, where they cannot be read.</summary>
    public KnownIdentity? Read(ReadOnlySpan<byte> rawLabels, out Flaw flaw)
    {
        flaw = default;
        if (Find(rawLabels) is { } known) return known;
        var labels = new List<KeyValuePair<string, string>>();
        return LabelObject.TryRead(rawLabels, limits, labels, out flaw) ? Add(rawLabels, identities.Read(labels)) : null;
    }

    public KnownIdentity? Find(ReadOnlySpan<byte> raw)
    {
        if (young.Lookup.TryGetValue(raw, out var known, out _)) return known;
        return old.Lookup.TryGetValue(raw, out known, out _) ? Add(known, raw.Length) : null;
    }

    public KnownIdentity Add(ReadOnlySpan<byte> raw, Identity identity) => raw.Length > Longest
        ? new(identity) : Add(new(identity) { Shape = shapes.Share(RawShape.Of(raw, identity.Labels)), Hash = HashOf(raw) }, raw.Length);

    private KnownIdentity Add(KnownIdentity known, int length)
    {
        var generation = young;
        if (!generation.Known.TryAdd(known, default)) return known;
        if (generation.Fills(length)) Turn(generation);
        return known;
    }

    private void Turn(Generation full)
    {
        lock (turning)
        {
            if (young != full) return;
            old = full;
            young = new();
        }
    }

    private bool Serves(ParseContext context) =>
        ReferenceEquals(context.Identities, identities) && (ReferenceEquals(context.Limits, limits) || context.Limits == limits);

    private sealed class Generation
    {
        /// <summary>Used as a set: the value is nothing.</summary>
        public readonly ConcurrentDictionary<KnownIdentity, byte> Known;
        public readonly ConcurrentDictionary<KnownIdentity, byte>.AlternateLookup<ReadOnlySpan<byte>> Lookup;
        private int entries;
        private long bytes;

        public Generation()
        {
            Known = new(RawBytes.Equality);
            Lookup = Known.GetAlternateLookup<ReadOnlySpan<byte>>();
        }

        /// <summary>Counts one more in; true when half of the bounds is reached, since two generations live at once.</summary>
        public bool Fills(int length) =>
            Interlocked.Increment(ref entries) >= MaxEntries / 2 | Interlocked.Add(ref bytes, length) >= MaxBytes / 2;
    }

    // Seeded a process, so that nobody can choose labels that all fall into one bucket.
    private static int HashOf(ReadOnlySpan<byte> raw)
    {
        var hash = new HashCode();
        hash.AddBytes(raw);
        return hash.ToHashCode();
    }

    /// <summary>Two are the same where their raw bytes are.</summary>
    private sealed class RawBytes : IEqualityComparer<KnownIdentity>, IAlternateEqualityComparer<ReadOnlySpan<byte>, KnownIdentity>
    {
        public static readonly RawBytes Equality = new();

        public bool Equals(KnownIdentity? x, KnownIdentity? y) =>
            ReferenceEquals(x, y) || (x is not null && y is not null && x.Hash == y.Hash && x.Shape!.Equals(y.Shape) && x.Identity.Labels.Equals(y.Identity.Labels));

        public int GetHashCode(KnownIdentity known) => known.Hash;

        public bool Equals(ReadOnlySpan<byte> alternate, KnownIdentity other) => other.Shape!.Makes(alternate, other.Identity.Labels);

        public int GetHashCode(ReadOnlySpan<byte> bytes) => HashOf(bytes);

        public KnownIdentity Create(ReadOnlySpan<byte> alternate) => throw new NotSupportedException("only looked up by raw bytes");
    }
}

/// <summary>An identity that was read before, and the texts that came with it last: most re-sent alerts bring the same.</summary>
internal sealed class KnownIdentity(Identity identity)
{
    private const int LongestKept = 256;

    public Identity Identity { get; } = identity;

    /// <summary>Of the raw labels it is known by, with the hash of these; null where it is not kept.</summary>
    public RawShape? Shape { get; init; }
    public int Hash { get; init; }

    public string? Summary { get; private set; }

    public string? Url { get; private set; }

    public void Keep(string? summary, string? url)
    {
        if (!ReferenceEquals(summary, Summary) && summary is { Length: <= LongestKept }) Summary = summary;
        if (!ReferenceEquals(url, Url) && url is { Length: <= LongestKept }) Url = url;
    }
}
