using MassTransit;

namespace Pipeline.Messages;

/// <summary>Keeps the latest nudge of each scope and wakes who waits for it.</summary>
internal sealed class PagesDueHeard(TimeProvider time) : IConsumer<PagesDue>, IPagesDue
{
    private sealed class Scope
    {
        public long Version { get; set; }

        public TaskCompletionSource More { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Far beyond the scopes that there can be: a number beyond it is no scope of ours.</summary>
    private const int ScopesAtMost = 1_024;

    private readonly Dictionary<int, Scope> scopes = [];

    public Task Consume(ConsumeContext<PagesDue> context)
    {
        Hear(context.Message);
        return Task.CompletedTask;
    }

    public async ValueTask<bool> WaitAsync(int scope, long seen, TimeSpan atMost, CancellationToken cancel)
    {
        var until = time.GetUtcNow() + atMost;
        while (true)
        {
            Task more;
            lock (scopes)
            {
                if (Of(scope) is not { } known) return false;
                if (known.Version > seen) return true;
                more = known.More.Task;
            }
            var left = until - time.GetUtcNow();
            if (left <= TimeSpan.Zero) return false;
            try
            {
                await more.WaitAsync(left, time, cancel);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }
    }

    private void Hear(PagesDue nudge)
    {
        lock (scopes)
        {
            if (Of(nudge.Scope) is not { } known || known.Version >= nudge.Version) return;
            known.Version = nudge.Version;
            known.More.TrySetResult();
            known.More = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private Scope? Of(int scope)
    {
        if (scopes.TryGetValue(scope, out var known)) return known;
        return scopes.Count < ScopesAtMost ? scopes[scope] = new() : null;
    }
}
