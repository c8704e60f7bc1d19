using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;
using Ingest;
using Pipeline.Broker;
using Pipeline.Config;
using Pipeline.Hosting;
using Pipeline.Messages;
using Pipeline.Pagers;
using Projections;

namespace Pipeline.Cluster;

/// <summary>One process of a cluster: its role's parts, wired to the broker, the shared log, the leases and the bus.</summary>
/// <remarks>Ingest needs the broker alone, so that a store that is down stops no sender until the queues are full.</remarks>
internal sealed class ClusterNode : IServed, IResubmit, IDeciding
{
    /// <summary>The kinds of leases.</summary>
    public const string Partitions = "partition", PagerLeases = "pager", HeartbeatLease = "heartbeat", TrimLease = "trim", DeadLetterLease = "dead-letters";

    private static readonly TimeSpan LeaveWithin = TimeSpan.FromSeconds(4), SettledWithin = TimeSpan.FromSeconds(5);

    /// <summary>All of a stop, whatever hangs: the process has ten seconds, and what answers HTTP takes of them too.</summary>
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(7);

    private readonly Settings settings;
    private readonly Role role;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly BrokerLink broker;
    private readonly SharedStore? store;
    private readonly MessageBus? bus;
    private readonly Deciding? deciding;
    private readonly PartitionShares? partitions;
    private readonly PagerShares? pagers;
    private readonly LogFollower? follower;
    private readonly PagerHttp http;
    private readonly List<LeaseKeeper> keepers = [];
    private readonly List<Task> running = [];
    private readonly CancellationTokenSource stop = new(), leave = new();
    private Task leaving = Task.CompletedTask;
    private volatile bool started;

    private ClusterNode(ClusterParts parts, BrokerLink broker, SharedStore? store)
    {
        (settings, role, time, logger) = (parts.Settings, parts.Role, parts.Time, parts.Loggers.CreateLogger("pipeline.cluster"));
        (this.broker, this.store) = (broker, store);
        Identities = new(settings.Rules.Identity);
        http = new(time);
        if (store is null) return;

        if (role.Does(Role.Dedupe)) deciding = new(settings, store.Log, new(), time, logger, Tell);
        var address = BrokerAddress.Parse(settings.Cluster!.Broker!, out _)!;
        bus = new(new()
        {
            Broker = address.First, MoreHosts = [.. address.Hosts.Skip(1).Select(h => $"{h.Host}:{h.Port}")], Node = store.Leases.Node, Owned = deciding is null ? null : new OwnedScopes(deciding), HearsPagesDue = role == Role.Pager,
        }, time, parts.Loggers);
        if (deciding is not null)
        {
            partitions = new(deciding, store.Log, store.Leases, broker.Reader, broker.Intake.SendOnAsync, () => bus.Publisher(store.Log), settings, Identities, time, logger);
            keepers.Add(new(store.Leases, Partitions, settings.Cluster.Partitions, partitions, () => deciding.Lag, time, logger));
            keepers.Add(new(store.Leases, DeadLetterLease, 1, new Alone("reading the dead letters", cancel => broker.ReadDeadLettersAsync(Identities, cancel), time, logger), () => TimeSpan.Zero, time, logger));
        }
        if (role is Role.Dedupe) return;

        follower = new(store.Log, Fold, Fold, role == Role.Pager ? bus.PagesDue : null, time, logger);
        var directory = new LeaseDirectory(store.Leases, store.Log);
        var acts = bus.ActsElsewhere(directory, store.Log, follower.FoldedAsync);
        var ports = PagerTypes.Make(settings.Pagers, new(http, store.Log, time, parts.Terminal, Colour: !Console.IsOutputRedirected && parts.Terminal == Console.Out));
        if (role.Does(Role.Pager))
        {
            pagers = new(ports, store.Log, acts, new() { Shadow = parts.Shadow, Time = time, Logger = logger, LoadBody = LoadBodyAsync });
            keepers.Add(new(store.Leases, PagerLeases, pagers.Count, pagers, () => TimeSpan.Zero, time, logger));
            keepers.Add(new(store.Leases, TrimLease, 1, new Alone("dropping what is past retention", TrimAsync, time, logger), () => TimeSpan.Zero, time, logger));
            if (settings.Heartbeat is { } heartbeat)
                keepers.Add(new(store.Leases, HeartbeatLease, 1, new Alone("the heartbeat", cancel => new Heartbeat(heartbeat, http, store.Lag, time, logger).RunAsync(cancel), time, logger), () => TimeSpan.Zero, time, logger));
        }
        if (role.Does(Role.Project))
            Queried = new(store.Log, Views, acts, this, new ClusterPageDesk(new(ports, time, (_, _) => { }), store.Log, parts.Shadow, time), this, bus.LearnedElsewhere(directory, store.Log));
    }

    public Task Died => deciding?.Died ?? Task.Delay(Timeout.Infinite, CancellationToken.None);

    public IIntake? Intake => role.Does(Role.Ingest) ? broker.Intake : null;

    public Identities Identities { get; }

    public Queried? Queried { get; }

    public Views Views { get; } = new();

    // A node that ingests is of use while the store is away; one that only reads, decides or pages is of none.
    public bool LogOpen => store is null || (deciding is not { Recorder.IsFull: true } && started && (store.Answers || role == Role.All));

    public bool StateRecovered => started && follower is not { CaughtUp.IsCompleted: false } && keepers.TrueForAll(k => k.Joined) && deciding is not { Died.IsCompleted: true };

    public bool IngestAccepting => !role.Does(Role.Ingest) || (started && broker.Intake is { Ready: true, Trouble: null });

    /// <exception cref="Cli.UsageException">What the configuration lacks for this role.</exception>
    /// <exception cref="BrokerException">The broker is not there, or not as it should be.</exception>
    public static async Task<ClusterNode> OpenAsync(ClusterParts parts, CancellationToken cancel)
    {
        var broker = new BrokerLink(parts);
        SharedStore? store = null;
        try
        {
            if (parts.Role != Role.Ingest) store = await SharedStore.OpenAsync(parts, cancel);
            return new(parts, broker, store);
        }
        catch
        {
            if (store is not null) await store.DisposeAsync();
            await broker.DisposeAsync();
            throw;
        }
    }

    public async Task StartAsync(CancellationToken cancel)
    {
        await broker.StartAsync(Identities, cancel);
        if (bus is not null) await bus.StartAsync().WaitAsync(cancel);
        if (deciding is not null)
        {
            await store!.Log.ScopeAsync(ScopeNames.Default, cancel);
            deciding.Start();
            running.Add(new HomelessScopes(store.Log, store.Leases, broker.Intake, time, logger).RunAsync(leave.Token));
            running.Add(partitions!.FollowHomesAsync(leave.Token));
        }
        if (follower is not null) running.Add(follower.RunAsync(stop.Token));
        if (role.Does(Role.Project)) running.Add(store!.KeepDocumentsAsync(logger, stop.Token));
        if (follower is not null && pagers is not null) await follower.CaughtUp.WaitAsync(cancel);
        leaving = Task.WhenAll(keepers.Select(k => k.RunAsync(leave.Token)));
        started = true;
    }

    public async ValueTask<ResubmitAnswer> ResubmitAsync(string source, ReadOnlyMemory<byte> body, CancellationToken cancel) =>
        await Resubmission.ByAsync(broker.Intake, source, body, Identities, settings.Limits, time, cancel);

    /// <summary>True once what is decided by now is folded here; what is recorded and not decided yet is other nodes' to know.</summary>
    public async ValueTask<bool> SettledAsync(CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(SettledWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            foreach (var (scope, _) in await store!.Log.ScopesAsync(either.Token))
                await follower!.FoldedAsync(scope, (await store.Log.PositionAsync(scope, either.Token)).LastDecision, either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Refuses what comes, confirms what was taken, finishes and gives back its shares; owed pages stay owed.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync().WaitAsync(StopWithin, time);
        }
        catch (TimeoutException e)
        {
            // The store or the broker hangs. What was not finished is in the log or in the queue, and its leases run out by themselves.
            logger.NotStoppedInTime(e, StopWithin.TotalSeconds);
        }
    }

    private async Task StopAsync()
    {
        var intake = broker.StopIntakeAsync();
        await leave.CancelAsync();
        // What was taken is decided and acknowledged; what that takes too long for is another node's soon.
        await Task.WhenAll(intake, leaving).WaitAsync(LeaveWithin, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (deciding is not null) await deciding.DisposeAsync();
        await stop.CancelAsync();
        await Task.WhenAll([intake, leaving, .. running]);
        if (bus is not null) await bus.DisposeAsync();
        await broker.DisposeAsync();
        if (store is not null) await store.DisposeAsync();
        http.Dispose();
        stop.Dispose();
        leave.Dispose();
    }

    private void Tell(int scope, DecisionRecord record, Decision decision)
    {
        if (decision is Decision.PageDecided) bus!.Nudges.PagesDue(scope, record.Version);
    }

    private void Fold(int scope, DecisionRecord record, Decision decision)
    {
        Views.Fold(scope, record, decision);
        pagers?.Fold(decision);
    }

    private void Fold(OutcomeRecord outcome)
    {
        Views.Fold(outcome);
        pagers?.Fold(outcome);
    }

    private ValueTask<string?> LoadBodyAsync(string page) => PageBodies.LoadAsync(Views, store!.Log, page);

    private Task TrimAsync(CancellationToken cancel) => new Retention(settings.Retention, store!.Log, Views, time, logger).RunAsync(cancel);
}

/// <summary>What a node of a cluster is made with.</summary>
internal sealed record ClusterParts(Settings Settings, Role Role, bool Shadow, TimeProvider Time, TextWriter Terminal, ILoggerFactory Loggers);
