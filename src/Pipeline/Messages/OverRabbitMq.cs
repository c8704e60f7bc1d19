using MassTransit;

namespace Pipeline.Messages;

/// <summary>The bus on RabbitMQ. Nothing of ours on it must outlive its process but the errors: the log has everything else.</summary>
internal static class OverRabbitMq
{
    public static readonly Uri Acts = new($"exchange:{Names.Acts}?type=direct");

    /// <summary>A queue that no node has read for so long is gone, and acts for it come back at once. (A queue that expires is not auto-delete to MassTransit.)</summary>
    private static readonly TimeSpan Unused = TimeSpan.FromSeconds(10), Heartbeat = TimeSpan.FromSeconds(10), ConnectWithin = TimeSpan.FromSeconds(5);

    /// <summary>Failed acts kept for people to look at; beyond it the oldest goes.</summary>
    private const int ErrorsAtMost = 10_000;

    private const int WaitingAtMost = 10_000, NudgesAtMost = 64;

    public static IBusControl Create(MessagesOptions options, PagesDueHeard heard, long start, Action<IBusFactoryConfigurator> more) => Bus.Factory.CreateUsingRabbitMq(bus =>
    {
        Connect(bus, options.Broker!, $"pipeline {options.Node} messages", options.MoreHosts);
        bus.OverrideDefaultBusEndpointQueueName(Names.RepliesTo(options.Node, start));
        bus.PrefetchCount = 32;
        bus.ConcurrentMessageLimit = 16;
        bus.SendTopology.ErrorQueueNameFormatter = Consumers.ErrorQueues;
        bus.SendTopology.ConfigureErrorSettings = Kept;
        bus.Publish<PagesDue>(nudge => nudge.Durable = true);
        if (options.Owned is { } owned)
            bus.ReceiveEndpoint(Names.ActsOf(options.Node), endpoint =>
            {
                Consumers.Acts(endpoint, owned);
                Passing(endpoint, WaitingAtMost);
                endpoint.Bind(Names.Acts, binding =>
                {
                    binding.ExchangeType = "direct";
                    binding.RoutingKey = options.Node;
                });
            });
        if (options.HearsPagesDue)
            bus.ReceiveEndpoint(Names.PagesDueOf(options.Node), endpoint =>
            {
                Consumers.PagesDue(endpoint, heard);
                Passing(endpoint, NudgesAtMost);
            });
        more(bus);
    });

    /// <summary>As RabbitMQ's own clients read such an address: no path is the virtual host <c>/</c>, no user is guest.</summary>
    internal static void Connect(IRabbitMqBusFactoryConfigurator bus, Uri broker, string name, IReadOnlyList<string>? more = null)
    {
        var safe = broker.Scheme.Equals("amqps", StringComparison.OrdinalIgnoreCase);
        var port = broker.IsDefaultPort || broker.Port <= 0 ? (safe ? 5671 : 5672) : broker.Port;
        var path = Uri.UnescapeDataString(broker.AbsolutePath.TrimStart('/'));
        var user = broker.UserInfo.Split(':', 2);
        bus.Host(broker.Host, (ushort)port, path.Length == 0 ? "/" : path, name, host =>
        {
            if (user[0].Length > 0) host.Username(Uri.UnescapeDataString(user[0]));
            if (user.Length > 1) host.Password(Uri.UnescapeDataString(user[1]));
            if (safe) host.UseSsl();
            if (more is { Count: > 0 })
                host.UseCluster(cluster =>
                {
                    foreach (var node in more.Prepend($"{broker.Host}:{port}")) cluster.Node(node);
                });
            host.Heartbeat(Heartbeat);
            host.RequestedConnectionTimeout(ConnectWithin);
            // Sent is what the broker has confirmed.
            host.PublisherConfirmation = true;
        });
    }

    private static void Passing(IRabbitMqReceiveEndpointConfigurator endpoint, int atMost)
    {
        // The exchange goes with the queue.
        endpoint.AutoDelete = true;
        endpoint.QueueExpiration = Unused;
        // On several of the broker's nodes where there are several: a classic one is gone for as long as the node that it was made on.
        endpoint.SetQuorumQueue();
        endpoint.SetQueueArgument("x-max-length", atMost);
    }

    private static void Kept(IRabbitMqQueueConfigurator errors)
    {
        errors.AutoDelete = false;
        errors.Durable = true;
        // What the queue it failed in had is not for this one.
        errors.SetQueueArgument("x-expires", null!);
        errors.SetQuorumQueue();
        errors.SetQueueArgument("x-max-length", ErrorsAtMost);
    }
}
