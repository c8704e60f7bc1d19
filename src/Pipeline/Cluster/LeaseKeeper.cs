using Stores.Leases;

namespace Pipeline.Cluster;

/// <summary>Work that is done in numbered shares, each by one node at a time.</summary>
internal interface IShares
{
    /// <summary>Begins to work on a share that this node was given. What it throws gives the share back.</summary>
    Task StartAsync(int number, CancellationToken cancel);

    /// <summary>Stops working on it, finished where time allows; after that another node may begin.</summary>
    Task StopAsync(int number);
}

/// <summary>Keeps this node's leases of one kind of work: starts what it is given, and stops what it lost or has too much of.</summary>
internal sealed class LeaseKeeper(Leases leases, string kind, int count, IShares work, Func<TimeSpan> lag, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(500), LeaveWithin = TimeSpan.FromSeconds(3);

    /// <summary>What runs, with its start; a share that is being stopped is here until it has stopped.</summary>
    private readonly Dictionary<int, Share> running = [];

    private sealed class Share(Task started)
    {
        public Task Started { get; } = started;
        public Task? Stopping { get; set; }
    }

    /// <summary>True once this node has heard what its share is.</summary>
    public bool Joined { get; private set; }

    /// <summary>Until stopped; then everything is stopped and given back.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var (heard, fails) = (time.GetTimestamp(), false);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var holding = await leases.BeatAsync(kind, count, lag(), stop);
                if (fails) logger.BeatsAgain(kind, time.GetElapsedTime(heard).TotalSeconds);
                (heard, fails) = (time.GetTimestamp(), false);
                Follow(holding, stop);
                Joined = true;
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                // In the middle of a sign of life: what runs is stopped and given back all the same.
            }
            catch (Exception e)
            {
                logger.BeatFailed(e, kind);
                fails = true;
                // By now another node may have all of it; the log would refuse what we still did.
                if (time.GetElapsedTime(heard) > Leases.Lasts)
                    foreach (var number in running.Keys) Stop(number, release: false);
            }
            await Task.Delay(Beat, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        foreach (var number in running.Keys) Stop(number, release: true);
        await Task.WhenAll(running.Values.Select(s => s.Stopping!));
        await LeaveAsync();
    }

    private void Follow(Holding holding, CancellationToken stop)
    {
        foreach (var (number, share) in running.ToList())
        {
            if (share.Stopping is { IsCompleted: true }) running.Remove(number);
            else if (!holding.Numbers.Contains(number)) Stop(number, release: false);
            else if (share.Started is { IsCompleted: true, IsCompletedSuccessfully: false }) Stop(number, release: true);
        }
        foreach (var number in holding.Numbers)
            if (!running.ContainsKey(number)) running[number] = new(Task.Run(() => StartAsync(number, stop), CancellationToken.None));
        // One at a time, so that a node that joins is given its share without everything standing still.
        if (running.Count > holding.Share && running.Values.All(s => s.Stopping is null)) Stop(running.Keys.Max(), release: true);
    }

    private async Task StartAsync(int number, CancellationToken stop)
    {
        try
        {
            logger.Taking(kind, number);
            await work.StartAsync(number, stop);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.NotStarted(e, kind, number);
            throw;
        }
    }

    private void Stop(int number, bool release)
    {
        var share = running[number];
        share.Stopping ??= Task.Run(() => StopAsync(number, share.Started, release), CancellationToken.None);
    }

    private async Task StopAsync(int number, Task started, bool release)
    {
        await started.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await work.StopAsync(number);
            logger.GaveUp(kind, number);
            if (release) await leases.ReleaseAsync(kind, number, CancellationToken.None);
        }
        catch (Exception e)
        {
            // Then it runs out by itself, in five seconds.
            logger.NotStopped(e, kind, number);
        }
    }

    private async Task LeaveAsync()
    {
        using var limit = new CancellationTokenSource(LeaveWithin, time);
        try
        {
            await leases.LeaveAsync(kind, limit.Token);
        }
        catch (Exception e)
        {
            logger.BeatFailed(e, kind);
        }
    }
}
