using Pipeline.Cluster;
using Pipeline.Hosting;
using Pipeline.Tests.Servers;
using Stores.Leases;
using Stores.Marten;
using Xunit;

namespace Pipeline.Tests.Cluster;

/// <summary>How many scopes there may be, and on which partition each has its home, among nodes that ask at once.</summary>
[Trait("needs", "server")]
public sealed class ScopeAdmissionTests(SharedPostgres postgres) : IAsyncLifetime
{
    private string address = "";
    private MartenLog log = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        address = postgres.Address(await postgres.PreparedAsync());
        log = await MartenLog.OpenAsync(address);
        await log.ScopeAsync(ScopeNames.Default, Cancel);
    }

    [Fact]
    public async Task Nodes_that_ask_at_once_make_no_more_scopes_than_there_may_be()
    {
        await using var a = await Leases.OpenAsync(address, "a", Cancel);
        await using var b = await Leases.OpenAsync(address, "b", Cancel);
        var one = new ScopeAdmission(log, a, 4);
        var other = new ScopeAdmission(log, b, 4);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => (n % 2 == 0 ? one : other).AskAsync($"s{n}", n % 3, false, Cancel)));
        Assert.Equal(3, answers.Count(p => p == Belongs.Here));
        Assert.All(answers, p => Assert.NotEqual(Belongs.OnItsPartition, p));
        Assert.Equal(4, (await log.ScopesAsync(Cancel)).Count);
        Assert.Equal(Belongs.Here, await other.AskAsync(ScopeNames.Default, 0, false, Cancel));
        // Who has its place keeps it.
        Assert.Equal(Belongs.Here, await one.AskAsync((await log.ScopesAsync(Cancel))[^1].Value, 2, false, Cancel));
    }

    [Fact]
    public async Task A_home_moves_to_a_later_partition_and_back_only_where_nobody_holds_that_one_or_the_broker_insists()
    {
        await using var leases = await Leases.OpenAsync(address, "a", Cancel);
        var admission = new ScopeAdmission(log, leases, 4);
        Assert.Equal(Belongs.Here, await admission.AskAsync("eu", 1, false, Cancel));
        Assert.Equal(Belongs.Here, await admission.AskAsync("eu", 3, false, Cancel));
        Assert.Equal(3, (await leases.HomesAsync(Cancel))["eu"]);
        await leases.BeatAsync(ClusterNode.Partitions, 4, TimeSpan.Zero, Cancel);
        Assert.Equal(Belongs.OnItsPartition, await admission.AskAsync("eu", 1, false, Cancel));
        Assert.Equal(3, (await leases.HomesAsync(Cancel))["eu"]);
        Assert.Equal(Belongs.Here, await admission.AskAsync("eu", 1, true, Cancel));
        await admission.AskAsync("eu", 3, false, Cancel);
        await leases.LeaveAsync(ClusterNode.Partitions, Cancel);
        Assert.Equal(Belongs.Here, await admission.AskAsync("eu", 1, false, Cancel));
        Assert.Equal(1, (await leases.HomesAsync(Cancel))["eu"]);
    }

    public ValueTask DisposeAsync() => log.DisposeAsync();
}
