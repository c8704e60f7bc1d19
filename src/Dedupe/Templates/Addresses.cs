namespace Dedupe.Templates;

/// <summary>IPv6 and hardware addresses, which may hold groups without a digit: <c>fe80::c6b3:fecd</c>, <c>5c:50:ea:bc:db:13</c>.</summary>
internal static class Addresses
{
    private const int LongestGroup = 4;

    /// <summary>Where such an address that begins here ends; 0 where none does. A time of day is as good as one.</summary>
    public static int ColonsAt(ReadOnlySpan<char> token, int start)
    {
        if (!char.IsAsciiHexDigit(token[start]) && token[start] != ':') return 0;
        if (start > 0 && char.IsLetterOrDigit(token[start - 1])) return 0;
        int end = start, colons = 0, groups = 0, length = 0;
        var digit = false;
        for (; end < token.Length; end++)
        {
            if (char.IsAsciiHexDigit(token[end]))
            {
                digit |= char.IsAsciiDigit(token[end]);
                if (length++ == 0) groups++;
                if (length > LongestGroup) return 0;
            }
            else if (token[end] == ':') (colons, length) = (colons + 1, 0);
            else break;
        }
        if (!digit || colons < 2 || groups < 2 || (end < token.Length && char.IsLetterOrDigit(token[end]))) return 0;
        while (token[end - 1] == ':') end--;
        return end;
    }
}

/// <summary>Absolute paths, drives and URLs.</summary>
internal static class Paths
{
    /// <summary>Where the path or URL that begins here ends; 0 where none does.</summary>
    public static int At(ReadOnlySpan<char> token, int start)
    {
        if (token[start] == '/') return Absolute(token, start);
        if (!char.IsLetter(token[start]) || (start > 0 && TokenMask.IsInner(token[start - 1]))) return 0;
        var name = start;
        while (name < token.Length && TokenMask.IsInner(token[name]) && token[name] is not ('/' or '\\')) name++;
        var rest = token[name..];
        if (rest.StartsWith("://")) return End(token, name + 3, ":=,");
        return name - start == 1 && rest.StartsWith(":\\") ? End(token, name + 1, "") : 0;
    }

    private static readonly System.Buffers.SearchValues<char> PathEnds = System.Buffers.SearchValues.Create("\"'()<>{}|;,");

    private static int Absolute(ReadOnlySpan<char> token, int start)
    {
        if (start > 0 && (char.IsLetterOrDigit(token[start - 1]) || token[start - 1] is '>' or TokenMask.Mark)) return 0;
        if (start + 1 >= token.Length || !(char.IsLetterOrDigit(token[start + 1]) || token[start + 1] is '.' or '_' or '~')) return 0;
        var end = start + token[start..].IndexOfAny(PathEnds);
        return Trimmed(token, end < start ? token.Length : end);
    }

    private static int End(ReadOnlySpan<char> token, int end, string besides)
    {
        while (end < token.Length && (TokenMask.IsInner(token[end]) || besides.Contains(token[end]))) end++;
        return Trimmed(token, end);
    }

    // The end of a sentence is not the path's.
    private static int Trimmed(ReadOnlySpan<char> token, int end)
    {
        while (end > 0 && token[end - 1] is '.' or ':' or ',' or '!' or '?' or '=') end--;
        return end;
    }
}
