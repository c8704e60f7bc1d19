using System.Text;

namespace Ingest.Reading;

/// <summary>One string for a text that many identities share. Fixed size: a newcomer takes the place of another.</summary>
/// <remarks>With 100,000 identities of ten labels it saves over half of what their texts would hold. Races lose a sharing, nothing else.</remarks>
internal sealed class SharedTexts(int slots, int longest)
{
    /// <summary>Names, and short values: the same job, team and environment are on thousands of identities.</summary>
    public static readonly SharedTexts Labels = new(1 << 14, 48);

    /// <summary>Prometheus sends one link a rule, whatever the instance.</summary>
    public static readonly SharedTexts Links = new(1 << 10, 512);

    private readonly string?[] texts = new string?[slots];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > longest) return Encoding.UTF8.GetString(utf8);
        var hash = new HashCode();
        hash.AddBytes(utf8);
        ref var place = ref texts[(uint)hash.ToHashCode() % (uint)texts.Length];
        var there = place;
        return there is not null && there.Length == utf8.Length && Ascii.Equals(utf8, there) ? there : place = Encoding.UTF8.GetString(utf8);
    }

    /// <summary>The string that is already there for this text.</summary>
    public string Share(string text)
    {
        if (text.Length > longest) return text;
        ref var place = ref texts[(uint)text.GetHashCode(StringComparison.Ordinal) % (uint)texts.Length];
        return place is { } there && there == text ? there : place = text;
    }
}
