using Ingest;
using Pipeline.Broker;
using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Ingest;
using RabbitMQ.Client;
using Xunit;

namespace Pipeline.Tests.Broker;

/// <summary>What ingest answers is what the broker has.</summary>
[Trait("needs", "server")]
public sealed class BrokerIntakeTests(SharedRabbit rabbit)
{
    [Fact]
    public async Task What_is_answered_as_recorded_is_read_as_it_came()
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync());
        var body = BrokerRig.Alert("DbDown");
        Assert.Equal(IntakeStatus.Recorded, (await rig.SendAsync(body, key: "k-1")).Status);
        var taken = rig.ReadAll();
        await taken.AtLeastAsync(1);
        var delivery = Assert.Single(taken.Deliveries);
        Assert.Equal(("default", "generic", Parsing.Now, "k-1", body), (delivery.Scope!, delivery.Source, delivery.ReceivedAt, delivery.Key!, taken.Bodies.Single()));
        Assert.EndsWith("-1", delivery.Id, StringComparison.Ordinal);
        await rig.CountIsAsync(rig.Names.Partition(0), 0);
        await rig.CountIsAsync(rig.Names.Partition(1), 0);
    }

    [Fact]
    public async Task A_thousand_singles_share_few_messages()
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync());
        var answers = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => rig.SendAsync(BrokerRig.Alert($"A{i}"))));
        Assert.All(answers, a => Assert.Equal(IntakeStatus.Recorded, a.Status));
        Assert.InRange(await rig.CountPartitionsAsync(), 1u, 50u);
        var taken = rig.ReadAll();
        await taken.AtLeastAsync(1_000);
        Assert.Equal(1_000, taken.Deliveries.Select(d => d.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_scope_keeps_its_order()
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync(), o => o with { Waiting = 10_000 }, label: "team");
        var answers = await Task.WhenAll(Enumerable.Range(0, 5_000).Select(i => rig.SendAsync(BrokerRig.Alert($"A{i}", $"team-{i % 5}"))));
        Assert.All(answers, a => Assert.Equal(IntakeStatus.Recorded, a.Status));
        var taken = rig.ReadAll();
        await taken.AtLeastAsync(5_000);
        foreach (var scope in taken.Deliveries.GroupBy(d => d.Scope))
        {
            var order = scope.Select(d => long.Parse(d.Id.Split('-')[1])).ToList();
            Assert.Equal(1_000, order.Count);
            Assert.Equal(order.Order(), order);
        }
    }

    [Fact]
    public async Task A_delivery_for_several_scopes_goes_to_each_under_one_id_and_a_change_goes_everywhere()
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync(), label: "team");
        Assert.Equal(IntakeStatus.Recorded, (await rig.SendAsync($"[{BrokerRig.Alert("A", "db")},{BrokerRig.Alert("B", "web")},{BrokerRig.Alert("C", "db")},{BrokerRig.Alert("D")}]")).Status);
        Assert.Equal(IntakeStatus.Recorded, (await rig.SendAsync("""{"id":"c1","kind":"deploy","summary":"v2","services":["orders"]}""", "changes")).Status);
        var taken = rig.ReadAll();
        await taken.AtLeastAsync(3 + rig.Options.Partitions);
        var (alerts, changes) = (taken.Deliveries.Where(d => d.Source == "generic").ToList(), taken.Deliveries.Where(d => d.Source == "changes").ToList());
        Assert.Equal(["db", "default", "web"], alerts.Select(d => d.Scope!).Order());
        Assert.Single(alerts.Select(d => d.Id).Distinct());
        Assert.Equal(rig.Options.Partitions, changes.Count);
        Assert.All(changes, d => Assert.Null(d.Scope));
        Assert.Single(changes.Select(d => d.Id).Distinct());
    }

    [Fact]
    public async Task A_scope_whose_name_is_too_long_for_a_routing_key_gets_there_too()
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync(), label: "team");
        var scope = new string('é', 300);
        Assert.Equal(IntakeStatus.Recorded, (await rig.SendAsync(BrokerRig.Alert("A", scope))).Status);
        var taken = rig.ReadAll();
        await taken.AtLeastAsync(1);
        Assert.Equal(scope, Assert.Single(taken.Deliveries).Scope);
    }

    [Fact]
    public async Task A_full_queue_is_said_and_takes_again_when_it_is_read()
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync(), o => o with { Partitions = 1, QueueBytes = 100_000 });
        var (body, recorded) = ($$"""{"labels":{"alertname":"Big"},"summary":"{{new string('x', 3_000)}}"}""", 0);
        var refused = await Wait.ForAsync("a refusal", async () =>
        {
            var answer = await rig.SendAsync(body);
            if (answer.Status == IntakeStatus.Recorded) recorded++;
            return answer.Status == IntakeStatus.Recorded ? null : answer.Detail;
        }, () => $"{recorded} were recorded");
        Assert.Contains("full", refused, StringComparison.Ordinal);
        Assert.InRange(recorded, 1, 200);
        var taken = rig.ReadAll();
        await taken.AtLeastAsync(recorded);
        await Wait.ForAsync("being taken again", async () => (await rig.SendAsync(body)).Status == IntakeStatus.Recorded ? "yes" : null, () => "still refused");
    }

    [Fact]
    public async Task What_no_queue_takes_is_refused()
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync());
        await using (var channel = await rig.LookAsync())
            for (var partition = 0; partition < rig.Options.Partitions; partition++) await channel.QueueDeleteAsync(rig.Names.Partition(partition), false, false);
        var answer = await rig.SendAsync(BrokerRig.Alert("A"));
        Assert.Equal((IntakeStatus.Unavailable, "the broker has no queue for it"), (answer.Status, answer.Detail!));
    }

    [Fact]
    public async Task A_copy_under_the_same_key_is_not_published_and_what_failed_may_be_sent_again()
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync());
        var both = await Task.WhenAll(rig.SendAsync(BrokerRig.Alert("A"), key: "k"), rig.SendAsync(BrokerRig.Alert("A"), key: "k"));
        Assert.Equal([IntakeStatus.Recorded, IntakeStatus.Copy], both.Select(a => a.Status));
        Assert.Equal(IntakeStatus.KeyReused, (await rig.SendAsync(BrokerRig.Alert("B"), key: "k")).Status);
        Assert.Equal(1u, await rig.CountPartitionsAsync());
    }

    [Fact]
    public async Task Stopping_answers_what_it_took_and_refuses_the_rest()
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync());
        var sent = Enumerable.Range(0, 100).Select(i => rig.SendAsync(BrokerRig.Alert($"A{i}"))).ToList();
        await rig.Intake.StopAsync();
        Assert.All(sent, s => Assert.Equal((true, IntakeStatus.Recorded), (s.IsCompleted, s.GetAwaiter().GetResult().Status)));
        Assert.False(rig.Intake.Ready);
        Assert.Equal(IntakeStatus.Unavailable, (await rig.SendAsync(BrokerRig.Alert("late"))).Status);
    }
}
