using System.Globalization;
using Pipeline.Broker;
using Pipeline.Tests.Counterparts;
using RabbitMQ.Client;
using Xunit;

namespace Pipeline.Tests.Cluster;

/// <summary>One part after the other is killed or cut off under a load of 2,000 alerts a second, and nothing is lost, decided twice or paged in two ways.</summary>
[Collection(nameof(OneAtATime)), Trait("needs", "server")]
public sealed class FaultTests(FaultRig rig) : IClassFixture<FaultRig>
{
    private const int AtLeast = 2_000;
    private static readonly TimeSpan Load = TimeSpan.FromSeconds(20), Gone = TimeSpan.FromSeconds(30), Moment = TimeSpan.FromSeconds(5), Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task With_nothing_broken_two_thousand_alerts_a_second_are_taken_and_decided_once()
    {
        rig.Load.Start();
        var rate = await rig.RunAsync(Load);
        await rig.Load.StopAsync();
        Assert.Equal(0, rig.Load.Refused);
        await rig.CheckAsync();
        Assert.True(rate >= AtLeast, $"{rate:0} alerts/s; {rig.Again}");
    }

    [Fact]
    public async Task A_dedupe_node_that_is_killed_is_taken_over_in_under_ten_seconds()
    {
        rig.Load.Start();
        await rig.RunAsync(Moment);
        var victim = await rig.Rig.HolderAsync("default");
        await victim.KillAsync();
        await rig.DecidedAgainAsync(Soon);
        await rig.DedupeAsync();
        await rig.RunAsync(Load - rig.Load.Elapsed);
        await rig.Load.StopAsync();
        Assert.Equal(0, rig.Load.Refused);
        await rig.CheckAsync();
    }

    [Fact]
    public async Task Who_tries_the_other_ingest_node_is_refused_by_neither_a_kill_nor_a_rolling_restart()
    {
        rig.Load.Start();
        await rig.RunAsync(Moment);
        await rig.Ingest[0].KillAsync();
        await rig.RunAsync(Moment / 2);
        Volatile.Write(ref rig.Ingest[0], await rig.Rig.NodeAsync("ingest"));
        for (var slot = 0; slot < 2; slot++)
        {
            await rig.RunAsync(Moment / 2);
            var (exit, took) = await rig.Ingest[slot].TerminateAsync();
            Assert.True(exit == 0 && took < Soon, $"exit code {exit} after {took}: {rig.Ingest[slot].Output}");
            Volatile.Write(ref rig.Ingest[slot], await rig.Rig.NodeAsync("ingest"));
        }
        await rig.RunAsync(Load - rig.Load.Elapsed);
        await rig.Load.StopAsync();
        Assert.Equal(0, rig.Load.Refused);
        await rig.CheckAsync();
    }

    [Fact]
    public async Task RabbitMQ_that_is_killed_and_gone_for_thirty_seconds_is_503_meanwhile_and_has_lost_nothing_when_it_is_back()
    {
        rig.Load.Start();
        await rig.RunAsync(Moment);
        await rig.Rig.Rabbit.KillAsync();
        await rig.RunAsync(Moment / 2);
        var taken = rig.Load.Alerts;
        await rig.RunAsync(Gone);
        Assert.Equal(taken, rig.Load.Alerts);
        using (var answer = await rig.Rig.Http.GetAsync(new Uri(rig.Ingest[0].Url, "/readyz"))) Assert.Equal(503, (int)answer.StatusCode);
        await rig.Rig.Rabbit.StartAgainAsync();
        await rig.DecidedAgainAsync(Gone);
        await rig.RunAsync(Load / 2);
        await rig.Load.StopAsync();
        Assert.True(rig.Load.Alerts > taken, "nothing was taken again");
        await rig.CheckAsync();
    }

    [Fact]
    public async Task PostgreSQL_that_is_killed_and_started_again_loses_nothing()
    {
        rig.Load.Start();
        await rig.RunAsync(Moment);
        await rig.Rig.Postgres.KillAsync();
        await rig.RunAsync(Moment / 5);
        await rig.Rig.Postgres.StartAgainAsync();
        await rig.DecidedAgainAsync(Gone);
        await rig.RunAsync(Load - rig.Load.Elapsed);
        await rig.Load.StopAsync();
        Assert.Equal(0, rig.Load.Refused);
        await rig.CheckAsync();
    }

    [Fact]
    public async Task While_PostgreSQL_is_gone_for_thirty_seconds_ingest_goes_on()
    {
        rig.Load.Start();
        await rig.RunAsync(Moment);
        await rig.Rig.Postgres.StopAsync();
        var rate = await rig.RunAsync(Gone);
        await rig.Rig.Postgres.StartAgainAsync();
        await rig.DecidedAgainAsync(Gone);
        await rig.RunAsync(Moment);
        await rig.Load.StopAsync();
        Assert.Equal(0, rig.Load.Refused);
        await rig.CheckAsync();
        Assert.True(rate >= AtLeast, $"{rate:0} alerts/s; {rig.Again}");
    }

    [Fact]
    public async Task The_way_to_the_store_that_is_cut_in_the_middle_of_commits_leaves_none_half_or_twice()
    {
        rig.Load.Start();
        for (var cut = 0; cut < 4; cut++)
        {
            await rig.RunAsync(Moment / 2);
            // Commits go there, their answers do not come back.
            rig.StoreWire.SwallowAnswers();
            await rig.RunAsync(Moment / 10);
            rig.StoreWire.Cut();
        }
        await rig.DecidedAgainAsync(Gone);
        await rig.RunAsync(Load - rig.Load.Elapsed);
        await rig.Load.StopAsync();
        Assert.Equal(0, rig.Load.Refused);
        await rig.CheckAsync();
    }

    [Fact]
    public async Task Told_to_stop_while_the_store_hangs_a_dedupe_node_ends_within_ten_seconds()
    {
        rig.Load.Start();
        await rig.RunAsync(Moment);
        var node = await rig.Rig.HolderAsync("default");
        rig.StoreWire.SwallowAnswers();
        await rig.RunAsync(Moment / 5);
        var (exit, took) = await node.TerminateAsync();
        rig.StoreWire.Cut();
        Assert.True(exit == 0 && took < Soon, $"exit code {exit} after {took}: {node.Output}");
        await rig.DecidedAgainAsync(Gone);
        await rig.DedupeAsync();
        await rig.RunAsync(Load - rig.Load.Elapsed);
        await rig.Load.StopAsync();
        Assert.Equal(0, rig.Load.Refused);
        await rig.CheckAsync();
    }

    [Fact]
    public async Task Messages_that_are_handed_out_again_or_came_twice_and_out_of_order_decide_nothing_twice()
    {
        rig.Load.Start();
        var again = new List<byte[]>();
        for (var cut = 0; cut < 6; cut++)
        {
            await rig.RunAsync(Moment / 2);
            rig.BrokerWire.Cut();
            await PublishAsync(Frame($"twice-{Guid.NewGuid():N}"), again);
        }
        // In another order, long after they were decided, and once more at once.
        again.Reverse();
        foreach (var frame in again.Concat(again)) await PublishAsync(frame);
        await rig.RunAsync(Load - rig.Load.Elapsed);
        await rig.Load.StopAsync();
        Assert.Equal(0, rig.Load.Refused);
        await rig.CheckAsync();

        async Task PublishAsync(byte[] frame, List<byte[]>? keep = null)
        {
            await using var connection = await new ConnectionFactory { Uri = new(rig.Rig.Rabbit.Url) }.CreateConnectionAsync();
            await using var channel = await connection.CreateChannelAsync(new(true, true));
            var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent, Type = BrokerNames.GatheredType };
            await channel.BasicPublishAsync(new BrokerNames("pipeline.v1").Deliveries, BrokerNames.RoutingKey("default"), mandatory: true, properties, frame);
            keep?.Add(frame);
        }

        byte[] Frame(string id)
        {
            var deliveries = Enumerable.Range(0, 5).Select(i => new BrokerDelivery($"{id}-{i}", "default", "generic", DateTimeOffset.UtcNow, null, System.Text.Encoding.UTF8.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $$"""{"labels":{"alertname":"Once","one":"{{id}}-{{i}}"},"severity":"warning"}""")))).ToList();
            for (var i = 0; i < 5; i++) rig.Accepted($"{id}-{i}");
            using var frame = DeliveryFrames.Write(deliveries);
            return frame.Memory.ToArray();
        }
    }

    [Fact]
    public async Task A_pager_that_is_down_the_whole_time_holds_nothing_up_and_its_failure_is_paged_to_the_other()
    {
        rig.Load.Start();
        await rig.RunAsync(Load);
        await rig.Load.StopAsync();
        await rig.CheckAsync();
        await Wait.ForAsync("ops being told that the other pager fails", () =>
            Task.FromResult(rig.Rig.Pager.Requests.Any(r => r.Text.Contains("PagerFailing", StringComparison.Ordinal) || r.Text.Contains("pager down", StringComparison.Ordinal)) ? "" : null), () => rig.Pager.Output);
        var waiting = await FaultRig.AllAsync(rig.Rig.Http, rig.Project.Url, "/api/pages?pager=down");
        Assert.NotEmpty(waiting);
        Assert.All(waiting, p => Assert.True(p.GetProperty("state").GetString() is "owed" or "failing", p.GetRawText()));
        var summary = await rig.Rig.GetAsync(rig.Project, "/api/summary");
        Assert.Contains("down", summary.GetRawText(), StringComparison.Ordinal);
        Assert.All(rig.DownPager.Requests.GroupBy(r => r.Id), g => Assert.Single(g.Select(r => r.Text).Distinct()));
    }
}
