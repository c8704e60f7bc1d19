namespace Pipeline.Broker;

/// <summary>Reads one partition: hands its deliveries on in order, and acknowledges them when they are committed. A message that cannot be read is a dead letter.</summary>
/// <param name="take">Given the partition and deliveries in order, one batch at a time; completes when they are committed. What it throws is logged and the batch tried again.</param>
internal sealed class PartitionReader(
    BrokerConnection broker, BrokerOptions options, int partition, Func<int, IReadOnlyList<BrokerDelivery>, Task> take, TimeProvider time, ILogger logger,
    Func<bool, CancellationToken, Task>? hearing = null)
{
    private readonly string queue = new BrokerNames(options.Prefix).Partition(partition);

    /// <summary>Reads until stopped; ends when what is under way is committed and acknowledged. What was handed out and not begun goes back.</summary>
    public Task RunAsync(CancellationToken stop) => new QueueReader(broker, queue, options.Prefetch, TakeAsync, time, logger, hearing).RunAsync(stop);

    private async Task<IReadOnlyCollection<ulong>> TakeAsync(IReadOnlyList<QueueMessage> messages, CancellationToken stop)
    {
        var deliveries = new List<BrokerDelivery>(messages.Count);
        List<ulong> dead = [];
        foreach (var message in messages)
        {
            var read = DeliveryFrames.Read(message.Body);
            deliveries.AddRange(read.Deliveries);
            if (read.Problem is not { } problem) continue;
            logger.Poison(queue, problem);
            dead.Add(message.Tag);
        }
        if (deliveries.Count > 0) await take(partition, deliveries);
        return dead;
    }
}
