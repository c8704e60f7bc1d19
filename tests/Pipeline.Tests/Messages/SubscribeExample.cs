using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Contracts;

namespace Pipeline.Tests.Messages;

/// <summary>What docs/events.md tells another service to write.</summary>
internal static class SubscribeExample
{
    public static void Subscribe(IServiceCollection services, Uri broker)
    {
        // docs begin
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddConsumer<Tickets>();
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(broker);
                rabbit.ReceiveEndpoint("tickets.incidents", queue =>
                {
                    queue.SetQuorumQueue();             // survives the loss of one of three brokers
                    queue.ConcurrentMessageLimit = 1;   // one after another, as they happened
                    queue.UseMessageRetry(retry => retry.Intervals(100, 500, 1_000)); // then to tickets.incidents_error
                    queue.ConfigureConsumer<Tickets>(context);
                });
            });
        });
        // docs end
    }
}

/// <summary>The example's consumer; it cannot take an incident whose title says so.</summary>
internal sealed class Tickets(TicketsTaken taken) : IConsumer<IncidentOpened>, IConsumer<IncidentResolved>
{
    public Task Consume(ConsumeContext<IncidentOpened> context) => taken.TakeAsync(context.Message, context.Message.Title);

    public Task Consume(ConsumeContext<IncidentResolved> context) => taken.TakeAsync(context.Message, "");
}

/// <summary>What the example's consumer took, and how often it could not.</summary>
internal sealed class TicketsTaken
{
    private readonly System.Threading.Channels.Channel<IIncidentEvent> taken = System.Threading.Channels.Channel.CreateBounded<IIncidentEvent>(1_000);
    private int failures;

    public int Failures => failures;

    public async Task TakeAsync(IIncidentEvent e, string title)
    {
        if (title == "cannot be taken")
        {
            Interlocked.Increment(ref failures);
            throw new InvalidOperationException("thrown by a test");
        }
        await taken.Writer.WriteAsync(e);
    }

    public ValueTask<IIncidentEvent> NextAsync(CancellationToken cancel) => taken.Reader.ReadAsync(cancel);
}
