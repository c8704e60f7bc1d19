namespace Pipeline.Demo;

/// <summary>A clock that begins at a given time and runs a given number of times as fast, timers included.</summary>
/// <param name="factor">How many seconds pass in one.</param>
public sealed class FastTime(DateTimeOffset start, double factor) : TimeProvider
{
    private readonly long began = System.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => start + (System.GetElapsedTime(began) * factor);

    /// <summary>The system's own ticks, but fewer of them make a second.</summary>
    public override long TimestampFrequency => (long)(System.TimestampFrequency / factor);

    public override long GetTimestamp() => System.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(System.CreateTimer(callback, state, Real(dueTime), Real(period)), this);

    private TimeSpan Real(TimeSpan span)
    {
        if (span <= TimeSpan.Zero) return span; // zero and Timeout.InfiniteTimeSpan mean what they mean
        var real = span / factor;
        return real < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : real;
    }

    private sealed class Timer(ITimer real, FastTime time) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => real.Change(time.Real(dueTime), time.Real(period));

        public void Dispose() => real.Dispose();

        public ValueTask DisposeAsync() => real.DisposeAsync();
    }
}
