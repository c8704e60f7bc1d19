using System.Text;
using Pipeline.Replaying;

namespace Pipeline.Importing;

/// <summary>One JSON object or array of a stream.</summary>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Before">What stands before it on its line, such as a time.</param>
/// <param name="Json">Its bytes, good until the next one is asked for; empty where there is a problem.</param>
internal readonly record struct JsonValue(long Line, string Before, ReadOnlyMemory<byte> Json, string? Problem);

/// <summary>
/// Cuts a stream into its JSON objects and arrays: one a line, one after another without any separator, or each written over many lines. A line
/// that is torn off, as a crash leaves it, costs only itself.
/// </summary>
internal sealed class JsonValues(Stream stream)
{
    /// <summary>More is no export that anybody could read whole.</summary>
    private const int MostBytes = 1 << 30;

    private const string NoJson = "holds no JSON object";

    private byte[] buffer = new byte[256 * 1024];
    private int filled, at;
    private long line = 1;
    private bool ended;

    public static IEnumerable<JsonValue> Of(Stream stream) => new JsonValues(stream).All();

    private IEnumerable<JsonValue> All()
    {
        if (Ensure(3) && buffer.AsSpan(0, 3).SequenceEqual("\uFEFF"u8)) at = 3;
        while (Begin() is { } begin)
        {
            if (begin.Problem is not null) yield return new(begin.Line, "", default, begin.Problem);
            else if (End(at, out var length) is { } torn) yield return new(begin.Line, begin.Before, default, torn);
            else
            {
                yield return new(begin.Line, begin.Before, buffer.AsMemory(at, length), null);
                line += buffer.AsSpan(at, length).Count((byte)'\n');
                at += length;
            }
        }
    }

    /// <summary>Moves to the next value; null at the end. What is no JSON on a line by itself is a problem.</summary>
    private (long Line, string Before, string? Problem)? Begin()
    {
        // What was read is dropped here and nowhere else, so that places hold until the next value; and seldom, since it moves the rest.
        if (at > buffer.Length / 2)
        {
            buffer.AsSpan(at, filled - at).CopyTo(buffer);
            (filled, at) = (filled - at, 0);
        }
        var start = at;
        for (; Ensure(1); at++)
        {
            switch (buffer[at])
            {
                case (byte)'\n':
                    var text = Text(start, at);
                    start = at + 1;
                    line++;
                    if (text.Length == 0) break;
                    at++;
                    return (line - 1, "", NoJson);
                case (byte)'{':
                    return (line, Text(start, at), null);
                // A list of anything but objects is more likely a time in brackets.
                case (byte)'[' when FirstInside() is '{' or ']':
                    return (line, Text(start, at), null);
            }
        }
        return Text(start, at).Length > 0 ? (line, "", NoJson) : null;
    }

    private char FirstInside()
    {
        for (var i = 1; Ensure(i + 1); i++)
            if (buffer[at + i] > ' ') return (char)buffer[at + i];
        return '\0';
    }

    /// <summary>The length of the value that begins here; else what is wrong, with the place moved behind the torn part.</summary>
    private string? End(int start, out int length)
    {
        var (depth, inText, last) = (0, false, (byte)0);
        for (length = 0; Ensure(length + 1); length++)
        {
            var c = buffer[start + length];
            if (inText)
            {
                if (c == '\\') length += Ensure(length + 2) ? 1 : 0;
                else if (c == '"') (inText, last) = (false, c);
                else if (c == '\n') return Torn(length);
                continue;
            }
            switch (c)
            {
                case (byte)'"': inText = true; break;
                case (byte)'{' or (byte)'[': depth++; break;
                case (byte)'}' or (byte)']':
                    if (--depth > 0) break;
                    length++;
                    return null;
                // An object does not go on with another one unless something announces it.
                case (byte)'\n' when !",[{:"u8.Contains(last) && Ensure(length + 3) && buffer.AsSpan(start + length + 1, 2).SequenceEqual("{\""u8): return Torn(length);
            }
            if (c > ' ') last = c;
            if (length >= MostBytes) throw new ReplayInputException($"line {line}: one JSON value is larger than {MostBytes >> 20} MiB; export a shorter time");
        }
        return Torn(length);
    }

    private string Torn(int length)
    {
        line += buffer.AsSpan(at, length).Count((byte)'\n');
        at += length;
        return "is torn off in the middle of its JSON";
    }

    private string Text(int from, int to) => Encoding.UTF8.GetString(buffer, from, to - from).Trim(' ', '\t', '\r', ',', ';', '\u001e', '\0');

    /// <summary>True when this many bytes are there from the present place on.</summary>
    private bool Ensure(int count)
    {
        while (filled - at < count && !ended)
        {
            if (filled == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
            var read = stream.Read(buffer, filled, buffer.Length - filled);
            ended = read == 0;
            filled += read;
        }
        return filled - at >= count;
    }
}
