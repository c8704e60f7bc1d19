using MassTransit;

namespace Pipeline.Messages;

/// <summary>Our endpoints as both transports have them: how many messages at once, how often tried, where the failed ones go.</summary>
internal static class Consumers
{
    /// <summary>A commit is mostly waiting, so acts wait side by side; few, because people ask for them.</summary>
    private const int ActsAtOnce = 16;

    /// <summary>Together under a second: who asked waits 5 s at most.</summary>
    private static readonly TimeSpan[] Again = [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500)];

    public static IErrorQueueNameFormatter ErrorQueues { get; } = new OneForActs();

    public static void Acts(IReceiveEndpointConfigurator endpoint, IOwnedScopes owned)
    {
        // By its node's key only, never by the message's type.
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PrefetchCount = 2 * ActsAtOnce;
        endpoint.ConcurrentMessageLimit = ActsAtOnce;
        endpoint.UseMessageRetry(retry => retry.Intervals(Again));
        endpoint.DiscardSkippedMessages();
        endpoint.Consumer(() => new ActsConsumer(owned));
    }

    public static void PagesDue(IReceiveEndpointConfigurator endpoint, PagesDueHeard heard)
    {
        endpoint.PrefetchCount = 16;
        endpoint.ConcurrentMessageLimit = 1;
        // A nudge may be lost: none is worth keeping.
        endpoint.DiscardFaultedMessages();
        endpoint.DiscardSkippedMessages();
        endpoint.Instance(heard);
    }

    /// <summary>Nodes come and go; what failed on any of them is looked for in one place.</summary>
    private sealed class OneForActs : IErrorQueueNameFormatter
    {
        public string FormatErrorQueueName(string queueName) =>
            queueName.StartsWith(Names.Acts, StringComparison.Ordinal) ? Names.ActErrors : $"{queueName}_error";
    }
}
