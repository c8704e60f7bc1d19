namespace Dedupe.Templates;

/// <summary>What a line is in the reading of a stack trace.</summary>
public enum TracePart : byte
{
    /// <summary>A message of its own; a trace may follow it.</summary>
    Message,

    /// <summary>It opens a trace whose error is said only at its end, as a message: Python's "Traceback (most recent call last):" with nothing before it.</summary>
    Opening,

    /// <summary>It goes on with the trace, and says nothing that tells one error from another.</summary>
    Frame,

    /// <summary>It goes on with what is before it, and says what went wrong or what caused it.</summary>
    Fault,
}

/// <summary>Reads lines one after the other and knows which of them are one stack trace: Java, .NET, Python, Go, Node.js and what looks like them.</summary>
/// <example><code>
/// cannot place the order                              Message
/// java.lang.IllegalStateException: no stock           Fault
///         at shop.Cart.place(Cart.java:81)            Frame
/// Caused by: java.net.ConnectException: refused       Fault
///         ... 23 more                                 Frame
/// </code></example>
public sealed class TraceReader
{
    private enum Mode : byte
    {
        None,
        Message,
        Frames,
        Python,
        Headless,
        Go,
    }

    private Mode mode;

    /// <summary>Where it is in the reading, for a snapshot.</summary>
    internal byte At
    {
        get => (byte)mode;
        set => mode = (Mode)value;
    }

    /// <summary>As if nothing had come before.</summary>
    public void Reset() => mode = Mode.None;

    /// <summary>What the next line is.</summary>
    public TracePart Read(ReadOnlySpan<char> line)
    {
        var text = line.Trim();
        var indented = text.Length > 0 && text[0] != line[0];
        if (text.Length == 0) return mode is Mode.None or Mode.Message ? TracePart.Message : TracePart.Frame;
        if (TraceLines.IsTraceback(text))
        {
            (mode, var part) = mode == Mode.None ? (Mode.Headless, TracePart.Opening) : (Mode.Python, TracePart.Frame);
            return part;
        }
        if (mode == Mode.None) return Begin(text);
        if (TraceLines.IsCause(text)) return In(Mode.Frames, TracePart.Fault);
        if (TraceLines.IsPythonFrame(text)) return In(mode == Mode.Headless ? mode : Mode.Python, TracePart.Frame);
        if (TraceLines.IsGoroutine(text)) return In(Mode.Go, TracePart.Frame);
        if (TraceLines.IsFrame(text, indented)) return In(mode is Mode.Message ? Mode.Frames : mode, TracePart.Frame);
        return mode switch
        {
            Mode.Frames when indented || text[0] == '}' => TracePart.Frame,
            Mode.Go when indented || TraceLines.IsOfGo(text) => TracePart.Frame,
            Mode.Python or Mode.Headless when indented => TracePart.Frame,
            // The first line at the margin is the exception, whatever it is called.
            Mode.Python => In(Mode.Frames, TracePart.Fault),
            Mode.Headless => In(Mode.Frames, TracePart.Message),
            Mode.Message when TraceLines.IsFault(text) => In(Mode.Frames, TracePart.Fault),
            _ => Begin(text),
        };
    }

    private TracePart Begin(ReadOnlySpan<char> text) =>
        In(TraceLines.IsPanic(text) ? Mode.Go : TraceLines.IsFault(text) ? Mode.Frames : Mode.Message, TracePart.Message);

    private TracePart In(Mode next, TracePart part)
    {
        mode = next;
        return part;
    }
}
