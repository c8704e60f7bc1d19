using System.Runtime.CompilerServices;
using Dedupe.Deciding;
using Dedupe.Log;
using Pipeline.Messages;

namespace Pipeline.Cluster;

/// <summary>Follows what other processes decide: every scope's decisions, then every outcome, for whoever folds them here.</summary>
/// <remarks>Starts at the log's beginning: views and owed pages live in memory, and what is past retention is not there to be read.</remarks>
/// <param name="due">Where only pages matter: decisions are looked at when a nudge says that there are some, and now and then.</param>
internal sealed class LogFollower(
    ILog log, Action<int, DecisionRecord, Decision> tell, Action<OutcomeRecord> tellOutcome, IPagesDue? due, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan LookForScopes = TimeSpan.FromMilliseconds(500), Again = TimeSpan.FromSeconds(1), LookForPages = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<int, long> folded = [];
    private readonly List<(int Scope, long Version, TaskCompletionSource Reached)> waiting = [];
    private readonly TaskCompletionSource caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The last outcome that was told; after a failure it goes on behind it.</summary>
    private long lastOutcome;

    /// <summary>Completes when what the log held at the start is folded, outcomes included.</summary>
    public Task CaughtUp => caughtUp.Task;

    /// <summary>Completes once a scope's decisions are folded up to a version.</summary>
    public Task FoldedAsync(int scope, long version, CancellationToken cancel)
    {
        lock (gate)
        {
            if (folded.GetValueOrDefault(scope) >= version) return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Add((scope, version, reached));
            return reached.Task.WaitAsync(cancel);
        }
    }

    /// <summary>Follows until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var following = new Dictionary<int, Task>();
        Task? outcomes = null;
        var looks = new PeriodicTimer(LookForScopes, time);
        using (looks)
        {
            try
            {
                do
                {
                    try
                    {
                        foreach (var (scope, _) in await log.ScopesAsync(stop))
                            if (!following.ContainsKey(scope)) following[scope] = Task.Run(() => FollowAsync(scope, stop), CancellationToken.None);
                        if (outcomes is null) outcomes = await BeginAsync(stop);
                    }
                    catch (Exception) when (stop.IsCancellationRequested)
                    {
                        break;
                    }
                    catch (Exception e)
                    {
                        logger.NotFollowed(e, "the scopes");
                    }
                }
                while (await looks.WaitForNextTickAsync(stop));
            }
            catch (OperationCanceledException)
            {
                // the process stops
            }
        }
        await Task.WhenAll([outcomes ?? Task.CompletedTask, .. following.Values]);
    }

    /// <summary>Outcomes only after the decisions there are: an outcome speaks of a page that is decided.</summary>
    private async Task<Task> BeginAsync(CancellationToken stop)
    {
        foreach (var (scope, _) in await log.ScopesAsync(stop))
            await FoldedAsync(scope, (await log.PositionAsync(scope, stop)).LastDecision, stop);
        await foreach (var outcome in log.ReadOutcomesAsync(lastOutcome + 1, stop)) Tell(outcome);
        caughtUp.TrySetResult();
        return Task.Run(() => FollowOutcomesAsync(stop), CancellationToken.None);
    }

    private Task FollowAsync(int scope, CancellationToken stop) => UntilStoppedAsync($"scope {scope}", async () =>
    {
        long from;
        lock (gate) from = folded.GetValueOrDefault(scope) + 1;
        await foreach (var record in due is null ? log.FollowDecisionsAsync(scope, from, stop) : NudgedAsync(due, scope, from, stop))
        {
            tell(scope, record, DecisionCodec.Read(record));
            Reach(scope, record.Version);
        }
    }, stop);

    private async IAsyncEnumerable<DecisionRecord> NudgedAsync(IPagesDue pages, int scope, long from, [EnumeratorCancellation] CancellationToken stop)
    {
        while (true)
        {
            await foreach (var record in log.ReadDecisionsAsync(scope, from, stop))
            {
                yield return record;
                from = record.Version + 1;
            }
            // A nudge may be lost, so it is not waited for long.
            await pages.WaitAsync(scope, from - 1, LookForPages, stop);
        }
    }

    private Task FollowOutcomesAsync(CancellationToken stop) => UntilStoppedAsync("the outcomes", async () =>
    {
        await foreach (var outcome in log.FollowOutcomesAsync(lastOutcome + 1, stop)) Tell(outcome);
    }, stop);

    private void Tell(NumberedOutcome outcome)
    {
        tellOutcome(outcome.Outcome);
        lastOutcome = outcome.Number;
    }

    private async Task UntilStoppedAsync(string what, Func<Task> follow, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await follow();
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                logger.NotFollowed(e, what);
                await Task.Delay(Again, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Reach(int scope, long version)
    {
        lock (gate)
        {
            folded[scope] = version;
            for (var i = waiting.Count - 1; i >= 0; i--)
            {
                if (waiting[i].Scope != scope || waiting[i].Version > version) continue;
                waiting[i].Reached.TrySetResult();
                waiting.RemoveAt(i);
            }
        }
    }
}
