using System.Text.RegularExpressions;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Pipeline.Broker;

/// <summary>The exchanges and queues, declared by every role that starts; declaring them again changes nothing.</summary>
internal static partial class BrokerTopology
{
    private const string Manual = "see docs/broker.md";
    private const ushort NotFound = 404, Conflict = 406, UnknownType = 503, NotAllowed = 530, InternalError = 541;

    /// <exception cref="BrokerException">What is in the way, and what to do about it. Nothing is tried again.</exception>
    public static async Task DeclareAsync(IConnection connection, BrokerOptions options, CancellationToken cancel)
    {
        var names = new BrokerNames(options.Prefix);
        await DeclareAsync(connection, names.Dead, async channel =>
        {
            await channel.ExchangeDeclareAsync(names.Dead, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancel);
            await channel.QueueDeclareAsync(names.Dead, durable: true, exclusive: false, autoDelete: false, Bounded(options), cancellationToken: cancel);
            await channel.QueueBindAsync(names.Dead, names.Dead, "", cancellationToken: cancel);
        }, cancel);
        await DeclareAsync(connection, names.In, async channel =>
        {
            await channel.ExchangeDeclareAsync(names.In, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: cancel);
            await channel.QueueDeclareAsync(names.In, durable: true, exclusive: false, autoDelete: false, DeadLettered(options, names), cancellationToken: cancel);
            await channel.QueueBindAsync(names.In, names.In, "#", cancellationToken: cancel);
        }, cancel);
        await DeclareAsync(connection, names.Deliveries, async channel =>
        {
            await channel.ExchangeDeclareAsync(names.Deliveries, "x-consistent-hash", durable: true, autoDelete: false, cancellationToken: cancel);
            await channel.ExchangeDeclareAsync(names.Everywhere, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancel);
        }, cancel);
        for (var partition = 0; partition < options.Partitions; partition++)
        {
            var queue = names.Partition(partition);
            await DeclareAsync(connection, queue, async channel =>
            {
                await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, DeadLettered(options, names), cancellationToken: cancel);
                // The binding's key is the queue's weight: all the same.
                await channel.QueueBindAsync(queue, names.Deliveries, "1", cancellationToken: cancel);
                await channel.QueueBindAsync(queue, names.Everywhere, "", cancellationToken: cancel);
            }, cancel);
        }
        await RefuseMoreAsync(connection, names.Partition(options.Partitions), options.Partitions, cancel);
    }

    /// <summary>A queue beyond the partitions that are counted would be filled and never read.</summary>
    private static async Task RefuseMoreAsync(IConnection connection, string queue, int partitions, CancellationToken cancel)
    {
        try
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
            await channel.QueueDeclarePassiveAsync(queue, cancel);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason is { ReplyCode: NotFound })
        {
            return;
        }
        throw new BrokerException(
            $"the broker has queue \"{queue}\", beyond the {partitions} partitions that are configured: deliveries go there and nobody would read them. " +
            $"Configure as many partitions as there are, or let it run empty and delete it (rabbitmqctl delete_queue {queue}); {Manual}");
    }

    private static async Task DeclareAsync(IConnection connection, string what, Func<IChannel, Task> declare, CancellationToken cancel)
    {
        try
        {
            // A channel each: the broker closes it with the first thing it refuses.
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
            await declare(channel);
        }
        catch (OperationInterruptedException e)
        {
            if (e.ShutdownReason is { ReplyCode: InternalError } or { Initiator: not ShutdownInitiator.Peer })
                throw new BrokerException($"the broker could not declare \"{what}\": {e.ShutdownReason.ReplyText}. It may be starting or stopping; its own log says more", e, mayPass: true);
            throw new BrokerException(Refused(what, e.ShutdownReason), e);
        }
    }

    private static string Refused(string what, ShutdownEventArgs? reason)
    {
        var text = reason?.ReplyText ?? "no reason given";
        if (reason?.ReplyCode == Conflict && Inequivalent().Match(text) is { Success: true } match)
        {
            var (argument, kind, name, ours, theirs) = (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value, match.Groups[4].Value, match.Groups[5].Value);
            return $"the broker has {kind} \"{name}\" with another {argument}: it is {theirs}, and {ours} is wanted. Nothing was changed. " +
                $"Configure what it is, or let it run empty, delete it (rabbitmqctl delete_queue {name}) and start again; {Manual}";
        }
        if (reason?.ReplyCode == UnknownType || text.Contains("exchange type", StringComparison.Ordinal))
            return $"the broker cannot make exchange \"{what}\": {text}. Enable the plugin on every node (rabbitmq-plugins enable rabbitmq_consistent_hash_exchange) and start again; {Manual}";
        // The client says that it is connected before the broker has said whether it may use the virtual host.
        if (reason?.ReplyCode == NotAllowed) return $"the broker refused: {text}; check that the virtual host in its address exists and that its user may use it";
        return $"the broker refused \"{what}\": {text}; its user needs the permissions configure, write and read on names that begin like it; {Manual}";
    }

    private static Dictionary<string, object?> Bounded(BrokerOptions options) => new()
    {
        ["x-queue-type"] = "quorum", ["x-max-length-bytes"] = options.QueueBytes, ["x-overflow"] = "reject-publish",
    };

    /// <summary>at-least-once: the default could lose a dead letter on its way.</summary>
    private static Dictionary<string, object?> DeadLettered(BrokerOptions options, BrokerNames names) => new(Bounded(options))
    {
        ["x-dead-letter-exchange"] = names.Dead, ["x-dead-letter-strategy"] = "at-least-once", ["x-delivery-limit"] = options.DeliveryLimit,
    };

    // PRECONDITION_FAILED - inequivalent arg 'x-max-length-bytes' for queue 'q' in vhost '/': received the value '2' of type 'signedint' but current is the value '1' of type 'long'
    [GeneratedRegex(@"inequivalent arg '([^']+)' for (queue|exchange) '([^']+)' in vhost '[^']*': received (.+?) but current is (.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Inequivalent();
}
