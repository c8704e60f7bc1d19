using System.Collections.Concurrent;

namespace Pipeline.Tests.Stores.EventStore;

/// <summary>What goes wrong at the fake server when a test says so, and what it was asked.</summary>
internal sealed class Faults
{
    private readonly ConcurrentDictionary<string, int> lost = new(), broken = new(), dropAfter = new();
    private TaskCompletionSource dropped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int drops, calls;

    /// <summary>The node does not lead; this one does (host:port), or for "" nobody knows who.</summary>
    public string? Leader { get; set; }

    public int LargestAppend { get; set; } = FakeService.LargestAppend;

    /// <summary>The authorization header without which access is denied.</summary>
    public string? Password { get; set; }

    /// <summary>Runs before an append is taken, for what happens at that very moment.</summary>
    public Func<string, Task>? AtAppend { get; set; }

    public int Calls => calls;

    /// <summary>Where subscriptions began: the stream, and the revision after which.</summary>
    public ConcurrentQueue<(string Stream, long After)> Subscriptions { get; } = new();

    public int Drops => drops;

    public Task Dropped => dropped.Task;

    /// <summary>Drops every subscription that there is now.</summary>
    public void DropSubscriptions()
    {
        Interlocked.Increment(ref drops);
        Interlocked.Exchange(ref dropped, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <summary>The subscription is dropped after so many more events.</summary>
    public void DropAfter(string stream, int events) => dropAfter[stream] = events;

    /// <summary>The next append is made, and its answer lost.</summary>
    public void LoseAnswer(string stream) => lost[stream] = 1;

    /// <summary>The next reading breaks off before its event number n + 1.</summary>
    public void BreakRead(string stream, int events) => broken[stream] = events;

    public void Called(string what)
    {
        if (what == "append") Interlocked.Increment(ref calls);
    }

    public void Followed(string stream, long after) => Subscriptions.Enqueue((stream, after));

    public bool TakeLostAnswer(string stream) => lost.TryRemove(stream, out _);

    public bool TakeBrokenRead(string stream) => Take(broken, stream, 0);

    public bool TakeDropAfter(string stream) => Take(dropAfter, stream, 1);

    public Task BeforeAppendAsync(string stream) => AtAppend?.Invoke(stream) ?? Task.CompletedTask;

    private static bool Take(ConcurrentDictionary<string, int> left, string stream, int last)
    {
        if (!left.TryGetValue(stream, out var events)) return false;
        if (events > last)
        {
            left[stream] = events - 1;
            return false;
        }
        return left.TryRemove(stream, out _);
    }
}
