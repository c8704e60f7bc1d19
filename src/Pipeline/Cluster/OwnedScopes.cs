using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;
using Pipeline.Hosting;
using Pipeline.Messages;
using Stores.Leases;

namespace Pipeline.Cluster;

/// <summary>Acts that other processes send here, for the scopes that are decided here.</summary>
internal sealed class OwnedScopes(Deciding deciding) : IOwnedScopes
{
    public ValueTask<ActOutcome> ActAsync(int scope, Act act, CancellationToken cancel) =>
        InAsync(scope, () => deciding.ActAsync(scope, act, cancel));

    public ValueTask<ActOutcome> AdoptAsync(int scope, Topology topology, CancellationToken cancel) =>
        InAsync(scope, () => deciding.AdoptAsync(scope, topology, cancel));

    public ValueTask<ActOutcome> ReportAsync(int scope, string pager, bool failing, string answer, CancellationToken cancel) =>
        InAsync(scope, () => deciding.ReportAsync(scope, pager, failing, answer, cancel));

    public Task<LearnedEdges?> LearnedAsync(int scope, CancellationToken cancel) => deciding.LearnedAsync(scope, cancel);

    private async ValueTask<ActOutcome> InAsync(int scope, Func<ValueTask<bool>> record)
    {
        if (deciding.ToldOf(scope) is null) return new ActOutcome.NotMine();
        if (!await record()) return new ActOutcome.Late();
        // Given up in between: what was decided is in the log all the same, and who asks finds its owner there.
        return deciding.ToldOf(scope) is { } version ? new ActOutcome.Decided(version) : new ActOutcome.Late();
    }
}

/// <summary>Who decides which scope, by the leases.</summary>
internal sealed class LeaseDirectory(Leases leases, ILog log) : IScopeDirectory
{
    public async ValueTask<IReadOnlyDictionary<int, string>> OwnersAsync(CancellationToken cancel)
    {
        var byName = await leases.OwnersAsync(ClusterNode.Partitions, cancel);
        var owners = new Dictionary<int, string>();
        foreach (var (scope, name) in await log.ScopesAsync(cancel))
            if (byName.TryGetValue(name, out var node)) owners[scope] = node;
        return owners;
    }
}
