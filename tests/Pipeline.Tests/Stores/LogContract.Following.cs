using Dedupe.Log;
using Xunit;

namespace Pipeline.Tests.Stores;

/// <summary>What following a log promises: what is there, then what comes, in order and each once.</summary>
public abstract partial class LogContract
{
    [Fact]
    public async Task Who_follows_decisions_gets_those_that_are_there_and_then_each_new_one()
    {
        await log.AppendDecisionsAsync(scope, 0, [Decision(1), Decision(2), Decision(3)], Cancel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await using var followed = log.FollowDecisionsAsync(scope, 2, stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.Equal(2, await NextAsync(followed, d => d.Version));
        Assert.Equal(3, await NextAsync(followed, d => d.Version));
        await log.AppendDecisionsAsync(scope, 3, [Decision(4)], Cancel);
        Assert.Equal(4, await NextAsync(followed, d => d.Version));
        await log.AppendDecisionsAsync(scope, 4, [Decision(5), Decision(6)], Cancel);
        Assert.Equal(5, await NextAsync(followed, d => d.Version));
        Assert.Equal(6, await NextAsync(followed, d => d.Version));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await followed.MoveNextAsync());
    }

    [Fact]
    public async Task Who_follows_outcomes_gets_those_that_are_there_and_then_each_new_one()
    {
        await log.AppendOutcomesAsync([Outcome("pg_1")], Cancel);
        await using var followed = log.FollowOutcomesAsync(1, Cancel).GetAsyncEnumerator(Cancel);
        Assert.Equal("pg_1", await NextAsync(followed, o => o.Outcome.PageId));
        await log.AppendOutcomesAsync([Outcome("pg_2"), Outcome("pg_3")], Cancel);
        Assert.Equal("pg_2", await NextAsync(followed, o => o.Outcome.PageId));
        Assert.Equal("pg_3", await NextAsync(followed, o => o.Outcome.PageId));
    }

    [Fact]
    public async Task Who_follows_outcomes_from_a_number_misses_none_and_gets_none_twice_whatever_is_dropped_meanwhile()
    {
        await log.AppendOutcomesAsync([Outcome("pg_1"), Outcome("pg_2"), Outcome("pg_3")], Cancel);
        var there = await log.ReadOutcomesAsync(1, Cancel).ToListAsync(Cancel);
        Assert.Equal(there.Select(o => o.Number).Order().Distinct(), there.Select(o => o.Number));
        Assert.Equal(["pg_2", "pg_3"], await log.ReadOutcomesAsync(there[0].Number + 1, Cancel).Select(o => o.Outcome.PageId).ToListAsync(Cancel));
        // All of them are past their time: a store may keep the last one, and gives no number again.
        await log.TrimAsync(Never, Day.AddMonths(2), null, Cancel);
        await using var followed = log.FollowOutcomesAsync(there[^1].Number + 1, Cancel).GetAsyncEnumerator(Cancel);
        var next = NextAsync(followed, o => o);
        await log.AppendOutcomesAsync([Outcome("pg_4")], Cancel);
        Assert.Equal("pg_4", (await next).Outcome.PageId);
        Assert.True((await log.ReadOutcomesAsync(1, Cancel).LastAsync(Cancel)).Number > there[^1].Number, "a number was given again");
    }

    private protected static OutcomeRecord Outcome(string page) => new(page, "ops", PageState.Sent, Day, 1, "200 OK");

    private protected static async Task<TValue> NextAsync<T, TValue>(IAsyncEnumerator<T> followed, Func<T, TValue> value)
    {
        Assert.True(await followed.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancel));
        return value(followed.Current);
    }
}
