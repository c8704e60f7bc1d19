using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Pipeline.Broker;

/// <summary>What became of a message. Only the first says that a queue has it; after the last two it may or may not.</summary>
internal enum PublishOutcome
{
    /// <summary>Every quorum queue that it was routed to has it on disk.</summary>
    Confirmed,

    /// <summary>No queue is bound for it.</summary>
    Returned,

    /// <summary>A queue refused it: it is full.</summary>
    Nacked,

    /// <summary>No word in time.</summary>
    Unconfirmed,

    /// <summary>No connection, or it went while we waited.</summary>
    Gone,
}

/// <summary>Publishes with confirms awaited, over a channel that is opened again with its connection. Who calls it bounds how many are under way.</summary>
internal sealed class Publisher(BrokerConnection broker, BrokerOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private volatile IChannel? open;

    /// <summary>Why nothing can be published now; null when it can be tried.</summary>
    public string? Trouble =>
        open is not { IsOpen: true } ? "the broker does not answer" : broker.IsBlocked ? "the broker is short of memory or disk and takes nothing" : null;

    /// <summary>Keeps a channel open until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var connection = await broker.GetAsync(stop);
                // Null, said outright: the client's own limiter counts writes and throttles at half of 128; Gathering bounds what is unconfirmed.
                await using var channel = await connection.CreateChannelAsync(new(
                    publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null), stop);
                var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                channel.ChannelShutdownAsync += (_, _) => { closed.TrySetResult(); return Task.CompletedTask; };
                channel.BasicReturnAsync += SayReturned;
                if (channel.IsOpen)
                {
                    open = channel;
                    await closed.Task.WaitAsync(stop);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (IsBroken(e))
            {
                logger.NotTaken("any exchange", e.Message);
                await Task.Delay(Pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            finally
            {
                open = null;
            }
        }
    }

    /// <summary>Publishes, and says what became of it within <see cref="BrokerOptions.ConfirmWithin"/>. Calls made one after the other arrive in that order.</summary>
    public async Task<PublishOutcome> PublishAsync(string exchange, string routingKey, BasicProperties properties, ReadOnlyMemory<byte> body)
    {
        if (open is not { IsOpen: true } channel || broker.IsBlocked) return PublishOutcome.Gone;
        using var patience = new CancellationTokenSource(options.ConfirmWithin, time);
        try
        {
            await channel.BasicPublishAsync(exchange, routingKey, mandatory: true, properties, body, patience.Token);
            return PublishOutcome.Confirmed;
        }
        catch (PublishException e)
        {
            return e.IsReturn ? PublishOutcome.Returned : PublishOutcome.Nacked;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return PublishOutcome.Unconfirmed;
        }
        catch (Exception e) when (IsBroken(e))
        {
            return PublishOutcome.Gone;
        }
    }

    /// <summary>What the client throws when a connection or channel is gone or does not answer in time.</summary>
    public static bool IsBroken(Exception e) =>
        e is RabbitMQClientException or ObjectDisposedException or OperationCanceledException or TimeoutException or IOException or System.Net.Sockets.SocketException;

    private Task SayReturned(object channel, BasicReturnEventArgs returned)
    {
        logger.NotTaken(returned.Exchange, $"{returned.ReplyText}: no queue is bound for \"{returned.RoutingKey}\"; a restart of any role declares the queues again");
        return Task.CompletedTask;
    }
}
