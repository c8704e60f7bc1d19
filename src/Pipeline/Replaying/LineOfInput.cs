namespace Pipeline.Replaying;

/// <summary>Which line had an input's number. Numbers and lines run side by side for long, so that where they part says it all.</summary>
internal sealed class LineOfInput
{
    /// <summary>Places where numbers and lines part that are kept; what is named late is named within seconds.</summary>
    private const int Most = 100_000;

    private readonly Queue<(long From, long Line)> runs = new();
    private (long From, long Line) last;

    public void Note(long number, long line)
    {
        if (runs.Count > 0 && last.Line - last.From == line - number && number > last.From) return;
        last = (number, line);
        runs.Enqueue(last);
        if (runs.Count > Most) runs.Dequeue();
    }

    /// <summary>Null where it is longer ago than is kept.</summary>
    public long? Of(long number)
    {
        long? line = null;
        foreach (var run in runs)
        {
            if (run.From > number) break;
            line = run.Line + number - run.From;
        }
        return line;
    }
}
