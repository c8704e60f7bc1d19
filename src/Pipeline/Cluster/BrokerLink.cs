using Dedupe.Vocabulary;
using Ingest;
using Pipeline.Broker;
using Pipeline.Hosting;

namespace Pipeline.Cluster;

/// <summary>A process's two connections to the broker, and what its role does over them.</summary>
internal sealed class BrokerLink : IAsyncDisposable
{
    private readonly ClusterParts parts;
    private readonly BrokerOptions options;
    private readonly BrokerConnection publishing, consuming;
    private readonly Publisher publisher;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stop = new(), stopReading = new();
    private readonly List<Task> running = [];
    private Task inbox = Task.CompletedTask;

    public BrokerLink(ClusterParts parts)
    {
        this.parts = parts;
        var cluster = parts.Settings.Cluster!;
        logger = parts.Loggers.CreateLogger("pipeline.broker");
        options = new() { Address = BrokerAddress.Parse(cluster.Broker!, out _)!, Partitions = cluster.Partitions, QueueBytes = cluster.QueueBytes };
        publishing = new(options, "publish", (connection, cancel) => BrokerTopology.DeclareAsync(connection, options, cancel), parts.Time, logger);
        consuming = new(options, "consume", null, parts.Time, logger);
        publisher = new(publishing, options, parts.Time, logger);
        Intake = new(publisher, options, parts.Settings.Scope, new(), parts.Time);
    }

    public BrokerIntake Intake { get; }

    /// <summary>Connects, declares what is used, and begins to read what AMQP producers send, where this role takes deliveries.</summary>
    public async Task StartAsync(Identities identities, CancellationToken cancel)
    {
        await publishing.ConnectAsync(cancel);
        running.Add(publishing.RunAsync(stop.Token));
        running.Add(publisher.RunAsync(stop.Token));
        running.Add(consuming.RunAsync(stop.Token));
        if (parts.Role.Does(Role.Ingest))
            inbox = new Inbox(consuming, options, Intake, publisher, () => identities, parts.Settings.Limits, parts.Time, logger).RunAsync(stopReading.Token);
    }

    /// <param name="hearing">Told whether deliveries of the partition reach us.</param>
    public PartitionReader Reader(int partition, Func<int, IReadOnlyList<BrokerDelivery>, Task> take, Func<bool, CancellationToken, Task> hearing) =>
        new(consuming, options, partition, take, parts.Time, logger, hearing);

    /// <summary>Sends dead letters the way of any delivery, as what cannot be understood: they are recorded, listed, and may be submitted again.</summary>
    public Task ReadDeadLettersAsync(Identities identities, CancellationToken cancel) => new DeadLetters(consuming, options, async (letter, _) =>
    {
        var source = Sources.DeadLetter + letter.Source;
        var parsed = Sources.Parse(source, letter.Body, new(identities, parts.Settings.Limits, letter.At));
        // A producer may give many bodies one id, which is why they are here: each is a letter of its own.
        var answer = await Intake.AcceptAsync(new(source, letter.At, InputReader.CopyKey(letter.Id, letter.Body.Span), letter.Body, parsed), CancellationToken.None);
        if (answer.Status is not (IntakeStatus.Recorded or IntakeStatus.Copy)) throw new IOException(answer.Detail ?? "not published");
        logger.DeadLetter(letter.Source, letter.Reason);
    }, parts.Time, logger).RunAsync(cancel);

    /// <summary>Takes nothing more, and answers what was taken.</summary>
    public async Task StopIntakeAsync()
    {
        await stopReading.CancelAsync();
        await inbox;
        await Intake.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(running);
        await publishing.DisposeAsync();
        await consuming.DisposeAsync();
        stop.Dispose();
        stopReading.Dispose();
    }
}
