using Pipeline.Tests.Broker;
using Xunit;

namespace Pipeline.Tests.Cluster;

/// <summary>The same cluster on a broker of three nodes.</summary>
public sealed class ThreeBrokers : FaultRig
{
    internal override Func<Task<RabbitServer[]>>? Brokers => RabbitServer.StartThreeAsync;
}

/// <summary>What is in a quorum queue survives one of three nodes, and nobody has to wait for its return.</summary>
[Collection(nameof(OneAtATime)), Trait("needs", "server")]
public sealed class BrokerFaultTests(ThreeBrokers rig) : IClassFixture<ThreeBrokers>
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(5), Load = TimeSpan.FromSeconds(25);

    [Fact]
    public async Task One_of_three_RabbitMQ_nodes_is_killed_and_the_others_go_on()
    {
        rig.Load.Start();
        await rig.RunAsync(Moment);
        // The one that declared everything, and that every process names first.
        await rig.Rig.Rabbit.KillAsync();
        await rig.DecidedAgainAsync(4 * Moment);
        var rate = await rig.RunAsync(Moment);
        Assert.True(rate > 0, "nothing was taken while one of three was gone");
        // An act goes by messages of its own from the project node to whoever decides.
        var incident = (await FaultRig.AllAsync(rig.Rig.Http, rig.Project.Url, "/api/incidents"))[0].GetProperty("id").GetString();
        await rig.Rig.PostAsync(rig.Project, $"/api/incidents/{incident}/note", new { by = "kim", text = "one broker is gone" });
        await rig.Rig.Rabbit.StartAgainAsync();
        await rig.RunAsync(Load - rig.Load.Elapsed);
        await rig.Load.StopAsync();
        await rig.CheckAsync();
    }
}
