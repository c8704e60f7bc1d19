using System.Collections.Concurrent;
using Dedupe.Log;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Cluster;
using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Stores;
using Stores.Sqlite;
using Xunit;

namespace Pipeline.Tests.Cluster;

/// <summary>Following a log from its beginning while it is trimmed.</summary>
public sealed class LogFollowerTests
{
    private static readonly DateTimeOffset Day = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Outcomes_are_told_each_once_whatever_is_dropped_between_reading_and_following()
    {
        using var folder = new TemporaryFolder();
        await using var log = await SqliteLog.OpenAsync(folder.Path);
        await log.ScopeAsync("default", CancellationToken.None);
        await log.AppendOutcomesAsync([Outcome("pg_1"), Outcome("pg_2"), Outcome("pg_3")], CancellationToken.None);
        var told = new ConcurrentQueue<string>();
        var follower = new LogFollower(log, (_, _, _) => { }, outcome =>
        {
            told.Enqueue(outcome.PageId);
            // Past retention before the last of them is told.
            if (told.Count == 1) log.TrimAsync(DateTimeOffset.MinValue, Day.AddMonths(2), null, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }, null, TimeProvider.System, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var running = follower.RunAsync(stop.Token);
        await follower.CaughtUp.WaitAsync(Wait.Patience, TestContext.Current.CancellationToken);
        await log.AppendOutcomesAsync([Outcome("pg_4")], CancellationToken.None);
        await Wait.ForAsync("the last one", () => Task.FromResult(told.Contains("pg_4") ? "" : null), () => string.Join(' ', told));
        await stop.CancelAsync();
        await running;
        Assert.Equal(["pg_1", "pg_2", "pg_3", "pg_4"], told);
    }

    private static OutcomeRecord Outcome(string page) => new(page, "ops", PageState.Sent, Day, 1, "200 OK");
}
