namespace Dedupe.Deciding;

/// <summary>The decider's own time: Unix milliseconds, given by inputs and due moments, never read.</summary>
internal static class Clock
{
    public const long Never = long.MaxValue;

    public static long Ms(this DateTimeOffset at) => at.ToUnixTimeMilliseconds();

    public static long Ms(this TimeSpan span) => (long)span.TotalMilliseconds;

    public static DateTimeOffset ToTime(this long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    /// <summary>A sum that stays Never.</summary>
    public static long Plus(this long at, long ms) => at == Never ? Never : at + ms;
}

/// <summary>Something that falls due. Its due moment is computed from its state; the queue only remembers when to look.</summary>
internal interface IDue
{
    long Order { get; }

    /// <summary>The earliest moment the queue will look at it; <see cref="Clock.Never"/> when it is not in the queue.</summary>
    long Armed { get; set; }
}

/// <summary>What falls due next. Entries may be stale: who pops one asks the thing itself and arms it again.</summary>
internal sealed class DueQueue
{
    private readonly PriorityQueue<IDue, (long At, long Order)> queue = new();

    /// <summary>Looks at <paramref name="due"/> at <paramref name="at"/> or before. A later moment than armed is found when the earlier one pops.</summary>
    public void Arm(IDue due, long at)
    {
        if (at >= due.Armed) return;
        due.Armed = at;
        queue.Enqueue(due, (at, due.Order));
    }

    /// <summary>The next thing to look at up to a moment.</summary>
    public bool TryPop(long until, out IDue due, out long at)
    {
        while (queue.TryPeek(out due!, out var key) && key.At <= until)
        {
            queue.Dequeue();
            at = key.At;
            if (due.Armed != key.At) continue;
            due.Armed = Clock.Never;
            return true;
        }
        at = Clock.Never;
        due = null!;
        return false;
    }

    /// <summary>The next thing to look at, and when.</summary>
    public bool TryPeek(out IDue due, out long at)
    {
        while (queue.TryPeek(out due!, out var key))
        {
            at = key.At;
            if (due.Armed == at) return true;
            queue.Dequeue();
        }
        at = Clock.Never;
        return false;
    }

    /// <summary>Moves the next thing to look at to a later moment.</summary>
    public void Postpone(IDue due, long at)
    {
        queue.Dequeue();
        due.Armed = Clock.Never;
        if (at != Clock.Never) Arm(due, at);
    }
}
