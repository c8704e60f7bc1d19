using Ingest;

namespace Pipeline.Broker;

/// <summary>A delivery that was handed over, and how it is answered: recorded only when every part of it is confirmed.</summary>
internal sealed class Handed
{
    // What waits for it only writes the answer: it runs on in the thread that brought the confirm, as a wake each would cost more.
    private readonly TaskCompletionSource<IntakeAnswer> answer = new();
    private volatile string? problem;
    private int open;

    public Task<IntakeAnswer> Answer => answer.Task;

    public void Expect(int parts) => open = parts;

    /// <summary>One part is confirmed, or is not and why.</summary>
    public void Settle(string? why)
    {
        if (why is not null) problem = why;
        if (Interlocked.Decrement(ref open) == 0) answer.TrySetResult(problem is null ? new(IntakeStatus.Recorded) : new(IntakeStatus.Unavailable, problem));
    }

    public IntakeAnswer Refuse(IntakeStatus status, string why)
    {
        var refused = new IntakeAnswer(status, why);
        answer.TrySetResult(refused);
        return refused;
    }
}
