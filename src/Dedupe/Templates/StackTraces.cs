using System.Text;

namespace Dedupe.Templates;

/// <summary>What tells one error from another in a message of many lines: its first, and of a stack trace what went wrong and what caused it.</summary>
/// <remarks>Not the frames: a rebuild moves them all. Not only the first line either: "request failed" may have a new cause every day.</remarks>
public static class StackTraces
{
    private const string Between = " | ";
    private const int MostFaults = 8;

    /// <summary>The text that stands for a message; a single line stands for itself.</summary>
    public static string Essence(string message)
    {
        if (message.AsSpan().IndexOfAny('\n', '\r') < 0) return message;
        var reader = new TraceReader();
        var essence = new StringBuilder();
        var faults = 0;
        foreach (var line in message.AsSpan().EnumerateLines())
        {
            var part = reader.Read(line);
            var text = line.Trim();
            if (text.IsEmpty) continue;
            if (part == TracePart.Message && essence.Length == 0) essence.Append(text);
            else if (part == TracePart.Fault && faults++ < MostFaults) essence.Append(essence.Length > 0 ? Between : "").Append(text);
        }
        // A trace that was cut off before it said anything.
        return essence.Length > 0 ? essence.ToString() : message.AsSpan().Trim().ToString();
    }
}
