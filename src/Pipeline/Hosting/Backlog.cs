namespace Pipeline.Hosting;

/// <summary>What waits for its commit: many add, the recorder's thread takes all there is.</summary>
/// <remarks>A plain queue under a monitor: the thread that takes blocks, so nothing spins and one wake serves a whole group.</remarks>
internal sealed class Backlog(int atMost)
{
    private readonly Queue<Recordable> waiting = new();
    private bool closed;

    /// <summary>False when more waits than is kept, or nothing is taken any more.</summary>
    /// <param name="own">An input of our own: few, and never refused for fullness.</param>
    public bool TryAdd(Recordable recordable, bool own)
    {
        lock (waiting)
        {
            if (closed || (!own && waiting.Count >= atMost)) return false;
            waiting.Enqueue(recordable);
            if (waiting.Count == 1) Monitor.Pulse(waiting);
            return true;
        }
    }

    /// <summary>Waits for something and takes it with what came since, up to a number and a size. False when closed and empty.</summary>
    public bool Take(List<Recordable> batch, int count, int bytes)
    {
        lock (waiting)
        {
            while (waiting.Count == 0)
            {
                if (closed) return false;
                Monitor.Wait(waiting);
            }
            while (batch.Count < count && bytes > 0 && waiting.TryDequeue(out var next))
            {
                batch.Add(next);
                bytes -= next.Body.Length;
            }
            return true;
        }
    }

    public void Close()
    {
        lock (waiting)
        {
            closed = true;
            Monitor.PulseAll(waiting);
        }
    }
}
