using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Pipeline.Cluster;
using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Servers;
using Stores.Leases;
using Xunit;

namespace Pipeline.Tests.Cluster;

/// <summary>Shares of work over a real database.</summary>
[Collection(nameof(OneAtATime)), Trait("needs", "server")]
public sealed class LeaseKeeperTests(SharedPostgres postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private sealed class Noted : IShares
    {
        private readonly Lock gate = new();
        private readonly SortedSet<int> working = [];

        public IReadOnlyList<int> Working
        {
            get
            {
                lock (gate) return [.. working];
            }
        }

        public Task StartAsync(int number, CancellationToken cancel)
        {
            lock (gate) working.Add(number);
            return Task.CompletedTask;
        }

        public Task StopAsync(int number)
        {
            lock (gate) working.Remove(number);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_stop_in_the_middle_of_a_sign_of_life_stops_all_shares_and_gives_them_back()
    {
        var database = await postgres.PreparedAsync();
        await using var leases = await Leases.OpenAsync(postgres.Address(database), "one", Cancel);
        using var stop = new CancellationTokenSource();
        var work = new Noted();
        var running = new LeaseKeeper(leases, "work", 3, work, () => TimeSpan.Zero, TimeProvider.System, NullLogger.Instance).RunAsync(stop.Token);
        await Wait.ForAsync("all shares being worked on", () => Task.FromResult(work.Working.Count == 3 ? work : null), () => $"{work.Working.Count} are");
        await using (await HeldUpAsync(database))
        {
            await Wait.ForAsync("a sign of life that hangs", async () => await postgres.Server.RunAsync("postgres",
                $"SELECT 1 FROM pg_stat_activity WHERE datname = '{database}' AND wait_event_type = 'Lock'"), () => "none does");
            await stop.CancelAsync();
        }
        await running;
        Assert.Empty(work.Working);
        Assert.Equal(0L, await postgres.Server.RunAsync(database, "SELECT count(*) FROM pipeline.leases WHERE node IS NOT NULL"));
    }

    [Fact]
    public async Task Deciding_lags_without_end_while_a_share_has_no_node_and_not_for_shares_that_there_once_were()
    {
        await using var leases = await Leases.OpenAsync(postgres.Address(await postgres.PreparedAsync()), "one", Cancel);
        Assert.Null(await leases.LagAsync("work", 4, Cancel));
        await leases.BeatAsync("work", 4, TimeSpan.FromSeconds(2), Cancel);
        Assert.Equal(TimeSpan.FromSeconds(2), await leases.LagAsync("work", 4, Cancel));
        await leases.ReleaseAsync("work", 3, Cancel);
        Assert.Null(await leases.LagAsync("work", 4, Cancel));
        Assert.Equal(TimeSpan.FromSeconds(2), await leases.LagAsync("work", 3, Cancel));
    }

    /// <summary>Until disposed nobody can give a sign of life.</summary>
    private async Task<NpgsqlConnection> HeldUpAsync(string database)
    {
        var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={postgres.Server.Port};Username=postgres;Database={database};Pooling=false");
        await connection.OpenAsync(Cancel);
        await using var held = new NpgsqlCommand("BEGIN; LOCK TABLE pipeline.nodes IN ACCESS EXCLUSIVE MODE", connection);
        await held.ExecuteNonQueryAsync(Cancel);
        return connection;
    }
}
