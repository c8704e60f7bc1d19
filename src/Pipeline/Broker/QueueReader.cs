using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Pipeline.Broker;

/// <summary>A message as it came out of a queue, in memory of our own.</summary>
internal sealed record QueueMessage(ulong Tag, string RoutingKey, IReadOnlyBasicProperties Properties, ReadOnlyMemory<byte> Body);

/// <summary>
/// Reads one queue in order: takes what is there, hands it on, acknowledges it when that is done. What fails is kept and tried again where it
/// stands: sent back it would lose its place, and count towards the delivery limit that is there for messages that kill their reader.
/// </summary>
/// <param name="hearing">Told whether messages of the queue reach us, before the first of them is worked on and when no more do.</param>
/// <param name="take">Works on messages, in order, one batch at a time; gives the tags of those that belong to the dead letters.</param>
internal sealed class QueueReader(
    BrokerConnection broker, string queue, ushort prefetch, Func<IReadOnlyList<QueueMessage>, CancellationToken, Task<IReadOnlyCollection<ulong>>> take,
    TimeProvider time, ILogger logger, Func<bool, CancellationToken, Task>? hearing = null)
{
    private const int BatchBytes = 8 * 1024 * 1024;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100), Longest = TimeSpan.FromSeconds(5);

    /// <summary>Reads until stopped, over as many channels as it takes; ends when what is under way is done and acknowledged.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var connection = await broker.GetAsync(stop);
                await using var channel = await connection.CreateChannelAsync(cancellationToken: stop);
                await ReadAsync(channel, stop);
                if (!stop.IsCancellationRequested) logger.Interrupted(queue, channel.CloseReason?.ReplyText ?? "the queue was deleted");
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (Publisher.IsBroken(e))
            {
                if (!stop.IsCancellationRequested) logger.Interrupted(queue, e.Message);
            }
            await Task.Delay(Shortest, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(IChannel channel, CancellationToken stop)
    {
        await channel.BasicQosAsync(0, prefetch, global: false, stop);
        // Unacknowledged are at most prefetch, so it never fills.
        var arrived = Channel.CreateBounded<QueueMessage>(new BoundedChannelOptions(prefetch) { SingleReader = true, SingleWriter = true });
        var tag = await channel.BasicConsumeAsync(queue, autoAck: false, new Arrivals(channel, queue, arrived.Writer), stop);
        var batch = new List<QueueMessage>();
        try
        {
            if (hearing is not null) await hearing(true, stop);
            while (!stop.IsCancellationRequested && await arrived.Reader.WaitToReadAsync(stop))
            {
                batch.Clear();
                for (var bytes = 0L; bytes < BatchBytes && arrived.Reader.TryRead(out var message); bytes += message.Body.Length) batch.Add(message);
                if (batch.Count > 0) await WorkAsync(channel, batch, stop);
            }
        }
        finally
        {
            if (hearing is not null) await hearing(false, CancellationToken.None);
            // What was handed out and not begun goes back to the queue with the channel.
            if (channel.IsOpen) await channel.BasicCancelAsync(tag, cancellationToken: CancellationToken.None);
        }
    }

    private async Task WorkAsync(IChannel channel, List<QueueMessage> batch, CancellationToken stop)
    {
        var pause = Shortest;
        for (var attempt = 1; channel.IsOpen; attempt++)
        {
            try
            {
                var dead = await take(batch, stop);
                await SettleAsync(channel, batch, dead);
                return;
            }
            catch (Exception e) when (!Publisher.IsBroken(e) || (channel.IsOpen && !stop.IsCancellationRequested))
            {
                logger.NotWorkedOn(e, queue, batch.Count, attempt);
            }
            await Task.Delay(pause, time, stop);
            pause = pause * 2 < Longest ? pause * 2 : Longest;
        }
    }

    private async Task SettleAsync(IChannel channel, List<QueueMessage> batch, IReadOnlyCollection<ulong> dead)
    {
        foreach (var tag in dead)
        {
            BrokerMeter.Refused(queue);
            await channel.BasicRejectAsync(tag, requeue: false, CancellationToken.None);
        }
        if (batch.FindLast(m => !dead.Contains(m.Tag)) is { } last) await channel.BasicAckAsync(last.Tag, multiple: true, CancellationToken.None);
    }

    private sealed class Arrivals(IChannel channel, string queue, ChannelWriter<QueueMessage> writer) : AsyncDefaultBasicConsumer(channel)
    {
        public override Task HandleBasicDeliverAsync(
            string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties,
            ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
        {
            BrokerMeter.Taken(queue, redelivered);
            // The body is the client's again as soon as this returns.
            writer.TryWrite(new(deliveryTag, routingKey, properties, body.ToArray()));
            return Task.CompletedTask;
        }

        public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
        {
            writer.TryComplete();
            return base.HandleBasicCancelAsync(consumerTag, cancellationToken);
        }

        public override Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason)
        {
            writer.TryComplete();
            return base.HandleChannelShutdownAsync(channel, reason);
        }
    }
}
