using Dedupe.Vocabulary;
using Ingest;
using RabbitMQ.Client;

namespace Pipeline.Broker;

/// <summary>
/// Takes what producers publish straight to <c>pipeline.v1.in</c>: a source's own body, the source's name as routing key. It goes the way that
/// an HTTP body goes, and is acknowledged when that is confirmed.
/// </summary>
/// <param name="publisher">To the dead letters, with the reason.</param>
internal sealed class Inbox(
    BrokerConnection broker, BrokerOptions options, IIntake intake, Publisher publisher, Func<Identities> identities, IngestLimits limits, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly BrokerNames names = new(options.Prefix);

    /// <summary>Reads until stopped; ends when what is under way is confirmed and acknowledged. Any number may read at once.</summary>
    public Task RunAsync(CancellationToken stop) => new QueueReader(broker, names.In, options.Prefetch, TakeAsync, time, logger).RunAsync(stop);

    /// <summary>A message as read: a delivery, or why it is none.</summary>
    private sealed record Read(QueueMessage Message, ReceivedDelivery? Delivery, string? Problem);

    private async Task<IReadOnlyCollection<ulong>> TakeAsync(IReadOnlyList<QueueMessage> messages, CancellationToken stop)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        var waiting = messages.Select(m => Parse(m, now)).ToList();
        while (true)
        {
            // All are handed over before the first is answered, in order, so that they share messages.
            var done = await Task.WhenAll(waiting.Select(HandAsync));
            waiting = [.. waiting.Where((_, i) => !done[i])];
            if (waiting.Count == 0) return [];
            await Task.Delay(Pause, time, stop);
        }
    }

    private Read Parse(QueueMessage message, DateTimeOffset now)
    {
        if (message.Body.Length > limits.BodyBytes) return new(message, null, $"the body has {message.Body.Length} bytes, more than {limits.BodyBytes}");
        var parsed = Sources.Parse(message.RoutingKey, message.Body, new(identities(), limits, now));
        if (parsed.Problem is { } problem) return new(message, null, $"{problem.Field}: {problem.Problem}");
        var key = string.IsNullOrEmpty(message.Properties.MessageId) ? parsed.MessageId : message.Properties.MessageId;
        return new(message, new(message.RoutingKey, now, key, message.Body, parsed), null);
    }

    /// <summary>True when the message is safe elsewhere.</summary>
    private async Task<bool> HandAsync(Read read)
    {
        if (read.Delivery is not { } delivery) return await BuryAsync(read.Message, read.Problem!);
        var answer = await intake.AcceptAsync(delivery, CancellationToken.None);
        return answer.Status switch
        {
            IntakeStatus.Recorded or IntakeStatus.Copy => true,
            IntakeStatus.KeyReused => await BuryAsync(read.Message, $"message-id \"{delivery.Key}\" came with another body before"),
            _ => false,
        };
    }

    private async Task<bool> BuryAsync(QueueMessage message, string reason)
    {
        var properties = new BasicProperties
        {
            DeliveryMode = DeliveryModes.Persistent, MessageId = message.Properties.MessageId,
            Headers = new Dictionary<string, object?> { [BrokerNames.ReasonHeader] = reason, [BrokerNames.ReceivedAtHeader] = time.GetUtcNow().ToUnixTimeMilliseconds() },
        };
        var outcome = await publisher.PublishAsync(names.Dead, message.RoutingKey, properties, message.Body);
        BrokerMeter.Published(outcome, 0);
        if (outcome != PublishOutcome.Confirmed) return false;
        logger.Poison(names.In, reason);
        BrokerMeter.Refused(names.In);
        return true;
    }
}
