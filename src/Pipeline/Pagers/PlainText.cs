using System.Text;

namespace Pipeline.Pagers;

/// <summary>Text from alerts and answers, made safe for one line of a terminal or a list.</summary>
internal static class PlainText
{
    /// <summary>Control characters (escape sequences, line ends) become blanks, runs of blanks one; cut at <paramref name="most"/> characters.</summary>
    public static string OneLine(string text, int most)
    {
        var line = new StringBuilder(Math.Min(text.Length, most));
        foreach (var c in text)
        {
            var blank = char.IsControl(c) || char.IsWhiteSpace(c);
            if (blank && (line.Length == 0 || line[^1] == ' ')) continue;
            line.Append(blank ? ' ' : c);
            if (line.Length > most) break;
        }
        return Cut(line.ToString().TrimEnd(), most);
    }

    /// <summary>At most so many characters, the last three of them dots where something was cut; never half of a surrogate pair.</summary>
    public static string Cut(string text, int most)
    {
        if (text.Length <= most) return text;
        var keep = most - 3;
        if (char.IsHighSurrogate(text[keep - 1])) keep--;
        return $"{text.AsSpan(0, keep)}...";
    }
}
