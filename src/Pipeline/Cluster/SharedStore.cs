using Dedupe.Log;
using Pipeline.Hosting;
using Stores.Leases;

namespace Pipeline.Cluster;

/// <summary>What the nodes of a cluster share besides the broker: the log, and who works on what.</summary>
internal sealed class SharedStore : IAsyncDisposable
{
    /// <summary>How far deciding is behind may be asked at any moment; the database is asked this often.</summary>
    private static readonly TimeSpan LookAtLag = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource stop = new();
    private readonly int partitions;
    private readonly Task looking;
    private long lag = TimeSpan.MaxValue.Ticks;

    private SharedStore(ILog log, Leases leases, int partitions, TimeProvider time)
    {
        (Log, Leases, this.partitions) = (log, leases, partitions);
        looking = LookAsync(time);
    }

    public ILog Log { get; }

    public Leases Leases { get; }

    /// <summary>How far deciding is behind in the worst node; the longest there is while a partition has no node, or nobody can say.</summary>
    public TimeSpan Lag() => TimeSpan.FromTicks(Interlocked.Read(ref lag));

    public static async Task<SharedStore> OpenAsync(ClusterParts parts, CancellationToken cancel)
    {
        var cluster = parts.Settings.Cluster!;
        var log = await LogPlace.Parse(cluster.Store).OpenServedAsync(cancel);
        try
        {
            // A name that says where to look, and that no other process has: one that is started again is another node.
            var node = $"{Environment.MachineName.ToLowerInvariant()}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..6]}";
            return new(log, await Leases.OpenAsync(cluster.Database, node, cancel), cluster.Partitions, parts.Time);
        }
        catch
        {
            await log.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await looking;
        await Leases.DisposeAsync();
        await Log.DisposeAsync();
        stop.Dispose();
    }

    private async Task LookAsync(TimeProvider time)
    {
        while (!stop.IsCancellationRequested)
        {
            TimeSpan now;
            try
            {
                now = await Leases.LagAsync(ClusterNode.Partitions, partitions, stop.Token) ?? TimeSpan.MaxValue;
            }
            catch (Exception)
            {
                // Who cannot say how far deciding is must not say that all is well.
                now = TimeSpan.MaxValue;
            }
            Interlocked.Exchange(ref lag, now.Ticks);
            await Task.Delay(LookAtLag, time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
