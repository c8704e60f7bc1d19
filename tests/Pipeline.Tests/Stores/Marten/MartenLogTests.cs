using System.Diagnostics;
using System.Text;
using Dedupe.Log;
using Npgsql;
using Pipeline.Tests.Servers;
using global::Stores.Marten;
using Xunit;

namespace Pipeline.Tests.Stores.Marten;

/// <summary>What only PostgreSQL's store promises: its tables, its server, its network.</summary>
[Trait("needs", "server")]
public sealed class MartenLogTests(SharedPostgres postgres)
{
    private static readonly DateTimeOffset Day = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Opened_by_several_at_once_the_tables_are_made_once()
    {
        var address = postgres.Address(await postgres.EmptyAsync());
        var logs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => MartenLog.OpenAsync(address, Cancel))));
        foreach (var log in logs)
        {
            Assert.Equal(1, await log.ScopeAsync("default", Cancel));
            await log.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_log_of_a_newer_release_is_not_touched()
    {
        var database = await postgres.PreparedAsync();
        await postgres.Server.RunAsync(database, "UPDATE pipeline.format SET version = version + 1");
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => MartenLog.OpenAsync(postgres.Address(database), Cancel));
        Assert.Contains("newer release", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_logs_lie_in_one_database_under_their_own_schemas()
    {
        var address = postgres.Address(await postgres.EmptyAsync());
        await using var one = await MartenLog.OpenAsync($"{address}?schema=one", Cancel);
        await using var two = await MartenLog.OpenAsync($"{address}?schema=two", Cancel);
        await one.AppendInputsAsync([Input(await one.ScopeAsync("default", Cancel), 1)], Cancel);
        Assert.Equal(0, (await two.PositionAsync(await two.ScopeAsync("default", Cancel), Cancel)).LastInput);
    }

    [Fact]
    public async Task An_event_of_the_same_decision_has_the_same_id_and_of_another_another()
    {
        var database = await postgres.PreparedAsync();
        await using var log = await MartenLog.OpenAsync(postgres.Address(database), Cancel);
        var scope = await log.ScopeAsync("default", Cancel);
        await log.AppendDecisionsAsync(scope, 0, [Decision(1), Decision(2)], Cancel);
        Assert.Equal(DecidedBytes.IdOf(scope, Decision(1)), await postgres.Server.RunAsync(database, "SELECT id FROM pipeline.mt_events WHERE version = 1"));
        Assert.Equal(DecidedBytes.IdOf(scope, Decision(2)), await postgres.Server.RunAsync(database, "SELECT id FROM pipeline.mt_events WHERE version = 2"));
        Assert.Equal(4, new[] { Decision(1), Decision(2), Decision(1) with { Input = 2 }, Decision(1) with { Data = new byte[] { 1 } } }
            .Select(d => DecidedBytes.IdOf(scope, d)).Distinct().Count());
        Assert.NotEqual(DecidedBytes.IdOf(1, Decision(1)), DecidedBytes.IdOf(2, Decision(1)));
    }

    [Fact]
    public async Task An_append_whose_answer_got_lost_is_of_unknown_outcome_and_is_there_once()
    {
        var database = await postgres.PreparedAsync();
        await using var direct = await MartenLog.OpenAsync(postgres.Address(database), Cancel);
        await using var wire = new Wire(postgres.Server.Port);
        await using var log = await MartenLog.OpenAsync($"postgres://postgres@127.0.0.1:{wire.Port}/{database}", Cancel);
        var scope = await log.ScopeAsync("default", Cancel);
        await log.AppendInputsAsync([Input(scope, 1)], Cancel);

        wire.SwallowAnswers();
        var appending = log.AppendInputsAsync([Input(scope, 2)], Cancel).AsTask();
        while ((await direct.PositionAsync(scope, Cancel)).LastInput < 2) await Task.Yield();
        wire.Cut();
        var unknown = await Assert.ThrowsAnyAsync<Exception>(() => appending);
        Assert.False(unknown is WrongNumberException or StoreFullException, unknown.ToString());

        await Assert.ThrowsAsync<WrongNumberException>(async () => await log.AppendInputsAsync([Input(scope, 2)], Cancel));
        Assert.Equal([1, 2], (await log.ReadInputsAsync(scope, 1, Cancel).ToListAsync(Cancel)).Select(i => i.Number));
    }

    [Fact]
    public async Task A_network_that_is_cut_again_and_again_loses_nothing_that_was_acknowledged_and_doubles_nothing()
    {
        var database = await postgres.PreparedAsync();
        await using var wire = new Wire(postgres.Server.Port);
        await using var log = await MartenLog.OpenAsync($"postgres://postgres@127.0.0.1:{wire.Port}/{database}", Cancel);
        var scope = await log.ScopeAsync("default", Cancel);
        var followed = Task.Run(async () => await log.FollowDecisionsAsync(scope, 1, Cancel).Take(60).Select(d => d.Version).ToListAsync(Cancel), Cancel);
        var (acknowledged, cuts) = (0L, 0);
        while (acknowledged < 60)
        {
            try
            {
                // A cut while it works: at another moment each time.
                var commit = log.AppendDecisionsAsync(scope, acknowledged, [Decision(acknowledged + 1), Decision(acknowledged + 2)], Cancel).AsTask();
                if (acknowledged % 6 == 0 && cuts <= acknowledged / 6)
                {
                    cuts++;
                    for (var i = 0; i < cuts; i++) await Task.Yield();
                    wire.Cut();
                }
                await commit;
                acknowledged += 2;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // What a decider does after a wrong version or an unknown outcome: it looks where the log stands.
                acknowledged = await StandsAsync();
            }
        }
        Assert.True(cuts > 5);
        Assert.Equal(Enumerable.Range(1, 60).Select(n => (long)n), (await log.ReadDecisionsAsync(scope, 1, Cancel).ToListAsync(Cancel)).Select(d => d.Version));
        Assert.Equal(Enumerable.Range(1, 60).Select(n => (long)n), await followed.WaitAsync(TimeSpan.FromSeconds(30), Cancel));

        async Task<long> StandsAsync()
        {
            for (var tries = 0; ; tries++)
            {
                try
                {
                    return (await log.PositionAsync(scope, Cancel)).LastDecision;
                }
                catch (NpgsqlException) when (tries < 10)
                {
                    // A connection of the pool that was cut too.
                }
            }
        }
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up()
    {
        var database = await postgres.PreparedAsync();
        await using var wire = new Wire(postgres.Server.Port);
        await using var log = await MartenLog.OpenAsync(
            $"Host=127.0.0.1;Port={wire.Port};Username=postgres;Database={database};Command Timeout=1;Cancellation Timeout=200;Timeout=1", Cancel);
        var scope = await log.ScopeAsync("default", Cancel);
        wire.SwallowAnswers();
        var began = Stopwatch.GetTimestamp();
        var unknown = await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await log.AppendInputsAsync([Input(scope, 1)], Cancel));
        Assert.IsType<TimeoutException>(unknown.InnerException);
        await Assert.ThrowsAnyAsync<Exception>(async () => await log.AppendDecisionsAsync(scope, 0, [Decision(1)], Cancel));
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_full_disk_refuses_whole_and_takes_the_same_numbers_once_there_is_room()
    {
        using var disk = await SmallDisk.MountAsync("12m");
        using (var chown = Process.Start("chown", ["postgres", disk.Path])) await chown.WaitForExitAsync(Cancel);
        var database = await postgres.PreparedAsync();
        await postgres.Server.RunAsync("postgres", $"CREATE TABLESPACE small_{database} LOCATION '{disk.Path}'");
        try
        {
            await postgres.Server.RunAsync("postgres", $"ALTER DATABASE {database} SET default_tablespace = small_{database}");
            await using var log = await MartenLog.OpenAsync(postgres.Address(database), Cancel);
            var scope = await log.ScopeAsync("default", Cancel);
            await log.AppendInputsAsync([Input(scope, 1)], Cancel);
            var body = new byte[1024 * 1024];
            var last = 1L;
            var full = await Assert.ThrowsAsync<StoreFullException>(async () =>
            {
                for (; last < 40; last++) await log.AppendInputsAsync([Input(scope, last + 1) with { Body = body }], Cancel);
            });
            Assert.Contains("make room", full.Message, StringComparison.Ordinal);
            Assert.Equal(last, (await log.PositionAsync(scope, Cancel)).LastInput);
            // Decisions lie elsewhere here: what was accepted can still be decided, and room made.
            await log.AppendDecisionsAsync(scope, 0, [Decision(1) with { Input = last }], Cancel);
            await postgres.Server.RunAsync(database, "ALTER DATABASE " + database + " RESET default_tablespace");
            NpgsqlConnection.ClearAllPools();
            await using var roomy = await MartenLog.OpenAsync(postgres.Address(database), Cancel);
            await roomy.AppendInputsAsync([Input(scope, last + 1) with { Body = body, At = Day.AddDays(1) }], Cancel);
            Assert.Equal(last + 1, (await log.PositionAsync(scope, Cancel)).LastInput);
        }
        finally
        {
            await postgres.Server.RunAsync("postgres", $"DROP DATABASE {database} WITH (FORCE)");
            await postgres.Server.RunAsync("postgres", $"DROP TABLESPACE small_{database}");
        }
    }

    [Fact]
    public async Task With_no_connection_to_be_had_an_append_fails_and_a_follower_goes_on_when_there_is_one()
    {
        var database = await postgres.PreparedAsync();
        await using var log = await MartenLog.OpenAsync(postgres.Address(database), Cancel);
        var scope = await log.ScopeAsync("default", Cancel);
        await using var followed = log.FollowDecisionsAsync(scope, 1, Cancel).GetAsyncEnumerator(Cancel);
        await postgres.Server.RunAsync("postgres", $"ALTER DATABASE {database} WITH ALLOW_CONNECTIONS false");
        await postgres.Server.RunAsync("postgres", $"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{database}'");
        var next = followed.MoveNextAsync().AsTask();
        for (var i = 0; i < 3; i++)
        {
            var failure = await Assert.ThrowsAnyAsync<Exception>(async () => await log.AppendInputsAsync([Input(scope, 1)], Cancel));
            Assert.False(failure is WrongNumberException or StoreFullException, failure.ToString());
        }
        Assert.False(next.IsCompleted);
        await postgres.Server.RunAsync("postgres", $"ALTER DATABASE {database} WITH ALLOW_CONNECTIONS true");
        await log.AppendDecisionsAsync(scope, 0, [Decision(1)], Cancel);
        Assert.True(await next.WaitAsync(TimeSpan.FromSeconds(20), Cancel));
        Assert.Equal(1, followed.Current.Version);
    }

    private static InputRecord Input(int scope, long number) =>
        new(scope, number, Day, InputKind.Delivery, Day, "generic", "", null, Encoding.UTF8.GetBytes($"body {number}"));

    private static DecisionRecord Decision(long version) => new(version, 1, Day, "alert-decided", "inc_a", Encoding.UTF8.GetBytes($"{{\"v\":{version}}}"));
}
