using Dedupe.Log;
using Pipeline.Hosting;
using Stores.Leases;

namespace Pipeline.Cluster;

/// <summary>Where a delivery belongs that came on a partition.</summary>
internal enum Belongs
{
    /// <summary>Its scope is decided here.</summary>
    Here,

    /// <summary>Its scope's deliveries come on another partition by now: this one was left over.</summary>
    OnItsPartition,

    /// <summary>There are as many scopes as there may be: it is <c>default</c>'s.</summary>
    ToDefault,
}

/// <summary>Says where a scope is decided that was not decided here yet; the same to every node, since one after the other asks.</summary>
/// <param name="max">Scopes there may be, <c>default</c> among them.</param>
internal sealed class ScopeAdmission(ILog log, Leases leases, int max)
{
    /// <param name="cameBack">It was sent on from here before, and the broker brought it back: then this is its partition.</param>
    public Task<Belongs> AskAsync(string scope, int partition, bool cameBack, CancellationToken cancel) =>
        leases.AloneAsync(() => AdmitAsync(scope, partition, cameBack, cancel), cancel);

    private async Task<Belongs> AdmitAsync(string scope, int partition, bool cameBack, CancellationToken cancel)
    {
        var scopes = await log.ScopesAsync(cancel);
        var isNew = scopes.All(s => s.Value != scope);
        if (isNew && scope != ScopeNames.Default && scopes.Count >= max) return Belongs.ToDefault;
        // The broker's hash takes a scope to a later partition when partitions are added, and to an earlier one only when the last are gone.
        if (!cameBack && await leases.HomeAsync(ClusterNode.Partitions, scope, cancel) is { IsHeld: true } home && home.Share > partition) return Belongs.OnItsPartition;
        if (isNew) await log.ScopeAsync(scope, cancel);
        // Remembered before it is begun: who takes over must know of every scope that is decided here.
        await leases.MoveHomeAsync(scope, partition, cancel);
        return Belongs.Here;
    }
}
