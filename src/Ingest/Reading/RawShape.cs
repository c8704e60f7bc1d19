using System.Text;
using Dedupe.Vocabulary;

namespace Ingest.Reading;

/// <summary>
/// Raw labels with the values cut out that the identity holds anyway: <c>{"alertname":"…","instance":"…","severity":"warning"}</c>. All instances of a rule have the same
/// one, so that to know 100,000 raw texts again takes none of them: 15 MiB less with four labels each.
/// </summary>
/// <remarks>Put together with the labels it is the raw text again, byte for byte, so nothing is taken for what it is not.</remarks>
internal sealed class RawShape : IEquatable<RawShape>
{
    /// <summary>A shorter value saves less than its hole takes.</summary>
    private const int ShortestCut = 4;

    private readonly byte[] text;

    /// <summary>Up to where in the text a hole is, and the label whose value was there.</summary>
    private readonly (ushort At, ushort Label)[] holes;

    private RawShape(byte[] text, (ushort, ushort)[] holes) => (this.text, this.holes) = (text, holes);

    /// <param name="raw">At most <see cref="ushort.MaxValue"/> bytes.</param>
    public static RawShape Of(ReadOnlySpan<byte> raw, LabelSet labels)
    {
        var cuts = new List<(int Start, int Length, ushort Label)>(labels.Count);
        for (ushort i = 0; i < labels.Count; i++)
            if (Find(raw, labels[i].Value) is var start and >= 0 && !cuts.Exists(c => start < c.Start + c.Length && c.Start < start + labels[i].Value.Length))
                cuts.Add((start, labels[i].Value.Length, i));
        cuts.Sort();
        var (text, holes) = (new byte[raw.Length - cuts.Sum(c => c.Length)], new (ushort, ushort)[cuts.Count]);
        var (at, end) = (0, 0);
        for (var i = 0; i < holes.Length; i++)
        {
            raw[end..cuts[i].Start].CopyTo(text.AsSpan(at));
            at += cuts[i].Start - end;
            holes[i] = ((ushort)at, cuts[i].Label);
            end = cuts[i].Start + cuts[i].Length;
        }
        raw[end..].CopyTo(text.AsSpan(at));
        return new(text, holes);
    }

    /// <summary>True where these labels in this shape are that raw text.</summary>
    public bool Makes(ReadOnlySpan<byte> raw, LabelSet labels)
    {
        var at = 0;
        foreach (var (hole, label) in holes)
        {
            var value = labels[label].Value;
            if (!raw.StartsWith(text.AsSpan(at, hole - at))) return false;
            raw = raw[(hole - at)..];
            if (raw.Length < value.Length || !Ascii.Equals(raw[..value.Length], value)) return false;
            raw = raw[value.Length..];
            at = hole;
        }
        return raw.SequenceEqual(text.AsSpan(at));
    }

    public bool Equals(RawShape? other) => other is not null && text.AsSpan().SequenceEqual(other.text) && holes.AsSpan().SequenceEqual(other.holes);

    public override bool Equals(object? obj) => Equals(obj as RawShape);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(text);
        return hash.ToHashCode();
    }

    /// <summary>Where the value stands in quotes; -1 where it is written otherwise, or is too short.</summary>
    private static int Find(ReadOnlySpan<byte> raw, string value)
    {
        if (value.Length < ShortestCut || value.Length + 2 > raw.Length || !Ascii.IsValid(value)) return -1;
        Span<byte> quoted = stackalloc byte[256];
        if (value.Length + 2 > quoted.Length) return -1;
        Encoding.ASCII.GetBytes(value, quoted[1..]);
        quoted[0] = quoted[value.Length + 1] = (byte)'"';
        var at = raw.IndexOf(quoted[..(value.Length + 2)]);
        return at < 0 ? -1 : at + 1;
    }
}

/// <summary>One object for each of the shapes that come again and again; bounded, so that texts of no common shape cost little.</summary>
internal sealed class RawShapes
{
    private const int Most = 4_096;
    private readonly HashSet<RawShape> known = [];
    private readonly Lock adding = new();

    public RawShape Share(RawShape shape)
    {
        lock (adding)
        {
            if (known.TryGetValue(shape, out var same)) return same;
            if (known.Count >= Most) known.Clear();
            known.Add(shape);
            return shape;
        }
    }
}
