using Dedupe.Log;
using Ingest;
using Pipeline.Broker;
using Pipeline.Config;
using Pipeline.Hosting;
using Pipeline.Messages;
using Stores.Leases;

namespace Pipeline.Cluster;

/// <summary>Reads the partitions whose leases this node holds, and records and decides the scopes whose deliveries come on them.</summary>
internal sealed class PartitionShares(
    Deciding deciding, ILog log, Leases leases, Func<int, Func<int, IReadOnlyList<BrokerDelivery>, Task>, Func<bool, CancellationToken, Task>, PartitionReader> reader,
    Func<EventPublisher> publisher, Settings settings, Dedupe.Vocabulary.Identities identities, ILogger logger) : IShares
{
    private readonly Lock gate = new();
    private readonly Dictionary<int, Partition> held = [];

    /// <summary>A partition that is read here, and the scopes that came on it.</summary>
    private sealed class Partition(CancellationTokenSource stop)
    {
        public CancellationTokenSource Stop { get; } = stop;
        public Dictionary<string, Home> Homes { get; } = new(StringComparer.Ordinal);
        public Task Reading { get; set; } = Task.CompletedTask;

        /// <summary>Used by what begins it, and then by its reader alone.</summary>
        public bool Hears { get; set; }
    }

    /// <summary>A scope that is decided here, and its events being published.</summary>
    private sealed record Home(int Scope, CancellationTokenSource Stop, Task Publishing);

    public async Task StartAsync(int number, CancellationToken cancel)
    {
        var partition = new Partition(new());
        lock (gate) held[number] = partition;
        foreach (var scope in await leases.ScopesOfAsync(number, cancel)) await OpenAsync(partition, scope, cancel);
        partition.Reading = reader(number, TakeAsync, (hears, stop) => HearingAsync(partition, hears, stop)).RunAsync(partition.Stop.Token);
    }

    public async Task StopAsync(int number)
    {
        Partition? partition;
        lock (gate) held.Remove(number, out partition);
        if (partition is null) return;
        await partition.Stop.CancelAsync();
        await partition.Reading;
        foreach (var home in partition.Homes.Values)
        {
            await home.Stop.CancelAsync();
            await deciding.CloseAsync(home.Scope);
            await home.Publishing;
            home.Stop.Dispose();
        }
        partition.Stop.Dispose();
    }

    /// <summary>A broker that is away is no silence of the sources: nothing is due for want of them while their partition cannot be read.</summary>
    private async Task HearingAsync(Partition partition, bool hears, CancellationToken stop)
    {
        partition.Hears = hears;
        foreach (var home in partition.Homes.Values)
            if (hears) await deciding.HearAsync(home.Scope, stop);
            else deciding.Deafen(home.Scope);
    }

    /// <summary>Records what came on a partition; complete when all of it is committed.</summary>
    /// <exception cref="IOException">Some of it could not be recorded: the broker hands it out again.</exception>
    private async Task TakeAsync(int number, IReadOnlyList<BrokerDelivery> deliveries)
    {
        Partition? partition;
        lock (gate) partition = held.GetValueOrDefault(number);
        if (partition is null) throw new IOException($"partition {number} is another node's now");
        var recorded = new List<Task<IntakeAnswer>>(deliveries.Count);
        foreach (var delivery in deliveries)
        {
            var parsed = Sources.Parse(delivery.Source, delivery.Body, new(identities, settings.Limits, delivery.ReceivedAt));
            var received = new ReceivedDelivery(delivery.Source, delivery.ReceivedAt, delivery.Key, delivery.Body, parsed);
            if (delivery.Scope is { } scope)
            {
                if (!partition.Homes.ContainsKey(scope)) await OpenNewAsync(number, partition, scope);
                recorded.Add(deciding.Recorder.TakeAsync(scope, delivery.Id, received));
            }
            else
            {
                foreach (var name in partition.Homes.Keys) recorded.Add(deciding.Recorder.TakeAsync(name, delivery.Id, received));
            }
        }
        var answers = await Task.WhenAll(recorded);
        // The recorder's thread has answered: what follows is the reader's business.
        await Task.Yield();
        foreach (var answer in answers)
            if (answer.Status != IntakeStatus.Recorded) throw new IOException(answer.Detail ?? "not recorded");
    }

    private async Task OpenNewAsync(int number, Partition partition, string scope)
    {
        // Remembered first: who takes over must know of every scope that is decided here.
        await leases.HomeAsync(scope, number, partition.Stop.Token);
        await OpenAsync(partition, scope, partition.Stop.Token);
    }

    private async Task OpenAsync(Partition partition, string name, CancellationToken cancel)
    {
        var scope = await log.ScopeAsync(name, cancel);
        if (!partition.Hears) deciding.Deafen(scope);
        await deciding.OpenAsync([new(scope, name)], cancel);
        var stop = new CancellationTokenSource();
        partition.Homes[name] = new(scope, stop, Task.Run(() => PublishAsync(scope, stop.Token), CancellationToken.None));
    }

    private async Task PublishAsync(int scope, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await publisher().RunAsync(scope, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                logger.NotPublished(e, scope);
                await Task.Delay(TimeSpan.FromSeconds(5), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
