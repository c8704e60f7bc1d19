namespace Pipeline.Config;

/// <summary>The known word that somebody who mistyped one most likely meant.</summary>
internal static class Nearest
{
    /// <summary>Null where nothing known is near.</summary>
    public static string? To(string written, IEnumerable<string> known) =>
        known.Select(word => (Word: word, Distance: Cost(written, word)))
            .Where(c => c.Distance <= Math.Max(1, written.Length / 3))
            .OrderBy(c => c.Distance)
            .Select(c => c.Word)
            .FirstOrDefault();

    // The beginning of a word is near it, and so is a key without its group.
    private static int Cost(string written, string word) =>
        written.Length >= 3 && word.StartsWith(written, StringComparison.OrdinalIgnoreCase)
            ? 1
            : Math.Min(Distance(written, word), Distance(written, Last(word)) + 1);

    private static string Last(string path) => path[(path.LastIndexOf('.') + 1)..];

    /// <summary>Optimal string alignment: insertions, deletions, replacements and swaps of neighbours; case does not count.</summary>
    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 8) return int.MaxValue / 2;
        var cost = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) cost[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) cost[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
            for (var j = 1; j <= b.Length; j++)
            {
                var same = Same(a[i - 1], b[j - 1]) ? 0 : 1;
                cost[i, j] = Math.Min(Math.Min(cost[i - 1, j] + 1, cost[i, j - 1] + 1), cost[i - 1, j - 1] + same);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1])) cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        return cost[a.Length, b.Length];
    }

    private static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
