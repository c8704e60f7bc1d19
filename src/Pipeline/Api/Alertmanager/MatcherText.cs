using System.Text;
using Dedupe.Vocabulary;

namespace Pipeline.Api.Alertmanager;

/// <summary>A matcher as people and <c>filter=</c> write it: <c>severity=~"crit.*"</c>, quotes optional.</summary>
internal static class MatcherText
{
    private static readonly (string Operator, bool IsRegex, bool IsEqual)[] Operators =
        [("=~", true, true), ("!~", true, false), ("!=", false, false), ("=", false, true)];

    /// <summary>False with what is wrong in <paramref name="problem"/>.</summary>
    public static bool TryParse(string text, out LabelMatcher matcher, out string? problem)
    {
        matcher = null!;
        problem = $"bad matcher format: {text}";
        var at = text.IndexOfAny(['=', '!']);
        if (at < 1) return false;
        var name = text[..at].Trim();
        if (Array.Find(Operators, o => text.AsSpan(at).StartsWith(o.Operator, StringComparison.Ordinal)) is not { Operator: { } found } op)
            return false;
        if (name.Length == 0 || !Unquote(text[(at + found.Length)..].Trim(), out var value)) return false;
        matcher = new(name, value, op.IsRegex, op.IsEqual);
        problem = matcher.Problem();
        return problem is null;
    }

    /// <summary>Every <c>filter=</c>; null with the first problem.</summary>
    public static IReadOnlyList<LabelMatcher>? Filters(HttpRequest request, out string? problem)
    {
        problem = null;
        var filters = new List<LabelMatcher>();
        foreach (var text in request.Query["filter"])
        {
            if (!TryParse(text ?? "", out var filter, out problem)) return null;
            filters.Add(filter);
        }
        return filters;
    }

    // Source: Alertmanager's labels.ParseMatcher: \n, \" and \\ are escapes, any other backslash stands for itself.
    private static bool Unquote(string text, out string value)
    {
        value = text;
        var quoted = text.StartsWith('"');
        if (quoted)
        {
            if (text.Length < 2 || !text.EndsWith('"')) return false;
            text = text[1..^1];
        }
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"') return false;
            if (text[i] != '\\' || i + 1 == text.Length) plain.Append(text[i]);
            else if (text[i + 1] is 'n' or '"' or '\\') plain.Append(text[++i] == 'n' ? '\n' : text[i]);
            else plain.Append('\\');
        }
        value = plain.ToString();
        return true;
    }
}
