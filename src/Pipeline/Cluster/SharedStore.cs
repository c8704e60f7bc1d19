using Dedupe.Log;
using Pipeline.Hosting;
using Stores.Leases;
using Stores.Marten;

namespace Pipeline.Cluster;

/// <summary>What the nodes of a cluster share besides the broker: the log, and who works on what.</summary>
internal sealed class SharedStore : IAsyncDisposable
{
    /// <summary>How far deciding is behind may be asked at any moment; the database is asked this often.</summary>
    private static readonly TimeSpan LookAtLag = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource stop = new();
    private readonly int partitions;
    private readonly Task looking;
    private readonly IncidentDocuments documents;
    private long lag = TimeSpan.MaxValue.Ticks;

    private SharedStore(ILog log, Leases leases, IncidentDocuments documents, int partitions, TimeProvider time)
    {
        (Log, Leases, this.documents, this.partitions) = (log, leases, documents, partitions);
        looking = LookAsync(time);
    }

    public ILog Log { get; }

    public Leases Leases { get; }

    /// <summary>How far deciding is behind in the worst node; the longest there is while a partition has no node, or nobody can say.</summary>
    public TimeSpan Lag() => TimeSpan.FromTicks(Interlocked.Read(ref lag));

    /// <summary>True while the database answered when it was last asked.</summary>
    public bool Answers { get; private set; } = true;

    public static async Task<SharedStore> OpenAsync(ClusterParts parts, CancellationToken cancel)
    {
        var cluster = parts.Settings.Cluster!;
        var log = await LogPlace.Parse(cluster.Store).OpenServedAsync(cancel);
        try
        {
            // A name that says where to look, and that no other process has: one that is started again is another node.
            var node = $"{Environment.MachineName.ToLowerInvariant()}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..6]}";
            var leases = await Leases.OpenAsync(cluster.Database, node, cancel);
            try
            {
                var documents = log is MartenLog marten ? marten.Documents : await IncidentDocuments.OpenAsync(cluster.Database, cancel);
                return new(log, leases, documents, cluster.Partitions, parts.Time);
            }
            catch
            {
                await leases.DisposeAsync();
                throw;
            }
        }
        catch
        {
            await log.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Keeps the incidents as documents in PostgreSQL, for readers that are no process of ours, until cancelled; of the nodes that do, one works.
    /// By Marten's daemon where the log is Marten's, else by following the log.
    /// </summary>
    public async Task KeepDocumentsAsync(ILogger logger, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                if (Log is MartenLog) await documents.RunAsync(logger, cancel);
                else await documents.FollowAsync(Log, cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                // Readers of ours do not need them.
                logger.NotFollowed(e, "the log for documents");
                await Task.Delay(LookAtLag, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await looking;
        if (Log is not MartenLog) await documents.DisposeAsync();
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
                Answers = true;
            }
            catch (Exception)
            {
                // Who cannot say how far deciding is must not say that all is well.
                now = TimeSpan.MaxValue;
                Answers = false;
            }
            Interlocked.Exchange(ref lag, now.Ticks);
            await Task.Delay(LookAtLag, time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
