using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Broker;
using Pipeline.Tests.Counterparts;
using RabbitMQ.Client;
using Xunit;

namespace Pipeline.Tests.Broker;

/// <summary>What is declared, and what is said when something is in the way.</summary>
[Trait("needs", "server")]
public sealed class BrokerTopologyTests(SharedRabbit rabbit)
{
    [Fact]
    public async Task Declaring_again_changes_nothing()
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync());
        await rig.SendAsync(BrokerRig.Alert("A"));
        await BrokerTopology.DeclareAsync(await rig.Consume.GetAsync(default), rig.Options, default);
        Assert.Equal(1u, await rig.CountPartitionsAsync());
    }

    [Fact]
    public async Task A_queue_with_another_argument_is_named_with_both_values_and_what_to_do()
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync());
        var refused = await RefusedAsync(rig.Options with { QueueBytes = 4_711 });
        Assert.Contains($"queue \"{rig.Names.Dead}\"", refused, StringComparison.Ordinal);
        Assert.Contains("x-max-length-bytes", refused, StringComparison.Ordinal);
        Assert.Contains("4711", refused, StringComparison.Ordinal);
        Assert.Contains($"{rig.Options.QueueBytes}", refused, StringComparison.Ordinal);
        Assert.Contains($"rabbitmqctl delete_queue {rig.Names.Dead}", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_classic_queue_under_our_name_is_named()
    {
        var options = BrokerRig.OptionsFor(await rabbit.GetAsync());
        var name = new BrokerNames(options.Prefix).Partition(1);
        await using var connection = await new ConnectionFactory { Uri = new((await rabbit.GetAsync()).Url) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false);
        var refused = await RefusedAsync(options);
        Assert.Contains($"queue \"{name}\" with another x-", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Partitions_that_nobody_would_read_are_refused()
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync());
        var refused = await RefusedAsync(rig.Options with { Partitions = 1 });
        Assert.Contains($"\"{rig.Names.Partition(1)}\", beyond the 1 partitions", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_without_the_plugin_is_told_from_a_broken_one()
    {
        await using var bare = await RabbitServer.StartAsync(plugins: "");
        var refused = await RefusedAsync(BrokerRig.OptionsFor(bare));
        Assert.Contains("rabbitmq-plugins enable rabbitmq_consistent_hash_exchange", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_is_named_with_its_address()
    {
        var options = new BrokerOptions { Address = BrokerAddress.Parse($"amqp://u:secret@127.0.0.1:{Counterpart.FreePort()}", out _)! };
        var refused = await RefusedAsync(options);
        Assert.Contains($"{options.Address}: does not answer", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_and_a_missing_virtual_host_are_said()
    {
        var options = BrokerRig.OptionsFor(await rabbit.GetAsync());
        Assert.Contains("refused user \"guest\"", await RefusedAsync(options with { Address = options.Address with { Password = "wrong" } }), StringComparison.Ordinal);
        Assert.Contains("vhost nowhere not found; check that the virtual host", await RefusedAsync(options with { Address = options.Address with { VirtualHost = "nowhere" } }), StringComparison.Ordinal);
    }

    private static async Task<string> RefusedAsync(BrokerOptions options)
    {
        await using var connection = new BrokerConnection(options, "publish", (c, cancel) => BrokerTopology.DeclareAsync(c, options, cancel), TimeProvider.System, NullLogger.Instance);
        return (await Assert.ThrowsAsync<BrokerException>(() => connection.ConnectAsync(TestContext.Current.CancellationToken))).Message;
    }
}
