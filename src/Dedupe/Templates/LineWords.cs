namespace Dedupe.Templates;

/// <summary>The few words of English, and of dates and quantities, that tell a value from a word by where it stands.</summary>
internal static class LineWords
{
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Units = Set(
        "B", "kB", "KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "byte", "bytes", "ns", "us", "ms", "s", "sec", "secs", "second", "seconds", "min", "mins", "minutes",
        "h", "hours", "%", "Hz", "MHz", "GHz", "kbps", "Mbps");

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Dates = Set(
        "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        "UTC", "GMT", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "CET", "CEST", "BST", "AM", "PM");

    /// <summary>A unit of measure, as it stands behind a number.</summary>
    /// <param name="behind">The punctuation after it.</param>
    public static bool IsUnit(ReadOnlySpan<char> token, out ReadOnlySpan<char> behind)
    {
        var end = LetterEnd(token, '%');
        behind = token[end..];
        return end is > 0 and <= 8 && Units.Contains(token[..end]);
    }

    public static bool IsDate(ReadOnlySpan<char> token) => token.Length is >= 2 and <= 5 && Dates.Contains(token.TrimEnd(','));

    /// <summary>"for user", "by user", "invalid user": who follows is a name, whatever it looks like. "user unknown" is not such.</summary>
    public static bool NameUser(ReadOnlySpan<char> before, ReadOnlySpan<char> user) =>
        user.Equals("user", StringComparison.OrdinalIgnoreCase) && before is "for" or "from" or "of" or "by" or "as" or "to" or "invalid" or "illegal" or "unknown" or "Invalid";

    /// <summary>"for root from 10.0.0.1": who asked stands between.</summary>
    public static bool IsNamedBetween(ReadOnlySpan<char> before, ReadOnlySpan<char> after) => before is "for" && after is "from";

    /// <summary>Where the last letter or digit ends.</summary>
    public static int LetterEnd(this ReadOnlySpan<char> token, char too = '\0')
    {
        var end = token.Length;
        while (end > 0 && !char.IsLetterOrDigit(token[end - 1]) && (too == '\0' || token[end - 1] != too)) end--;
        return end;
    }

    private static HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Set(params string[] words) =>
        new HashSet<string>(words, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
}
