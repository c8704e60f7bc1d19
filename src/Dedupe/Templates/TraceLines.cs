namespace Dedupe.Templates;

/// <summary>How the lines of a stack trace look, in each language that writes them.</summary>
internal static class TraceLines
{
    /// <summary>Python.</summary>
    public static bool IsTraceback(ReadOnlySpan<char> text) => text.TrimStart("+ ").StartsWith("Traceback (most recent call last):") || text.StartsWith("Exception Group Traceback");

    /// <summary>Java's "Caused by", .NET's arrow, Node's "[cause]".</summary>
    public static bool IsCause(ReadOnlySpan<char> text) =>
        text[0] is 'C' or 'S' or 'W' or '-' or '['
        && (text.StartsWith("Caused by") || text.StartsWith("Suppressed: ") || text.StartsWith("Wrapped by: ") || text.StartsWith("---> ") || text.StartsWith("[cause]: "));

    public static bool IsPythonFrame(ReadOnlySpan<char> text) => text.StartsWith("File \"") && text.Contains(", line ", StringComparison.Ordinal);

    public static bool IsGoroutine(ReadOnlySpan<char> text) => text.StartsWith("goroutine ") && text.Contains('[');

    /// <summary>Go ends itself.</summary>
    public static bool IsPanic(ReadOnlySpan<char> text) => text.StartsWith("panic: ") || text.StartsWith("fatal error: ") || IsGoroutine(text);

    /// <summary>What stands between the goroutines of a panic: calls, where they were started, the signal.</summary>
    public static bool IsOfGo(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("[signal ") || text.StartsWith("created by ") || text.StartsWith("exit status ") || text.StartsWith("panic: ")) return true;
        var call = text.IndexOf('(');
        return call > 0 && text[^1] == ')' && !text[..call].Contains(' ');
    }

    public static bool IsFrame(ReadOnlySpan<char> text, bool indented) => text[0] switch
    {
        'a' => text.StartsWith("at ") && (indented || text.Contains('(')),
        '.' => text.StartsWith("... ") && text.Length > 4 && char.IsAsciiDigit(text[4]),
        '-' => text.StartsWith("--- End of"),
        // Python, between one exception and the next.
        'D' => text.StartsWith("During handling of the above exception"),
        'T' => text.StartsWith("The above exception was the direct cause"),
        // Ruby and PHP.
        'f' => text.StartsWith("from ") && text.Contains(":in ", StringComparison.Ordinal),
        '#' => text.Length > 3 && char.IsAsciiDigit(text[1]) && text.Contains('('),
        's' or 'S' => text.Equals("stack trace:", StringComparison.OrdinalIgnoreCase) || text.Equals("stack backtrace:", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    /// <summary>A type that names a fault, at the end or with its message behind: "java.io.IOException: broken pipe", "TypeError".</summary>
    public static bool IsFault(ReadOnlySpan<char> text)
    {
        foreach (var lead in Leads)
            if (text.StartsWith(lead, StringComparison.OrdinalIgnoreCase))
            {
                // "in thread "main"": the type stands behind it.
                text = text[lead.Length..];
                if (text is ['"', ..]) text = text[(text[1..].IndexOf('"') + 2)..];
                text = text.TrimStart();
            }
        var end = 0;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '.' or '_' or '$' or '`' or '/' || text[end..].StartsWith("::"))) end += text[end] == ':' ? 2 : 1;
        if (end == 0 || !char.IsLetter(text[0]) || (end < text.Length && text[end] is not (':' or ' '))) return false;
        if (end < text.Length && text[end] == ' ' && text[end..] is not [' ', '[' or '(', ..]) return false;
        return FaultNames.End(text[..end]);
    }

    private static readonly string[] Leads = ["Exception in thread ", "Unhandled exception. ", "Unhandled exception: ", "Uncaught "];
}
