using System.Collections.Concurrent;
using Dedupe.Log;
using Ingest;
using Pipeline.Broker;
using Pipeline.Config;
using Pipeline.Hosting;
using Pipeline.Messages;
using Stores.Leases;

namespace Pipeline.Cluster;

/// <summary>Reads the partitions whose leases this node holds, and records and decides the scopes whose deliveries come on them.</summary>
/// <param name="sendOn">Publishes a delivery to the scope that it names; false where the broker has not confirmed it.</param>
internal sealed class PartitionShares(
    Deciding deciding, ILog log, Leases leases, Func<int, Func<int, IReadOnlyList<BrokerDelivery>, Task>, Func<bool, CancellationToken, Task>, PartitionReader> reader,
    Func<BrokerDelivery, Task<bool>> sendOn, Func<EventPublisher> publisher, Settings settings, Dedupe.Vocabulary.Identities identities, TimeProvider time, ILogger logger) : IShares
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private readonly ScopeAdmission admission = new(log, leases, settings.Scope.Max);
    private readonly ConcurrentDictionary<int, HeldPartition> held = [];
    private readonly ConcurrentDictionary<string, Home> homes = new(StringComparer.Ordinal);

    /// <summary>A scope is begun and given up by one at a time; as many as there are scopes.</summary>
    private readonly ConcurrentDictionary<string, SemaphoreSlim> gates = new(StringComparer.Ordinal);

    /// <summary>A scope that is decided here, the partition on which its deliveries come, and its events being published.</summary>
    private sealed record Home(int Scope, int Partition, CancellationTokenSource Stop, Task Publishing);

    public async Task StartAsync(int number, CancellationToken cancel)
    {
        var partition = held[number] = new(number);
        foreach (var scope in await leases.ScopesOfAsync(number, cancel)) await OpenAsync(partition, scope, cancel);
        partition.Reading = reader(number, TakeAsync, (hears, stop) => HearingAsync(partition, hears, stop)).RunAsync(partition.Stop.Token);
    }

    public async Task StopAsync(int number)
    {
        if (!held.TryRemove(number, out var partition)) return;
        await partition.Stop.CancelAsync();
        await partition.Reading;
        foreach (var (name, _) in On(number)) await CloseAsync(name, number);
        partition.Stop.Dispose();
    }

    /// <summary>Gives up the scopes whose deliveries come on a partition of another node by now, until stopped.</summary>
    public async Task FollowHomesAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var now = await leases.HomesAsync(stop);
                foreach (var (name, home) in homes)
                {
                    if (!now.TryGetValue(name, out var share) || share == home.Partition) continue;
                    logger.Moved(name, home.Partition, share);
                    await CloseAsync(name, home.Partition);
                }
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (StoreFailures.IsAway(e))
            {
                // Who gives the signs of life says so; nothing moves meanwhile.
            }
            await Task.Delay(Look, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A broker that is away is no silence of the sources: nothing is due for want of them while their partition cannot be read.</summary>
    private async Task HearingAsync(HeldPartition partition, bool hears, CancellationToken stop)
    {
        partition.Hears = hears;
        foreach (var (_, home) in On(partition.Number))
            if (hears) await deciding.HearAsync(home.Scope, stop);
            else deciding.Deafen(home.Scope);
    }

    /// <summary>Records what came on a partition, or sends on what belongs elsewhere; complete when all of it is committed or confirmed.</summary>
    /// <exception cref="IOException">Some of it was not: the broker hands it out again.</exception>
    private async Task TakeAsync(int number, IReadOnlyList<BrokerDelivery> deliveries)
    {
        if (!held.TryGetValue(number, out var partition)) throw new IOException($"partition {number} is another node's now");
        var recorded = new List<Task<IntakeAnswer>>(deliveries.Count);
        var (sent, moved) = (new List<Task<bool>>(), new List<BrokerDelivery>());
        // What belongs elsewhere is asked once a batch: a queue may hold thousands of a scope that moved.
        var places = new Dictionary<string, Belongs>(StringComparer.Ordinal);
        foreach (var delivery in deliveries)
        {
            if (delivery.Scope is not { } scope)
            {
                foreach (var (name, _) in On(number)) Record(delivery, name);
                // Whoever decides it now has it by its own partition, or has it now; a second one is known by its id.
                foreach (var name in partition.Left) sent.Add(sendOn(delivery with { Scope = name }));
                continue;
            }
            if (!places.TryGetValue(scope, out var place)) places[scope] = place = await PlaceAsync(partition, scope, delivery.Id);
            var handedOn = place == Belongs.ToDefault ? delivery with { Id = HandedOn.IdOf(delivery.Id, scope), Scope = ScopeNames.Default } : delivery;
            // A full queue would not take what only its own reader can make room for.
            if (place == Belongs.Here || (place == Belongs.ToDefault && IsHere(ScopeNames.Default, number))) Record(handedOn, handedOn.Scope!);
            else sent.Add(sendOn(handedOn));
            if (place == Belongs.OnItsPartition) moved.Add(delivery);
        }
        var answers = await Task.WhenAll(recorded);
        var confirmed = await Task.WhenAll(sent);
        // The recorder's thread has answered: what follows is the reader's business.
        await Task.Yield();
        foreach (var answer in answers)
            if (answer.Status != IntakeStatus.Recorded) throw new IOException(answer.Detail ?? "not recorded");
        if (confirmed.Contains(false)) throw new IOException("the broker did not take what belongs to another partition");
        foreach (var delivery in moved) partition.NoteSentOn(delivery.Scope!, delivery.Id);

        void Record(BrokerDelivery delivery, string scope)
        {
            var parsed = Sources.Parse(delivery.Source, delivery.Body, new(identities, settings.Limits, delivery.ReceivedAt));
            recorded.Add(deciding.Recorder.TakeAsync(scope, delivery.Id, new(delivery.Source, delivery.ReceivedAt, delivery.Key, delivery.Body, parsed)));
        }
    }

    /// <summary>Where a scope's delivery belongs; begins the scope where that is here.</summary>
    private async Task<Belongs> PlaceAsync(HeldPartition partition, string scope, string delivery)
    {
        if (IsHere(scope, partition.Number)) return Belongs.Here;
        if (partition.IsBeyond(scope)) return Belongs.ToDefault;
        var place = await admission.AskAsync(scope, partition.Number, partition.WasSentOn(delivery), partition.Stop.Token);
        if (place == Belongs.Here) await OpenAsync(partition, scope, partition.Stop.Token);
        if (place == Belongs.ToDefault) partition.NoteBeyond(scope);
        return place;
    }

    private bool IsHere(string scope, int partition) => homes.TryGetValue(scope, out var home) && home.Partition == partition;

    private List<KeyValuePair<string, Home>> On(int partition) => [.. homes.Where(h => h.Value.Partition == partition)];

    private async Task OpenAsync(HeldPartition partition, string name, CancellationToken cancel)
    {
        // It may have moved between two partitions of ours.
        if (homes.TryGetValue(name, out var other)) await CloseAsync(name, other.Partition);
        await AloneAsync(name, async () =>
        {
            var scope = await log.ScopeAsync(name, cancel);
            if (!partition.Hears) deciding.Deafen(scope);
            await deciding.OpenAsync([new(scope, name)], cancel);
            partition.NoteBack(name);
            var stop = new CancellationTokenSource();
            homes[name] = new(scope, partition.Number, stop, Task.Run(() => PublishAsync(scope, stop.Token), CancellationToken.None));
        });
    }

    private Task CloseAsync(string name, int partition) => AloneAsync(name, async () =>
    {
        if (!IsHere(name, partition) || !homes.TryRemove(name, out var home)) return;
        if (held.TryGetValue(partition, out var left)) left.NoteLeft(name);
        await home.Stop.CancelAsync();
        await deciding.CloseAsync(home.Scope);
        await home.Publishing;
        home.Stop.Dispose();
    });

    private async Task AloneAsync(string name, Func<Task> run)
    {
        var gate = gates.GetOrAdd(name, _ => new(1));
        await gate.WaitAsync();
        try
        {
            await run();
        }
        finally
        {
            gate.Release();
        }
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
