using System.Net.Security;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Pipeline.Broker;

/// <summary>
/// One long-lived connection, opened again whenever it is gone. A process has one to publish and one to consume, so that a broker that holds
/// publishers back does not hold back the acknowledgements.
/// </summary>
/// <param name="purpose">"publish" or "consume": its name in the broker's list, our log and metrics.</param>
/// <param name="prepare">Runs on each new connection before anybody else gets it, to declare what is used.</param>
internal sealed class BrokerConnection(
    BrokerOptions options, string purpose, Func<IConnection, CancellationToken, Task>? prepare, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100), Longest = TimeSpan.FromSeconds(2), ToClose = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim connecting = new(1, 1);
    private volatile TaskCompletionSource<IConnection> opened = New<IConnection>();
    private volatile TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile IConnection? current;
    private volatile bool saidGone;

    /// <summary>Its sockets and buffers go when it is disposed, which inside its own shutdown event would wait for itself.</summary>
    private IConnection? lost;

    public bool IsOpen => current is { IsOpen: true };

    /// <summary>The broker is short of memory or disk and reads nothing from publishers.</summary>
    public bool IsBlocked { get; private set; }

    /// <summary>Connects once.</summary>
    /// <exception cref="BrokerException">Why it cannot, and what to do. What <c>prepare</c> refuses (a conflicting queue) stops a start here.</exception>
    public async Task ConnectAsync(CancellationToken cancel)
    {
        await connecting.WaitAsync(cancel);
        try
        {
            if (IsOpen) return;
            await LetGoAsync();
            var connection = await OpenAsync(cancel);
            try
            {
                if (prepare is not null) await prepare(connection, cancel);
            }
            catch (Exception e)
            {
                // Shortly: one that does not answer would keep us from the others.
                await connection.CloseAsync(Constants.ReplySuccess, "not used", ToClose, abort: true, CancellationToken.None);
                await connection.DisposeAsync();
                if (e is BrokerException || cancel.IsCancellationRequested || !Publisher.IsBroken(e)) throw;
                throw new BrokerException($"broker {options.Address}: went away at once: {e.Message}", e, mayPass: true);
            }
            Take(connection);
        }
        finally
        {
            connecting.Release();
        }
    }

    /// <summary>Connects, if nobody has yet, and again whenever the connection is gone, until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var pause = Shortest;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await ConnectAsync(stop);
                pause = Shortest;
                await closed.Task.WaitAsync(stop);
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                // Whatever it was: nobody else opens it again.
                if (!saidGone) logger.NoBroker(purpose, e.Message);
                saidGone = true;
                await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < Longest ? pause * 2 : Longest;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>The open connection; waits until there is one.</summary>
    public Task<IConnection> GetAsync(CancellationToken cancel) => opened.Task.WaitAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        if (current is { } connection) await connection.CloseAsync(Constants.ReplySuccess, "stopping", ToClose, abort: true);
        await LetGoAsync();
    }

    private async ValueTask LetGoAsync()
    {
        if (Interlocked.Exchange(ref lost, null) is { } old) await old.DisposeAsync();
    }

    private async Task<IConnection> OpenAsync(CancellationToken cancel)
    {
        var address = options.Address;
        var factory = new ConnectionFactory
        {
            UserName = address.User, Password = address.Password, VirtualHost = address.VirtualHost, RequestedHeartbeat = options.Heartbeat,
            RequestedConnectionTimeout = options.ConnectWithin, SocketReadTimeout = options.Heartbeat * 2, SocketWriteTimeout = options.Heartbeat * 2,
            // Ours is the one loop that opens again: it serves the first connect too, and channels that the broker closes (decision 0072).
            AutomaticRecoveryEnabled = false, TopologyRecoveryEnabled = false,
        };
        var endpoints = address.Hosts.Select(h => new AmqpTcpEndpoint(h.Host, h.Port, new SslOption(h.Host, enabled: address.Tls) { AcceptablePolicyErrors = SslPolicyErrors.None }));
        try
        {
            return await factory.CreateConnectionAsync(endpoints, $"pipeline {purpose} {Environment.MachineName}:{Environment.ProcessId}", cancel);
        }
        catch (BrokerUnreachableException e)
        {
            throw new BrokerException($"broker {address}: {Why(e, out var mayPass)}", e, mayPass);
        }
    }

    private void Take(IConnection connection)
    {
        // Both are held here: it may be gone, and the fields another's, before this method ends.
        var (gone, waiting) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), opened);
        closed = gone;
        connection.ConnectionShutdownAsync += (_, reason) =>
        {
            Lose(connection, gone, reason);
            return Task.CompletedTask;
        };
        connection.ConnectionBlockedAsync += (_, blocked) => BlockAsync(blocked.Reason);
        connection.ConnectionUnblockedAsync += (_, _) => BlockAsync(null);
        IsBlocked = saidGone = false;
        current = connection;
        BrokerMeter.Opened(purpose);
        logger.Connected($"{connection.Endpoint.HostName}:{connection.Endpoint.Port}", purpose);
        if (connection.CloseReason is { } already) Lose(connection, gone, already); // before anybody listened
        else waiting.TrySetResult(connection);
    }

    private void Lose(IConnection connection, TaskCompletionSource gone, ShutdownEventArgs reason)
    {
        if (Interlocked.CompareExchange(ref current, null, connection) != connection) return;
        BrokerMeter.Closed(purpose);
        if (reason.Initiator != ShutdownInitiator.Application) logger.Disconnected(purpose, reason.ReplyText);
        (lost, opened) = (connection, New<IConnection>());
        gone.TrySetResult();
    }

    private Task BlockAsync(string? reason)
    {
        IsBlocked = reason is not null;
        if (reason is null) logger.Unblocked();
        else logger.Blocked(reason);
        return Task.CompletedTask;
    }

    private string Why(Exception error, out bool mayPass)
    {
        mayPass = false;
        for (var e = error; e is not null; e = e is AggregateException many ? many.InnerExceptions[0] : e.InnerException)
        {
            if (e is AuthenticationFailureException)
                return $"refused user \"{options.Address.User}\"; check user and password in the broker's address (the user guest is only let in on the broker's own machine)";
            if (e is OperationInterruptedException { ShutdownReason: { } reason })
                return $"refused: {reason.ReplyText}; check that the virtual host \"{options.Address.VirtualHost}\" exists and that \"{options.Address.User}\" may use it";
            if (e is not (System.Net.Sockets.SocketException or System.Security.Authentication.AuthenticationException or TimeoutException)) continue;
            mayPass = e is not System.Security.Authentication.AuthenticationException;
            return $"does not answer: {e.Message}; check the address, and that RabbitMQ runs there";
        }
        mayPass = true;
        return $"does not answer: {(error.InnerException ?? error).Message}; check the address, and that RabbitMQ runs there";
    }

    private static TaskCompletionSource<T> New<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
