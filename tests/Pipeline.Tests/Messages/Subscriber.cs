using System.Threading.Channels;
using MassTransit;
using Pipeline.Contracts;
using Pipeline.Messages;
using Pipeline.Tests.Counterparts;
using Xunit;

namespace Pipeline.Tests.Messages;

/// <summary>Another service that is told of incidents: on a broker with a bus of its own, in one process beside ours.</summary>
internal sealed class Subscriber(string scope, bool quorum) : IAsyncDisposable, IConsumer<IncidentOpened>, IConsumer<IncidentChanged>, IConsumer<IncidentAcknowledged>,
    IConsumer<IncidentAcknowledgementEnded>, IConsumer<IncidentResolved>, IConsumer<IncidentReopened>, IConsumer<IncidentWentStale>
{
    private readonly Channel<Heard> heard = Channel.CreateBounded<Heard>(10_000);
    private readonly TaskCompletionSource<string> failed = new();
    private IBusControl? bus;

    public string Queue => $"subscriber-{scope}";

    /// <summary>In one process: the first act that was put with the errors, as its owner had got it.</summary>
    public Task<string> FailedAct => failed.Task;

    /// <summary>What it adds to our bus: in one process everything, with a broker nothing.</summary>
    public Action<IBusFactoryConfigurator> Beside(Uri? broker) => bus =>
    {
        if (broker is not null) return;
        bus.ReceiveEndpoint(Queue, Listen);
        bus.ReceiveEndpoint("pipeline.v1.acts_error", endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.Handler<RecordAct>(context =>
            {
                failed.TrySetResult(context.Message.Act);
                return Task.CompletedTask;
            });
        });
    };

    public async Task StartAsync(Uri? broker)
    {
        if (broker is null) return;
        bus = Bus.Factory.CreateUsingRabbitMq(b =>
        {
            b.Host(broker);
            b.ReceiveEndpoint(Queue, endpoint =>
            {
                if (quorum) endpoint.SetQuorumQueue();
                Listen(endpoint);
            });
        });
        await bus.StartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The next events, as they came.</summary>
    public async Task<IReadOnlyList<Heard>> TakeAsync(int count)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Wait.Patience);
        var taken = new List<Heard>();
        while (taken.Count < count) taken.Add(await heard.Reader.ReadAsync(patience.Token));
        return taken;
    }

    public Task Consume(ConsumeContext<IncidentOpened> context) => HearAsync(context);

    public Task Consume(ConsumeContext<IncidentChanged> context) => HearAsync(context);

    public Task Consume(ConsumeContext<IncidentAcknowledged> context) => HearAsync(context);

    public Task Consume(ConsumeContext<IncidentAcknowledgementEnded> context) => HearAsync(context);

    public Task Consume(ConsumeContext<IncidentResolved> context) => HearAsync(context);

    public Task Consume(ConsumeContext<IncidentReopened> context) => HearAsync(context);

    public Task Consume(ConsumeContext<IncidentWentStale> context) => HearAsync(context);

    public async ValueTask DisposeAsync()
    {
        if (bus is not null) await bus.StopAsync(TimeSpan.FromSeconds(5));
    }

    private void Listen(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConcurrentMessageLimit = 1;
        endpoint.Instance(this);
    }

    private async Task HearAsync<T>(ConsumeContext<T> context) where T : class, IIncidentEvent
    {
        if (context.Message.Scope == scope) await heard.Writer.WriteAsync(new(context.Message, context.MessageId, context.ReceiveContext.Body.GetString()));
    }
}

/// <summary>An event as a subscriber got it.</summary>
/// <param name="Envelope">The message's JSON as it went over the wire.</param>
internal sealed record Heard(IIncidentEvent Event, Guid? Id, string Envelope);
