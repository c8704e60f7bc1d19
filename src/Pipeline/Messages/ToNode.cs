using MassTransit;

namespace Pipeline.Messages;

/// <summary>How a request finds the one node that it is for.</summary>
internal static class ToNode
{
    /// <param name="within">What nobody took by then is not to be taken: who asked has given up, or asked again.</param>
    public static void Address(SendContext context, string node, TimeSpan within)
    {
        context.SetRoutingKey(node);
        // A queue that went with its node is told at once, instead of after the timeout.
        if (context.TryGetPayload(out RabbitMqSendContext? rabbit)) rabbit.Mandatory = true;
        context.TimeToLive = within;
        context.Durable = false;
    }
}
