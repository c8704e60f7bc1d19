using Microsoft.Extensions.Time.Testing;
using Pipeline.Pagers;

namespace Pipeline.Tests.Pagers;

/// <summary>Fake time for code that makes real requests: it stands still while one is under way, so none times out by our doing.</summary>
internal sealed class SteppedTime() : FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero))
{
    private readonly List<TimeSpan> waits = [];
    private int underWay;

    /// <summary>How long the code asked to wait, request timeouts aside: what elapsed also holds what the machine took.</summary>
    public IReadOnlyList<TimeSpan> Waits
    {
        get
        {
            lock (waits) return [.. waits];
        }
    }

    /// <summary>Moves on in steps until it is so; fails after 30 s of real time.</summary>
    public async Task UntilAsync(Func<bool> so, TimeSpan? step = null)
    {
        var patience = TimeProvider.System.GetTimestamp();
        while (!so())
        {
            if (TimeProvider.System.GetElapsedTime(patience) > TimeSpan.FromSeconds(30)) throw new TimeoutException("it never came to be so");
            if (Volatile.Read(ref underWay) == 0) Advance(step ?? TimeSpan.FromSeconds(1));
            await Task.Delay(1);
        }
    }

    /// <summary>A request's patience is a timer of its own: as long as one is there, a request is under way.</summary>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime == PagerHttp.Timeout) return new Counted(timer, this);
        if (dueTime == Timeout.InfiniteTimeSpan) return timer;
        lock (waits) waits.Add(dueTime);
        return timer;
    }

    private sealed class Counted : ITimer
    {
        private readonly ITimer timer;
        private SteppedTime? time;

        public Counted(ITimer timer, SteppedTime time)
        {
            (this.timer, this.time) = (timer, time);
            Interlocked.Increment(ref time.underWay);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref time, null) is { } counting) Interlocked.Decrement(ref counting.underWay);
            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
