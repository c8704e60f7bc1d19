using System.Buffers;

namespace Dedupe.Templates;

/// <summary>A log line as its tokens, with what only says which one or how much masked. One object reads line after line.</summary>
internal sealed class MaskedLine
{
    /// <summary>Tokens and characters beyond these say nothing more about what a line is.</summary>
    public const int MostTokens = 100, MostChars = 4_096;

    private const string Closing = ",;\\|])}", Opening = "[({", Ending = ",;.:";
    private static readonly SearchValues<char> Blanks = SearchValues.Create(" \t\r\n\u00A0");

    // Twice, since what is put together anew is appended behind.
    private readonly char[] room = new char[2 * MostChars];
    private readonly Range[] tokens = new Range[MostTokens];
    private int length;

    public int Count { get; private set; }

    public ReadOnlySpan<char> this[int index] => room.AsSpan(tokens[index]);

    public void Read(ReadOnlySpan<char> line)
    {
        (Count, length) = (0, 0);
        if (line.Length > MostChars) line = line[..MostChars];
        ReadOnlySpan<char> last = default, beforeLast = default;
        while (Count < MostTokens)
        {
            var from = line.IndexOfAnyExcept(Blanks);
            if (from < 0) break;
            line = line[from..];
            var until = line.IndexOfAny(Blanks);
            var raw = until < 0 ? line : line[..until];
            line = line[raw.Length..];
            Take(raw, last, beforeLast);
            beforeLast = last;
            last = raw;
        }
        for (var i = 0; i < Count; i++)
            if (IsNamed(i) || IsDate(i)) Append(i, [TokenMask.Mark], "");
        JoinRuns();
        for (var period = 2; period <= 4; period++) DropRepeats(period);
    }

    private void Take(ReadOnlySpan<char> raw, ReadOnlySpan<char> last, ReadOnlySpan<char> beforeLast)
    {
        if (LineWords.NameUser(beforeLast, last)) Append(Count++, [TokenMask.Mark], raw[raw.LetterEnd()..]);
        // 12 ms, 3 seconds: one quantity, in whichever unit.
        else if (Count > 0 && LineWords.IsUnit(raw, out var behind) && EndsInMark(Count - 1, out var before)) Append(Count - 1, before, [TokenMask.Mark], behind);
        else
        {
            var to = new LineBuffer(room.AsSpan(length));
            TokenMask.Append(raw, ref to);
            tokens[Count++] = length..(length + to.Length);
            length += to.Length;
        }
        // An aside in brackets that holds nothing but a value, or nothing, adds no word: some lines have it, others of the kind do not.
        var added = this[Count - 1];
        var core = added.TrimEnd(Ending);
        if (Count == 1 || core is not (['(', ')'] or ['(', TokenMask.Mark, ')'])) return;
        Count--;
        Append(Count - 1, this[Count - 1], added[core.Length..]);
    }

    private bool IsNamed(int i) => i > 0 && i + 2 < Count && LineWords.IsNamedBetween(this[i - 1], this[i + 1]) && this[i + 2] is [TokenMask.Mark, ..];

    /// <summary>Dates are written in words as well: "Sun Jul 3 10:05:25 EDT 2005".</summary>
    private bool IsDate(int i)
    {
        if (!LineWords.IsDate(this[i])) return false;
        if (i > 0 && this[i - 1] is [.., TokenMask.Mark]) return true;
        if (i + 1 >= Count) return false;
        return this[i + 1] is [TokenMask.Mark, ..] || (LineWords.IsDate(this[i + 1]) && i + 2 < Count && this[i + 2] is [TokenMask.Mark, ..]);
    }

    private bool EndsInMark(int i, out ReadOnlySpan<char> before)
    {
        before = this[i];
        if (before is not [.., TokenMask.Mark]) return false;
        before = before[..^1];
        if (before is [.., '<']) before = before[..^1];
        return true;
    }

    /// <summary>A list of values is one value, however long: 1 2 3, [a1 a2], an14 an15 an16.</summary>
    private void JoinRuns()
    {
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            var core = Core(i);
            if (kept > 0 && core.Contains(TokenMask.Mark) && core is not [.., ':'] && core.SequenceEqual(Core(kept - 1)))
                Append(kept - 1, this[kept - 1][..^this[kept - 1].TrimStart(Opening).Length], core, this[i][this[i].TrimEnd(Closing).Length..]);
            else tokens[kept++] = tokens[i];
        }
        Count = kept;
    }

    /// <summary>The same for lists of groups: node-1 up, node-2 up, node-3 up.</summary>
    private void DropRepeats(int period)
    {
        var kept = 0;
        for (var i = 0; i < Count;)
        {
            if (kept >= period && i + period <= Count && Repeats(kept - period, i, period)) i += period;
            else tokens[kept++] = tokens[i++];
        }
        Count = kept;
    }

    private bool Repeats(int earlier, int later, int period)
    {
        var masked = false;
        for (var k = 0; k < period; k++)
        {
            var core = Core(later + k);
            if (!core.SequenceEqual(Core(earlier + k))) return false;
            masked |= core.Contains(TokenMask.Mark);
        }
        return masked;
    }

    private ReadOnlySpan<char> Core(int i) => this[i].TrimEnd(Closing).TrimStart(Opening);

    /// <summary>Puts a token together anew. What has no more room is cut.</summary>
    private void Append(int i, ReadOnlySpan<char> a, ReadOnlySpan<char> b, ReadOnlySpan<char> c = default)
    {
        var to = new LineBuffer(room.AsSpan(length));
        to.Add(a);
        to.Add(b);
        to.Add(c);
        tokens[i] = length..(length + to.Length);
        length += to.Length;
    }
}
