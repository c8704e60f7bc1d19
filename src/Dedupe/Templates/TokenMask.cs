namespace Dedupe.Templates;

/// <summary>Masks, in one token of a log line, what says which one instead of what happened: numbers, ids, addresses, paths, hosts.</summary>
/// <remarks>
/// Going by the shape of a token alone, never by a product's words. A name with a digit in it is an instance of something (<c>node-12</c>,
/// <c>blk_-160</c>, <c>eth0</c>), so the whole name is masked and not its digits: <c>worker-a1</c> and <c>worker-b7</c> are one template.
/// Source of that: Drain's preprocessing and the guided masks in logpai/logparser's benchmark, generalised until no set needed one of its own.
/// </remarks>
internal static class TokenMask
{
    /// <summary>Stands for what was masked, while a line is read.</summary>
    public const char Mark = '\u0001';

    /// <summary>How the mark is shown to people, and kept.</summary>
    public const string Shown = "<*>";

    private const int HexLength = 8;

    // Between two masks these add nothing: a date, an address with its port, a list.
    private const string Joins = ".,:/-_+@#%;\\|~";

    /// <summary>Appends the token as masked.</summary>
    public static void Append(ReadOnlySpan<char> token, ref LineBuffer to)
    {
        var begin = to.Length;
        if (!NeedsLook(token))
        {
            if (IsHex(token)) to.Add(Mark);
            else to.Add(token);
            return;
        }
        var key = default(ReadOnlySpan<char>);
        for (var i = 0; i < token.Length;)
        {
            var c = token[i];
            if (token[i..].StartsWith(Shown, StringComparison.Ordinal))
            {
                Mask(ref to, begin);
                i += Shown.Length;
            }
            else if (Addresses.ColonsAt(token, i) is > 0 and var address)
            {
                Mask(ref to, begin);
                i = address;
                key = default;
            }
            else if (Paths.At(token, i) is > 0 and var path)
            {
                Mask(ref to, begin);
                i = path;
                key = default;
            }
            else if (IsInner(c))
            {
                var end = i;
                while (end < token.Length && IsInner(token[end])) end++;
                i = AppendName(token, i, end, ref key, ref to, begin);
            }
            else
            {
                // A value may stand in quotes or brackets; behind anything else the key is forgotten.
                if (c is not ('=' or '"' or '\'' or '<')) key = default;
                to.Add(c);
                i++;
            }
        }
    }

    /// <summary>A run of characters that may stand inside a name; returns where it goes on.</summary>
    private static int AppendName(ReadOnlySpan<char> token, int start, int end, ref ReadOnlySpan<char> key, ref LineBuffer to, int begin)
    {
        var (from, until) = (start, end);
        while (until > from && token[until - 1] is '.' or '!' or '?' or '-' or '*') until--;
        while (from < until && token[from] is '-' or '+' or '*' or '.' or '#' or '~' or '@') from++;
        if (from >= until)
        {
            to.Add(token[start..end]);
            return end;
        }
        var name = token[from..until];
        var rest = token[end..];
        var port = rest.Length > 1 && rest[0] == ':' && char.IsAsciiDigit(rest[1]);
        var whole = Keys.NameWhich(key) || Names.IsWhich(name, port);
        // A sign belongs to its number.
        if (whole && from > start && token[from - 1] is '-' or '+') from--;
        to.Add(token[start..from]);
        if (whole) Mask(ref to, begin);
        else AppendParts(name, port, ref to, begin);
        to.Add(token[until..end]);
        key = rest.Length > 0 && rest[0] == '=' ? name : default;
        return end;
    }

    /// <summary>A name that is not masked whole: each side of a slash, and each part of a dotted class name, by itself.</summary>
    private static void AppendParts(ReadOnlySpan<char> name, bool port, ref LineBuffer to, int begin)
    {
        var slash = name.IndexOfAny('/', '\\');
        if (slash >= 0)
        {
            AppendSide(name[..slash], false, ref to, begin);
            to.Add(name[slash]);
            AppendSide(name[(slash + 1)..], port, ref to, begin);
        }
        else if (name.IndexOfAnyInRange('0', '9') < 0) to.Add(name);
        else
            foreach (var range in name.Split('.'))
            {
                if (range.Start.Value > 0) to.Add('.');
                if (name[range].IndexOfAnyInRange('0', '9') >= 0) Mask(ref to, begin);
                else to.Add(name[range]);
            }
    }

    private static void AppendSide(ReadOnlySpan<char> side, bool port, ref LineBuffer to, int begin)
    {
        if (side.Length == 0) return;
        if (Names.IsWhich(side, port)) Mask(ref to, begin);
        else AppendParts(side, port, ref to, begin);
    }

    private static void Mask(ref LineBuffer to, int begin)
    {
        var last = to.Length;
        while (last > begin && Joins.Contains(to[last - 1])) last--;
        if (last > begin && to[last - 1] == Mark) to.Length = last;
        else to.Add(Mark);
    }

    private static bool NeedsLook(ReadOnlySpan<char> token)
    {
        foreach (var c in token)
            if (char.IsAsciiDigit(c) || c is '/' or '\\' or '.' or '@' or '=' or '*') return true;
        return false;
    }

    public static bool IsInner(char c) =>
        char.IsLetterOrDigit(c) || c is '_' or '-' or '.' or '~' or '$' or '#' or '@' or '+' or '%' or '/' or '\\' or '?' or '&' or '*' or '!';

    public static bool IsHex(ReadOnlySpan<char> text)
    {
        if (text.Length < HexLength) return false;
        foreach (var c in text)
            if (!char.IsAsciiHexDigit(c)) return false;
        return true;
    }
}
