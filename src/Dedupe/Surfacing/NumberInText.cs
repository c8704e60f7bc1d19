using System.Globalization;

namespace Dedupe.Surfacing;

/// <summary>The number that a text is about: <c>CRITICAL - 26 client connection threads</c>, <c>memory 88% used (limit 95)</c>.</summary>
internal static class NumberInText
{
    private const int LongestUnit = 6;

    /// <summary>The first word that is a number, with its unit; not what is part of a name, a date, an address or a version, nor a place in an order (99th).</summary>
    public static double? Of(ReadOnlySpan<char> text) => First(text, out _, out _);

    /// <summary>What it cannot or should not pass: what the text calls its limit or threshold, or a hundred per cent. Null where neither is said.</summary>
    public static double? LimitOf(ReadOnlySpan<char> text)
    {
        if (First(text, out var end, out var percent) is not { } value) return null;
        var rest = text[end..];
        foreach (var word in (ReadOnlySpan<string>)["threshold", "limit", "maximum", "max", " of "])
        {
            var at = rest.IndexOf(word, StringComparison.OrdinalIgnoreCase);
            if (at >= 0 && First(rest[(at + word.Length)..], out _, out _) is { } limit && limit > value) return limit;
        }
        return percent && value <= 100 ? 100 : null;
    }

    private static double? First(ReadOnlySpan<char> text, out int end, out bool percent)
    {
        percent = false;
        for (var at = 0; at < text.Length;)
        {
            while (at < text.Length && IsBetween(text[at])) at++;
            var from = at;
            while (at < text.Length && !IsBetween(text[at])) at++;
            if (Read(text[from..at], out percent) is not { } number) continue;
            end = at;
            return number;
        }
        end = text.Length;
        return null;
    }

    private static bool IsBetween(char c) => char.IsWhiteSpace(c) || c is '=' or '(' or ')' or '[' or ']' or ',' or ';' or '"' or '\'';

    private static double? Read(ReadOnlySpan<char> word, out bool percent)
    {
        percent = false;
        word = word.TrimEnd(".:!?");
        var digits = 0;
        while (digits < word.Length && (char.IsAsciiDigit(word[digits]) || word[digits] == '.' || (digits == 0 && word[0] is '-' or '+'))) digits++;
        var unit = word[digits..];
        if (digits == 0 || unit.Length > LongestUnit || unit.ContainsAnyInRange('0', '9') || unit.IndexOfAny("-/:._") >= 0 || unit is "st" or "nd" or "rd" or "th") return null;
        percent = unit is "%";
        return double.TryParse(word[..digits], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
