using System.Text;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Tests.Broker;
using Pipeline.Tests.Counterparts;
using RabbitMQ.Client;
using Xunit;

namespace Pipeline.Tests.Messages;

/// <summary>The contract, on a real RabbitMQ.</summary>
[Trait("needs", "server")]
public sealed class OverRabbitMqTests(SharedRabbit rabbit) : MessagesContract
{
    private protected override async Task<Uri?> BrokerAsync() => new((await rabbit.GetAsync()).Url);

    [Fact]
    public async Task The_documented_subscriber_is_told_and_what_it_cannot_take_lands_in_its_error_queue()
    {
        var broker = await BrokerAsync();
        var taken = new TicketsTaken();
        var services = new ServiceCollection().AddLogging().AddSingleton(taken);
        SubscribeExample.Subscribe(services, broker!);
        await using var service = services.BuildServiceProvider();
        var bus = service.GetRequiredService<IBusControl>();
        await bus.StartAsync(Cancel);
        await Rig.OpenAsync(broker, TimeProvider.System);
        await Rig.PublishFromTheFirstAsync();
        await Rig.DecideAsync(MessageRig.Opened("inc_bad", "cannot be taken"), MessageRig.Opened("inc_good"));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(Wait.Patience);
        while ((await taken.NextAsync(patience.Token)).Scope != Rig.Scope) { }
        Assert.Equal(4, taken.Failures);
        Assert.Contains("thrown by a test", await FirstOfAsync("tickets.incidents_error", "inc_bad"), StringComparison.Ordinal);
        await bus.StopAsync(Cancel);
    }

    [Fact]
    public async Task An_address_says_where_who_and_which_virtual_host()
    {
        await Rig.OpenAsync(new($"{await BrokerAsync()}/%2f".Replace("amqp://", "amqp://guest:guest@", StringComparison.Ordinal)), TimeProvider.System);
        Assert.True(await Rig.Acts.ActAsync(Rig.ScopeNumber, Note, Cancel));
    }

    private protected override Task<string> FailedActAsync() => FirstOfAsync("pipeline.v1.acts_error", Rig.Node);

    /// <summary>The first message of a queue that holds a word, with its headers.</summary>
    private async Task<string> FirstOfAsync(string queue, string word)
    {
        await using var connection = await new ConnectionFactory { Uri = (await BrokerAsync())! }.CreateConnectionAsync();
        return await Wait.ForAsync($"a message with {word} in {queue}", async () =>
        {
            await using var channel = await connection.CreateChannelAsync();
            try
            {
                while (await channel.BasicGetAsync(queue, autoAck: true) is { } message)
                {
                    var text = Encoding.UTF8.GetString(message.Body.Span);
                    if (!text.Contains(word, StringComparison.Ordinal)) continue;
                    var headers = message.BasicProperties.Headers!.Values.OfType<byte[]>().Select(Encoding.UTF8.GetString);
                    return string.Join('\n', [text, .. headers]);
                }
            }
            catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
            {
                // not declared yet: it is by the first failure
            }
            return null;
        }, () => "");
    }
}
