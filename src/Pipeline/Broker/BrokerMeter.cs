using System.Diagnostics.Metrics;

namespace Pipeline.Broker;

/// <summary>What goes over the broker, counted; the meter is <c>pipeline.broker</c>.</summary>
internal static class BrokerMeter
{
    public const string Name = "pipeline.broker";

    private static readonly Meter Meter = new(Name);
    private static readonly UpDownCounter<int> Open =
        Meter.CreateUpDownCounter<int>("pipeline.broker.connections", description: "Connections to the broker that are open: one to publish and one to consume, where the role does.");
    private static readonly Counter<long> OpenedConnections =
        Meter.CreateCounter<long>("pipeline.broker.connections.opened", description: "Connections opened; one that grows says that connections do not last.");
    private static readonly Counter<long> Publishes =
        Meter.CreateCounter<long>("pipeline.broker.publishes", "{message}", "Messages published, by outcome: confirmed, returned, nacked, unconfirmed or gone.");
    private static readonly Counter<long> Gathered =
        Meter.CreateCounter<long>("pipeline.broker.published.deliveries", "{delivery}", "Deliveries in confirmed messages.");
    private static readonly Counter<long> Consumed = Meter.CreateCounter<long>("pipeline.broker.consumed", "{message}", "Messages taken from a queue.");
    private static readonly Counter<long> Redelivered =
        Meter.CreateCounter<long>("pipeline.broker.redeliveries", "{message}", "Messages that had been handed out before and came back unacknowledged.");
    private static readonly Counter<long> DeadLettered = Meter.CreateCounter<long>("pipeline.broker.dead", "{message}", "Messages refused to the dead letters.");

    internal static void Opened(string purpose)
    {
        Open.Add(1, Of("purpose", purpose));
        OpenedConnections.Add(1, Of("purpose", purpose));
    }

    internal static void Closed(string purpose) => Open.Add(-1, Of("purpose", purpose));

    internal static void Published(PublishOutcome outcome, int deliveries)
    {
        Publishes.Add(1, Of("outcome", outcome switch
        {
            PublishOutcome.Confirmed => "confirmed",
            PublishOutcome.Returned => "returned",
            PublishOutcome.Nacked => "nacked",
            PublishOutcome.Unconfirmed => "unconfirmed",
            _ => "gone",
        }));
        if (outcome == PublishOutcome.Confirmed) Gathered.Add(deliveries);
    }

    internal static void Taken(string queue, bool again)
    {
        Consumed.Add(1, Of("queue", queue));
        if (again) Redelivered.Add(1, Of("queue", queue));
    }

    internal static void Refused(string queue) => DeadLettered.Add(1, Of("queue", queue));

    private static KeyValuePair<string, object?> Of(string name, string value) => new(name, value);
}
