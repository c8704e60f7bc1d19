namespace Projections;

/// <summary>One copy of each of the few texts that come again and again; bounded, so that texts that never repeat cost little.</summary>
internal sealed class StringPool
{
    private const int Most = 10_000;

    private readonly HashSet<string> known = [];

    public string? Share(string? text)
    {
        if (text is null) return null;
        if (known.TryGetValue(text, out var same)) return same;
        if (known.Count >= Most) known.Clear();
        known.Add(text);
        return text;
    }
}
