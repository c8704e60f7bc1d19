using MassTransit;
using MassTransit.Transports.Fabric;

namespace Pipeline.Messages;

/// <summary>The bus without a broker: the same consumers on MassTransit's transport in memory.</summary>
internal static class InOneProcess
{
    public static readonly Uri Acts = new($"exchange:{Names.Acts}?type={ExchangeType.Direct}");

    public static IBusControl Create(MessagesOptions options, PagesDueHeard heard, Action<IBusFactoryConfigurator> more) => Bus.Factory.CreateUsingInMemory(bus =>
    {
        // 33,800 messages a second with two at once, 4,100 without a limit: more only get into each other's way.
        bus.ConcurrentMessageLimit = 2;
        bus.SendTopology.ErrorQueueNameFormatter = Consumers.ErrorQueues;
        if (options.Owned is { } owned)
            bus.ReceiveEndpoint(Names.ActsOf(options.Node), endpoint =>
            {
                Consumers.Acts(endpoint, owned);
                endpoint.Bind(Names.Acts, ExchangeType.Direct, options.Node);
            });
        if (options.HearsPagesDue) bus.ReceiveEndpoint(Names.PagesDueOf(options.Node), endpoint => Consumers.PagesDue(endpoint, heard));
        more(bus);
    });
}
