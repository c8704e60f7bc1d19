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
        await using var followed = log.FollowOutcomesAsync(Cancel).GetAsyncEnumerator(Cancel);
        Assert.Equal("pg_1", await NextAsync(followed, o => o.PageId));
        await log.AppendOutcomesAsync([Outcome("pg_2"), Outcome("pg_3")], Cancel);
        Assert.Equal("pg_2", await NextAsync(followed, o => o.PageId));
        Assert.Equal("pg_3", await NextAsync(followed, o => o.PageId));
    }

    private protected static OutcomeRecord Outcome(string page) => new(page, "ops", PageState.Sent, Day, 1, "200 OK");

    private protected static async Task<TValue> NextAsync<T, TValue>(IAsyncEnumerator<T> followed, Func<T, TValue> value)
    {
        Assert.True(await followed.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancel));
        return value(followed.Current);
    }
}
