using Dedupe.Log;
using MassTransit;
using Pipeline.Contracts;

namespace Pipeline.Messages;

/// <summary>Publishes a scope's incident events out of its decisions, in order and at least once. The log is the outbox.</summary>
/// <remarks>
/// Meant for the scope's owner. Two at once, around a takeover, publish some events twice, under the same ids. One event is under way at a time,
/// so that none overtakes another; what comes meanwhile stays in the log.
/// </remarks>
public sealed class EventPublisher
{
    /// <summary>Beside <c>decider</c> and the views; changing it would begin at the end again.</summary>
    private const string Snapshot = "publisher", Writer = "1";

    /// <summary>What is published twice after a kill: at most so many decisions, or those of so long.</summary>
    private const int SaveEvery = 1_000;
    private static readonly TimeSpan SaveAfter = TimeSpan.FromSeconds(1);

    /// <summary>A scope without a position begins this far back: one that is just made loses nothing, an old log publishes no history.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);
    private const int FreshAtMost = 10_000;

    private static readonly TimeSpan AttemptWithin = TimeSpan.FromSeconds(10), Again = TimeSpan.FromSeconds(1);

    private readonly ILog log;
    private readonly IPublishEndpoint bus;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    internal EventPublisher(ILog log, IPublishEndpoint bus, TimeProvider time, ILogger logger) =>
        (this.log, this.bus, this.time, this.logger) = (log, bus, time, logger);

    /// <summary>Publishes until cancelled; call it where the scope is owned, for as long as it is.</summary>
    /// <exception cref="InvalidDataException">The log was written by a newer release.</exception>
    public async Task RunAsync(int scope, CancellationToken cancel)
    {
        var name = (await log.ScopesAsync(cancel)).Single(s => s.Key == scope).Value;
        var done = await BeginAsync(scope, cancel);
        var (saved, savedAt) = (done, time.GetUtcNow());
        try
        {
            await foreach (var record in log.FollowDecisionsAsync(scope, done.Version + 1, cancel))
            {
                if (EventsOf.Of(name, record) is { } e) await PublishAsync(e, cancel);
                done = new(record.Version, record.Input);
                var now = time.GetUtcNow();
                if (done.Version - saved.Version < SaveEvery && now - savedAt < SaveAfter) continue;
                savedAt = now;
                if (await SaveAsync(scope, done, cancel)) saved = done;
            }
        }
        finally
        {
            if (done != saved) await SaveLastAsync(scope, done);
        }
    }

    private readonly record struct Position(long Version, long Input);

    private async ValueTask<Position> BeginAsync(int scope, CancellationToken cancel)
    {
        if (await log.LoadSnapshotAsync(scope, Snapshot, cancel) is { } stored) return new(stored.Decision, stored.Input);
        var since = time.GetUtcNow() - Fresh;
        var end = await log.PositionAsync(scope, cancel);
        var before = new Position(end.LastDecision, end.LastDecided);
        if (end.LastAt >= since)
        {
            // The last one decided before; of a scope that is no older, none.
            before = default;
            await foreach (var record in log.ReadDecisionsAsync(scope, Math.Max(1, end.LastDecision - FreshAtMost + 1), cancel))
            {
                if (record.At >= since) break;
                before = new(record.Version, record.Input);
            }
            if (before == default) before = new(Math.Max(0, end.LastDecision - FreshAtMost), 0);
        }
        // At once, so that a broker that is away now does not let the next start begin later.
        await SaveAsync(scope, before, cancel);
        return before;
    }

    private async Task<bool> SaveAsync(int scope, Position position, CancellationToken cancel)
    {
        try
        {
            await log.SaveSnapshotAsync(scope, new(Snapshot, Writer, position.Input, position.Version, default), cancel);
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The next save says the same and more; until then a restart publishes more of it twice.
            logger.PositionNotSaved(e, scope);
            return false;
        }
    }

    /// <summary>A store that hangs holds up no stop.</summary>
    private async Task SaveLastAsync(int scope, Position position)
    {
        using var limit = new CancellationTokenSource(SaveAfter, time);
        try
        {
            await SaveAsync(scope, position, limit.Token);
        }
        catch (OperationCanceledException)
        {
            // The next start publishes more of it twice.
        }
    }

    private async Task PublishAsync(IIncidentEvent e, CancellationToken cancel)
    {
        var id = EventsOf.MessageId(e);
        for (var attempt = 1; ; attempt++)
        {
            using var limit = new CancellationTokenSource(AttemptWithin, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
            try
            {
                await bus.Publish(e, e.GetType(), context =>
                {
                    context.MessageId = id;
                    context.Durable = true;
                }, either.Token);
                if (attempt > 1) logger.PublishedAgain(e.Scope);
                return;
            }
            catch (Exception error) when (!cancel.IsCancellationRequested)
            {
                if (attempt == 1) logger.NotPublished(error, e.Scope);
                await Task.Delay(Again, time, cancel);
            }
        }
    }
}
