using Dedupe.Log;
using MassTransit;

namespace Pipeline.Messages;

/// <summary>A process's bus: incident events out, nudges out and in, acts to whoever owns a scope and for the scopes owned here. One connection.</summary>
/// <remarks>
/// Built without a container on purpose: what MassTransit adds to one (a hosted service, health checks, usage telemetry) is not wanted.
/// </remarks>
public sealed class MessageBus : IAsyncDisposable
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(5);

    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly IBusControl bus;
    private readonly Uri acts;
    private readonly Nudges nudges;
    private readonly PagesDueHeard heard;
    private readonly CancellationTokenSource stop = new();
    private Task starting = Task.CompletedTask;

    public MessageBus(MessagesOptions options, TimeProvider time, ILoggerFactory loggers) : this(options, time, loggers, _ => { })
    {
    }

    /// <param name="more">Endpoints beside ours: with everything in one process a subscriber is one of the same bus.</param>
    internal MessageBus(MessagesOptions options, TimeProvider time, ILoggerFactory loggers, Action<IBusFactoryConfigurator> more)
    {
        (this.time, logger) = (time, loggers.CreateLogger("pipeline.messages"));
        heard = new(time);
        var context = LogContext.Current;
        LogContext.ConfigureCurrentLogContext(new WarningsOnly(loggers));
        try
        {
            bus = options.Broker is null ? InOneProcess.Create(options, heard, more) : OverRabbitMq.Create(options, heard, time.GetTimestamp(), more);
        }
        finally
        {
            LogContext.Current = context;
        }
        acts = options.Broker is null ? InOneProcess.Acts : OverRabbitMq.Acts;
        nudges = new(bus);
    }

    /// <summary>Tells pagers that pages are due.</summary>
    public INudges Nudges => nudges;

    /// <summary>Hears that pages are due, where <see cref="MessagesOptions.HearsPagesDue"/>.</summary>
    public IPagesDue PagesDue => heard;

    /// <summary>Connects, for as long as that takes, without keeping anybody waiting: what is sent meanwhile waits for it as far as it can.</summary>
    /// <returns>Completes when connected, with every queue of this process there.</returns>
    public Task StartAsync() => starting = ConnectAsync();

    /// <summary>Publishes the incident events of the scopes that it is run for.</summary>
    public EventPublisher Publisher(ILog log) => new(log, bus, time, logger);

    /// <summary>Acts wherever a scope is decided.</summary>
    /// <param name="log">Knows which scopes there are.</param>
    /// <param name="folded">Completes once this process's views hold a scope's decisions up to a version.</param>
    public MessageActs ActsElsewhere(IScopeDirectory directory, ILog log, Func<int, long, CancellationToken, Task> folded) =>
        new(bus, acts, directory, log, folded, time, logger);

    /// <summary>What scopes have learned, wherever they are decided.</summary>
    public MessageLearned LearnedElsewhere(IScopeDirectory directory, ILog log) => new(bus, acts, directory, log, time);

    public async ValueTask DisposeAsync()
    {
        await nudges.DisposeAsync();
        await stop.CancelAsync();
        await starting;
        using var limit = new CancellationTokenSource(StopWithin, time);
        try
        {
            await bus.StopAsync(limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // A broker that is away cannot be told: it notices by the missing heartbeat.
        }
        stop.Dispose();
    }

    private async Task ConnectAsync()
    {
        try
        {
            await bus.StartAsync(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // the process stops before the broker was there
        }
        catch (Exception e)
        {
            logger.BusNotStarted(e);
        }
    }
}
