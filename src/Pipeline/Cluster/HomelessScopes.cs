using Dedupe.Log;
using Pipeline.Broker;
using Stores.Leases;

namespace Pipeline.Cluster;

/// <summary>Sees to it that a scope is decided before the first delivery of it comes here: its acts and what falls due do not wait for one.</summary>
/// <remarks>After a log was copied here nobody knows on which partition its scopes' deliveries will come. Each is sent an empty one.</remarks>
internal sealed class HomelessScopes(ILog log, Leases leases, BrokerIntake intake, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);

    /// <summary>Until every scope that holds something has a home.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var homeless = await FindAsync(stop);
                if (homeless.Count == 0) return;
                foreach (var scope in homeless) await intake.CallAsync(scope);
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                logger.NotFollowed(e, "scopes without a home");
            }
            await Task.Delay(LookAgain, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<IReadOnlyList<string>> FindAsync(CancellationToken cancel)
    {
        var homes = await leases.HomesAsync(cancel);
        var homeless = new List<string>();
        // An empty scope has nothing to decide, and its first delivery is to be one that says something.
        foreach (var (scope, name) in await log.ScopesAsync(cancel))
            if (!homes.ContainsKey(name) && (await log.PositionAsync(scope, cancel)).LastInput > 0) homeless.Add(name);
        return homeless;
    }
}
