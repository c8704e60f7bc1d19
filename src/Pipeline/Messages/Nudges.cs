using System.Threading.Channels;
using MassTransit;

namespace Pipeline.Messages;

/// <summary>Publishes nudges on a task of its own: of a scope only the latest one waits, and what the broker does not take is dropped.</summary>
internal sealed class Nudges : INudges, IAsyncDisposable
{
    /// <summary>A nudge that took longer is late for anybody who looks by himself.</summary>
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(2);

    private readonly Channel<bool> more = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<int, long> waiting = [];
    private readonly CancellationTokenSource stop = new();
    private readonly IPublishEndpoint bus;
    private readonly Task telling;

    public Nudges(IPublishEndpoint bus)
    {
        this.bus = bus;
        telling = Task.Run(TellAsync);
    }

    public void PagesDue(int scope, long version)
    {
        lock (waiting) waiting[scope] = Math.Max(version, waiting.GetValueOrDefault(scope));
        more.Writer.TryWrite(true);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await telling;
        stop.Dispose();
    }

    private async Task TellAsync()
    {
        try
        {
            await foreach (var _ in more.Reader.ReadAllAsync(stop.Token))
                while (Next() is { } nudge) await TellAsync(nudge);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // the process stops
        }
    }

    private PagesDue? Next()
    {
        lock (waiting)
        {
            if (waiting.Count == 0) return null;
            var (scope, version) = waiting.First();
            waiting.Remove(scope);
            return new(scope, version);
        }
    }

    private async Task TellAsync(PagesDue nudge)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        limit.CancelAfter(Within);
        try
        {
            await bus.Publish(nudge, context =>
            {
                context.Durable = false;
                context.TimeToLive = Within;
            }, limit.Token);
        }
        catch (Exception) when (!stop.IsCancellationRequested)
        {
            // Lost, as it may be: the broker is away, which the bus itself says in the log.
        }
    }
}
