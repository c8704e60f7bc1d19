using Dedupe.Deciding;
using Dedupe.Log;
using global::Stores.Marten;
using global::Stores.Sqlite;
using Pipeline.Cli;
using Pipeline.Config;
using Pipeline.Hosting;
using Pipeline.Migrating;
using Pipeline.Tests.Faults;
using Pipeline.Tests.Servers;
using Pipeline.Tests.Stores;
using Xunit;

namespace Pipeline.Tests.Migrating;

/// <summary>A log is copied into another store: the whole of it, or nobody is told that it was.</summary>
public abstract class MigrationContract : IAsyncLifetime
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly TemporaryFolder folder = new();
    private SqliteLog source = null!;
    private ILogTarget copy = null!;

    /// <summary>Opens the store to copy into; the same again when it was open before.</summary>
    protected abstract Task<ILogTarget> OpenAsync();

    protected string Folder => folder.Path;

    public async ValueTask InitializeAsync()
    {
        source = await SqliteLog.OpenAsync(Path.Combine(folder.Path, "from"), Cancel);
        copy = await OpenAsync();
    }

    public virtual async ValueTask DisposeAsync()
    {
        await copy.DisposeAsync();
        await source.DisposeAsync();
        folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Everything_is_copied_compared_and_decided_again()
    {
        await Recorded.FillAsync(source, 1, 400);
        var result = await MigrateAsync();
        Assert.Null(result.NotReplayed);
        Assert.Equal((0, 2), (result.Resumed, result.Snapshots));
        Assert.Equal(["inputs", "decisions", "inputs", "decisions", "outcomes", "keys"], result.Parts.Select(p => p.What));
        Assert.Equal(result.Parts.Take(4).Sum(p => p.Count), result.Copied);
        Assert.All(result.Parts, part => Assert.True(part.Count > 0, part.What));
        await AssertSameAsync();
        // A second time there is nothing to do.
        Assert.Equal((result.Copied, 0), ((await MigrateAsync()) is var again ? (again.Resumed, again.Copied) : default));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Interrupted_again_and_again_it_goes_on_where_it_stopped(int seed)
    {
        await Recorded.FillAsync(source, seed, 600);
        var random = new Random(seed);
        var interruptions = 0;
        for (var before = -1L; interruptions < 100;)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            var appends = random.Next(1, 3);
            var migration = new Migration(source, copy, new(), async (title, _, work) => await work(_ =>
            {
                if (title == "copying" && --appends == 0) stop.Cancel();
            }));
            try
            {
                var result = await migration.RunAsync(replay: true, stop.Token);
                Assert.Null(result.NotReplayed);
                break;
            }
            catch (OperationCanceledException)
            {
                interruptions++;
                var now = await HeldAsync();
                Assert.True(now > before, $"seed {seed}: nothing was copied by attempt {interruptions}");
                before = now;
                await Assert.ThrowsAsync<IOException>(() => CopyMark.RefuseUnfinishedAsync(copy, Cancel));
                await copy.DisposeAsync();
                copy = await OpenAsync();
            }
        }
        Assert.True(interruptions > 1, $"seed {seed}: it was interrupted {interruptions} times");
        await CopyMark.RefuseUnfinishedAsync(copy, Cancel);
        await AssertSameAsync();
    }

    [Fact]
    public async Task A_log_whose_oldest_days_are_gone_keeps_its_numbers()
    {
        await Recorded.FillAsync(source, 4, 2_500);
        var ends = (await source.PositionAsync(1, Cancel)).LastAt;
        Assert.True(await source.TrimAsync(ends.AddDays(-1), ends.AddDays(-1), null, Cancel) > 0);
        var position = await source.PositionAsync(1, Cancel);
        Assert.True(position.FirstInput > 1);
        Assert.True((await source.ReadDecisionsAsync(1, 1, Cancel).FirstAsync(Cancel)).Version > 1);
        var result = await MigrateAsync();
        Assert.Contains("oldest days", result.NotReplayed, StringComparison.Ordinal);
        Assert.Equal(position, await copy.PositionAsync(1, Cancel));
        await AssertSameAsync();
        // Whoever serves the copy goes on from the state that the snapshot holds.
        var reader = new InputReader("default", new());
        var (decider, _, snapshot) = await new Recovery(copy, reader, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance).RunAsync(1, "default", Cancel);
        Assert.Equal((position.LastInput, position.LastInput), (decider.LastInput, snapshot));
    }

    [Fact]
    public async Task A_store_that_holds_another_log_is_refused_and_left_as_it_is()
    {
        await Recorded.FillAsync(source, 5, 60);
        await using (var other = await SqliteLog.OpenAsync(Path.Combine(Folder, "other"), Cancel))
        {
            await Recorded.FillAsync(other, 6, 50);
            await new Migration(other, copy, new(), WithoutBar).RunAsync(replay: false, Cancel);
        }
        var refused = await Assert.ThrowsAsync<UsageException>(() => MigrateAsync());
        Assert.Contains("--to holds another log", refused.Message, StringComparison.Ordinal);
        Assert.Equal(50, (await copy.PositionAsync(1, Cancel)).LastInput);
    }

    [Fact]
    public async Task Scopes_in_another_order_are_another_log()
    {
        await Recorded.FillAsync(source, 7, 20);
        await copy.ScopeAsync("second", Cancel);
        var refused = await Assert.ThrowsAsync<UsageException>(() => MigrateAsync());
        Assert.Contains("second", refused.Message, StringComparison.Ordinal);
        Assert.Single(await copy.ScopesAsync(Cancel));
    }

    [Fact]
    public async Task A_copy_that_went_on_by_itself_is_not_overwritten()
    {
        await Recorded.FillAsync(source, 8, 20);
        await MigrateAsync();
        await copy.AppendInputsAsync([new(1, 21, DateTimeOffset.UnixEpoch.AddYears(99), InputKind.Tick, DateTimeOffset.UnixEpoch, "", "", null, default)], Cancel);
        var refused = await Assert.ThrowsAsync<UsageException>(() => MigrateAsync());
        Assert.Contains("input 21", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decisions_that_no_decider_would_make_are_found_by_deciding_again()
    {
        var scope = await source.ScopeAsync("default", Cancel);
        var at = DateTimeOffset.UnixEpoch.AddYears(56);
        await source.AppendInputsAsync([new(scope, 1, at, InputKind.Delivery, at, "generic", "d1", null, """{"labels":{"alertname":"A"}}"""u8.ToArray())], Cancel);
        await source.AppendDecisionsAsync(scope, 0, [DecisionCodec.Write(new Decision.SilenceEnded("none") { At = at }, 1, 1)], Cancel);
        var failed = await Assert.ThrowsAsync<IOException>(() => MigrateAsync());
        Assert.Contains("scope default, input 1", failed.Message, StringComparison.Ordinal);
        Assert.StartsWith("not asked", (await MigrateAsync(replay: false)).NotReplayed, StringComparison.Ordinal);
    }

    private Task<MigrationResult> MigrateAsync(bool replay = true) => new Migration(source, copy, new(), WithoutBar).RunAsync(replay, Cancel);

    private static async Task<long> WithoutBar(string title, long size, Func<Action<long>?, Task<long>> work) => await work(null);

    private async Task<long> HeldAsync()
    {
        var held = 0L;
        foreach (var (scope, _) in await copy.ScopesAsync(Cancel))
            held += await copy.ReadInputsAsync(scope, 1, Cancel).LongCountAsync(Cancel) + await copy.ReadDecisionsAsync(scope, 1, Cancel).LongCountAsync(Cancel);
        return held;
    }

    /// <summary>Not by the migration's own comparison.</summary>
    private async Task AssertSameAsync()
    {
        Assert.Equal(await source.ScopesAsync(Cancel), await copy.ScopesAsync(Cancel));
        foreach (var (scope, _) in await source.ScopesAsync(Cancel))
        {
            Assert.Equal(await source.PositionAsync(scope, Cancel), await copy.PositionAsync(scope, Cancel));
            Assert.Equal(await source.ReadInputsAsync(scope, 1, Cancel).Select(Text).ToListAsync(Cancel), await copy.ReadInputsAsync(scope, 1, Cancel).Select(Text).ToListAsync(Cancel));
            Assert.Equal(await source.ReadDecisionsAsync(scope, 1, Cancel).Select(Text).ToListAsync(Cancel), await copy.ReadDecisionsAsync(scope, 1, Cancel).Select(Text).ToListAsync(Cancel));
        }
        Assert.Equal(await source.ReadOutcomesAsync(Cancel).ToListAsync(Cancel), await copy.ReadOutcomesAsync(Cancel).ToListAsync(Cancel));
        Assert.Equal(await source.ReadKeysAsync(DateTimeOffset.MinValue, Cancel).ToListAsync(Cancel), await copy.ReadKeysAsync(DateTimeOffset.MinValue, Cancel).ToListAsync(Cancel));

        static string Text<T>(T record) => record switch
        {
            InputRecord input => $"{input with { Body = default }} {Convert.ToHexString(input.Body.Span)}",
            DecisionRecord decision => $"{decision with { Data = default }} {Convert.ToHexString(decision.Data.Span)}",
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}

/// <summary>From one folder to another.</summary>
public sealed class MigrationToFolderTests : MigrationContract
{
    protected override async Task<ILogTarget> OpenAsync() => await SqliteLog.OpenAsync(Path.Combine(Folder, "to"), TestContext.Current.CancellationToken);
}

/// <summary>From a folder to PostgreSQL.</summary>
[Trait("needs", "server")]
public sealed class MigrationToPostgresTests(SharedPostgres postgres) : MigrationContract
{
    private string? database;

    protected override async Task<ILogTarget> OpenAsync() =>
        await MartenLog.OpenAsync(postgres.Address(database ??= await postgres.PreparedAsync()), TestContext.Current.CancellationToken);
}

/// <summary>From a folder to EventStoreDB's protocol.</summary>
public sealed class MigrationToEventStoreTests : MigrationContract
{
    private Stores.EventStore.FakeEventStore? server;

    protected override async Task<ILogTarget> OpenAsync() =>
        await global::Stores.EventStore.EventStoreLog.OpenAsync((server ??= await Stores.EventStore.FakeEventStore.StartAsync()).Address, TestContext.Current.CancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (server is not null) await server.DisposeAsync();
    }
}
