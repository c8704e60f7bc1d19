namespace Dedupe.Templates;

internal enum WordKind : byte
{
    /// <summary>A value, and punctuation around it.</summary>
    Masked,

    /// <summary>Letters: a word of the language, which says what happened.</summary>
    Plain,

    /// <summary>A dotted or underscored name: of a class, a module, a file. It more often says which one.</summary>
    Name,

    /// <summary>Both, or nothing of the kind.</summary>
    Other,
}

/// <summary>One token of a masked line, as templates compare it.</summary>
/// <param name="Text">Hash of the token.</param>
/// <param name="Key">Hash of what stands before its <c>=</c>; 0 where it has none.</param>
/// <param name="Kind">What the token is; with a key, what its value is.</param>
/// <param name="HasLetter">It says something by itself.</param>
internal readonly record struct Word(uint Text, uint Key, WordKind Kind, bool HasLetter)
{
    private const ulong Offset = 14695981039346656037, Prime = 1099511628211;

    public static Word Of(ReadOnlySpan<char> token)
    {
        var hash = Offset;
        var letter = false;
        ulong key = 0;
        var value = token;
        for (var i = 0; i < token.Length; i++)
        {
            var c = token[i];
            letter |= char.IsLetter(c);
            if (c == '=' && key == 0 && i > 0)
            {
                key = hash;
                value = token[(i + 1)..];
            }
            hash = (hash ^ c) * Prime;
        }
        return new(Folded(hash), Folded(key), KindOf(value), letter);
    }

    private static WordKind KindOf(ReadOnlySpan<char> token)
    {
        bool letter = false, mark = false, odd = false;
        var (from, until) = (0, token.LetterEnd(TokenMask.Mark));
        while (from < until && !char.IsLetterOrDigit(token[from]) && token[from] != TokenMask.Mark) from++;
        foreach (var c in token[from..until])
        {
            if (char.IsLetter(c)) letter = true;
            else if (c == TokenMask.Mark) mark = true;
            else if (c is not ('-' or '\'')) odd = true;
        }
        if (!letter) return mark ? WordKind.Masked : WordKind.Other;
        if (!mark && !odd) return WordKind.Plain;
        return IsName(token) ? WordKind.Name : WordKind.Other;
    }

    private static bool IsName(ReadOnlySpan<char> token)
    {
        if (FaultNames.AreIn(token)) return false;
        bool dot = false, underscore = false, lower = false;
        for (var i = 0; i < token.Length; i++)
        {
            lower |= char.IsLower(token[i]);
            if (token[i] is not ('.' or '_') || i == 0 || i + 1 == token.Length || !IsInName(token[i - 1]) || !IsInName(token[i + 1])) continue;
            if (token[i] == '.') dot = true;
            else underscore = true;
        }
        // CAPITALS_WITH_UNDERSCORES are constants: states, codes, what happened.
        return dot || (underscore && lower);
    }

    private static bool IsInName(char c) => char.IsLetterOrDigit(c) || c == TokenMask.Mark;

    private static uint Folded(ulong hash) => (uint)(hash ^ (hash >> 32));
}

/// <summary>Names of what went wrong, which are never a mere value: java.io.IOException and java.lang.Error are two classes of error.</summary>
internal static class FaultNames
{
    private static readonly string[] Ends = ["Exception", "Error", "Failure", "Fault", "Timeout", "Interrupt", "Panic", "Warning", "Throwable"];

    /// <summary>Whether the name of a type ends in one.</summary>
    public static bool End(ReadOnlySpan<char> type)
    {
        foreach (var end in Ends)
            if (type.EndsWith(end, StringComparison.Ordinal)) return true;
        return false;
    }

    public static bool AreIn(ReadOnlySpan<char> token)
    {
        foreach (var end in Ends)
            if (token.Contains(end, StringComparison.Ordinal)) return true;
        return false;
    }
}
