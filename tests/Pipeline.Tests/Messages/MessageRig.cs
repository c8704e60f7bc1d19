using System.Collections.Concurrent;
using Dedupe.Deciding;
using Dedupe.Vocabulary;
using global::Stores.Sqlite;
using MassTransit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Messages;
using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Stores;
using Xunit;

namespace Pipeline.Tests.Messages;

/// <summary>One node with every role, on a log of its own; names of the test's own keep tests on one broker apart.</summary>
internal sealed class MessageRig(string? scopeName = null, bool quorum = true) : IAsyncDisposable
{
    /// <summary>When the sample decisions were made.</summary>
    public static readonly DateTimeOffset Then = new(2024, 5, 17, 9, 30, 15, 250, TimeSpan.Zero);
    public const string Incident = "inc_0123456789ab";

    private readonly TemporaryFolder folder = new();
    private SqliteLog log = null!;
    private long version;
    private CancellationTokenSource? publishing;
    private Task published = Task.CompletedTask;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public string Node { get; } = $"n{Guid.NewGuid():N}";

    /// <summary>The scope's name.</summary>
    public string Scope => scopeName ?? $"scope-{Node}";

    public int ScopeNumber { get; private set; }

    public MessageBus Bus { get; private set; } = null!;

    public MessageActs Acts { get; private set; } = null!;

    public MessageLearned Learned => Bus.LearnedElsewhere(Directory, log);

    public Subscriber Subscriber { get; private set; } = null!;

    public OwnedScopes Owned { get; } = new();

    public Owners Directory { get; } = new();

    public static Decision Opened(string incident, string title = "db-1 does not answer") =>
        new Decision.IncidentOpened(new(incident), title, Severity.Critical) { At = Then };

    public async Task OpenAsync(Uri? broker, TimeProvider time, int scopes = 1, Func<int, long, CancellationToken, Task>? folded = null)
    {
        log = await SqliteLog.OpenAsync(folder.Path, Cancel);
        ScopeNumber = await log.ScopeAsync(Scope, Cancel);
        for (var scope = 2; scope <= scopes; scope++) await log.ScopeAsync($"{Scope}-{scope}", Cancel);
        (Directory.Node, Directory.Scopes) = (Node, scopes);
        Subscriber = new(Scope, quorum);
        Bus = new(new() { Broker = broker, Node = Node, Owned = Owned, HearsPagesDue = true }, time, NullLoggerFactory.Instance, Subscriber.Beside(broker));
        await Bus.StartAsync().WaitAsync(Wait.Patience, Cancel);
        await Subscriber.StartAsync(broker);
        Acts = Bus.ActsElsewhere(Directory, log, folded ?? ((_, _, _) => Task.CompletedTask));
    }

    public async Task DecideAsync(params Decision[] decisions)
    {
        var records = decisions.Select((d, i) => DecisionCodec.Write(d, version + i + 1, 1)).ToList();
        await log.AppendDecisionsAsync(ScopeNumber, version, records, Cancel);
        version += records.Count;
    }

    public void Publish()
    {
        publishing = new();
        published = Bus.Publisher(log).RunAsync(ScopeNumber, publishing.Token);
    }

    /// <summary>On a clock that is far from the decisions' time, which are no history all the same.</summary>
    public async Task PublishFromTheFirstAsync()
    {
        await ForgetPositionAsync();
        Publish();
    }

    public async Task StopPublishingAsync()
    {
        if (publishing is null) return;
        await publishing.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => published);
        publishing.Dispose();
        publishing = null;
    }

    /// <summary>As after a kill before the position was saved.</summary>
    public async Task ForgetPositionAsync() => await log.SaveSnapshotAsync(ScopeNumber, new("publisher", "1", 0, 0, default), Cancel);

    public Task PositionSavedAsync() => Wait.ForAsync("a saved position", async () => await log.LoadSnapshotAsync(ScopeNumber, "publisher", Cancel), () => "");

    /// <summary>Lets fake time pass until something that waits for it is done.</summary>
    public static async Task<T> UntilAsync<T>(FakeTimeProvider fake, Task<T> done)
    {
        await UntilAsync(fake, (Task)done);
        return await done;
    }

    public static async Task UntilAsync(FakeTimeProvider fake, Task done)
    {
        await Wait.ForAsync<string>("it being over", async () =>
        {
            await Task.WhenAny(done, Task.Delay(1, Cancel));
            if (!done.IsCompleted) fake.Advance(TimeSpan.FromMilliseconds(250));
            return done.IsCompleted ? "over" : null;
        }, () => $"fake time is {fake.GetUtcNow()}");
        await done;
    }

    public async ValueTask DisposeAsync()
    {
        await StopPublishingAsync();
        if (Bus is not null) await Bus.DisposeAsync();
        if (Subscriber is not null) await Subscriber.DisposeAsync();
        if (log is not null) await log.DisposeAsync();
        folder.Dispose();
    }

    /// <summary>The scopes decided here, as a test wants them to answer.</summary>
    internal sealed class OwnedScopes : IOwnedScopes
    {
        public Func<int, ActOutcome> Answer { get; set; } = _ => new ActOutcome.Decided(1);

        public ConcurrentQueue<(int Scope, Act Act)> Acts { get; } = [];

        public ConcurrentQueue<(int Scope, Dedupe.Vocabulary.Topology Topology)> Topologies { get; } = [];

        public ConcurrentQueue<(int Scope, string Pager, bool Failing, string Answer)> Reports { get; } = [];

        public ValueTask<ActOutcome> ActAsync(int scope, Act act, CancellationToken cancel)
        {
            Acts.Enqueue((scope, act));
            return ValueTask.FromResult(Answer(scope));
        }

        public ValueTask<ActOutcome> AdoptAsync(int scope, Dedupe.Vocabulary.Topology topology, CancellationToken cancel)
        {
            Topologies.Enqueue((scope, topology));
            return ValueTask.FromResult(Answer(scope));
        }

        public ValueTask<ActOutcome> ReportAsync(int scope, string pager, bool failing, string answer, CancellationToken cancel)
        {
            Reports.Enqueue((scope, pager, failing, answer));
            return ValueTask.FromResult(Answer(scope));
        }

        public LearnedEdges? Learned { get; set; }

        public Task<LearnedEdges?> LearnedAsync(int scope, CancellationToken cancel) => Task.FromResult(Learned);
    }

    /// <summary>One node has all scopes, or nobody has.</summary>
    internal sealed class Owners : IScopeDirectory
    {
        public volatile string? Node;

        public int Scopes { get; set; }

        public ValueTask<IReadOnlyDictionary<int, string>> OwnersAsync(CancellationToken cancel)
        {
            var node = Node;
            return ValueTask.FromResult<IReadOnlyDictionary<int, string>>(
                node is null ? new Dictionary<int, string>() : Enumerable.Range(1, Scopes).ToDictionary(s => s, _ => node));
        }
    }
}
