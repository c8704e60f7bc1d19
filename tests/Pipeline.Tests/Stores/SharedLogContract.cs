using Dedupe.Log;
using Xunit;

namespace Pipeline.Tests.Stores;

/// <summary>What a store for many processes must do besides. The embedded store is not one of these: it refuses a second opener, and a test
/// of its own says so.</summary>
public abstract class SharedLogContract : LogContract
{
    private ILog second = null!;

    /// <summary>Ends every connection that is open to the store now, as a restarted network device would.</summary>
    protected abstract Task BreakConnectionsAsync();

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        second = await OpenAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await second.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_one_appends_the_other_reads()
    {
        await log.AppendInputsAsync([Input(1), Input(2)], Cancel);
        await second.AppendInputsAsync([Input(3)], Cancel);
        await second.AppendDecisionsAsync(scope, 0, [Decision(1, "inc_a") with { Input = 3 }], Cancel);
        Assert.Equal(new(3, Input(3).At, 1, 3, 1), await log.PositionAsync(scope, Cancel));
        Assert.Equal(await log.PositionAsync(scope, Cancel), await second.PositionAsync(scope, Cancel));
        AssertSame([Input(1), Input(2), Input(3)], await second.ReadInputsAsync(scope, 1, Cancel).ToListAsync(Cancel));
        AssertSame([Decision(1, "inc_a") with { Input = 3 }], await Decisions(1));
        await Assert.ThrowsAsync<WrongNumberException>(async () => await log.AppendInputsAsync([Input(3)], Cancel));
        await Assert.ThrowsAsync<WrongNumberException>(async () => await log.AppendDecisionsAsync(scope, 0, [Decision(1)], Cancel));
    }

    [Fact]
    public async Task A_scope_has_one_number_for_all()
    {
        var numbers = await Task.WhenAll(Enumerable.Range(0, 16)
            .Select(i => Task.Run(() => (i % 2 == 0 ? log : second).ScopeAsync($"s{i / 4}", Cancel).AsTask())));
        Assert.Equal(4, numbers.Distinct().Count());
        Assert.Equal(await log.ScopesAsync(Cancel), await second.ScopesAsync(Cancel));
        Assert.Equal(5, (await log.ScopesAsync(Cancel)).Count);
    }

    [Fact]
    public async Task Of_two_recorders_each_number_is_given_to_one()
    {
        const int Each = 60;
        await Task.WhenAll(Recording(log, "a"), Recording(second, "b"));
        var inputs = await Inputs(1);
        Assert.Equal(Enumerable.Range(1, Each * 2).Select(n => (long)n), inputs.Select(i => i.Number));
        Assert.Equal(Each, inputs.Count(i => i.Source == "a"));

        Task Recording(ILog own, string name) => Task.Run(async () =>
        {
            for (var done = 0; done < Each;)
            {
                var next = (await own.PositionAsync(scope, Cancel)).LastInput + 1;
                try
                {
                    await own.AppendInputsAsync([Input(next) with { Source = name }], Cancel);
                    done++;
                }
                catch (WrongNumberException)
                {
                    // The other one was first.
                }
            }
        });
    }

    [Fact]
    public async Task Of_two_deciders_commits_on_one_version_one_is_taken()
    {
        for (var version = 0L; version < 40; version += 2)
        {
            var taken = await Task.WhenAll(Commit(log, version, "inc_a"), Commit(second, version, "inc_b"));
            Assert.Equal(1, taken.Count(t => t));
        }
        var decisions = await Decisions(1);
        Assert.Equal(Enumerable.Range(1, 40).Select(n => (long)n), decisions.Select(d => d.Version));
        Assert.All(decisions.Chunk(2), commit => Assert.Equal(commit[0].Incident, commit[1].Incident));

        Task<bool> Commit(ILog own, long expected, string incident) => Task.Run(async () =>
        {
            try
            {
                await own.AppendDecisionsAsync(scope, expected, [Decision(expected + 1, incident), Decision(expected + 2, incident)], Cancel);
                return true;
            }
            catch (WrongNumberException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task Who_follows_gets_what_another_process_appends()
    {
        await using var decisions = second.FollowDecisionsAsync(scope, 1, Cancel).GetAsyncEnumerator(Cancel);
        await using var outcomes = second.FollowOutcomesAsync(1, Cancel).GetAsyncEnumerator(Cancel);
        var (decision, outcome) = (NextAsync(decisions, d => d.Version), NextAsync(outcomes, o => o.Outcome.PageId));
        await log.AppendDecisionsAsync(scope, 0, [Decision(1), Decision(2)], Cancel);
        await log.AppendOutcomesAsync([Outcome("pg_1")], Cancel);
        Assert.Equal((1L, "pg_1"), (await decision, await outcome));
        Assert.Equal(2, await NextAsync(decisions, d => d.Version));
    }

    [Fact]
    public async Task Outcomes_of_many_appenders_at_once_are_followed_each_once_and_in_the_order_they_are_read()
    {
        const int Appenders = 8, Each = 25;
        var following = Task.Run(async () => await second.FollowOutcomesAsync(1, Cancel).Take(Appenders * Each).Select(o => o.Outcome.PageId).ToListAsync(Cancel), Cancel);
        await Task.WhenAll(Enumerable.Range(0, Appenders).Select(appender => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++) await (i % 2 == 0 ? log : second).AppendOutcomesAsync([Outcome($"pg_{appender}_{i}")], Cancel);
        })));
        var followed = await following.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        Assert.Equal(Appenders * Each, followed.Distinct().Count());
        Assert.Equal(await log.ReadOutcomesAsync(Cancel).Select(o => o.PageId).ToListAsync(Cancel), followed);
    }

    [Fact]
    public async Task Following_goes_on_behind_the_last_one_after_the_connections_broke()
    {
        await log.AppendDecisionsAsync(scope, 0, [Decision(1), Decision(2)], Cancel);
        await log.AppendOutcomesAsync([Outcome("pg_1")], Cancel);
        await using var decisions = second.FollowDecisionsAsync(scope, 1, Cancel).GetAsyncEnumerator(Cancel);
        await using var outcomes = second.FollowOutcomesAsync(1, Cancel).GetAsyncEnumerator(Cancel);
        Assert.Equal(1, await NextAsync(decisions, d => d.Version));
        Assert.Equal(2, await NextAsync(decisions, d => d.Version));
        Assert.Equal("pg_1", await NextAsync(outcomes, o => o.Outcome.PageId));
        for (var round = 0; round < 3; round++)
        {
            var (version, page) = (NextAsync(decisions, d => d.Version), NextAsync(outcomes, o => o.Outcome.PageId));
            await BreakConnectionsAsync();
            await using (var third = await OpenAsync())
            {
                await third.AppendDecisionsAsync(scope, 2 + round, [Decision(3 + round)], Cancel);
                await third.AppendOutcomesAsync([Outcome($"pg_{2 + round}")], Cancel);
            }
            Assert.Equal((3L + round, $"pg_{2 + round}"), (await version, await page));
        }
    }

    [Fact]
    public async Task What_one_trims_is_gone_for_the_other_which_goes_on_appending()
    {
        await second.AppendInputsAsync([Input(1)], Cancel);
        await second.AppendInputsAsync([Input(2) with { At = Day.AddDays(1) }], Cancel);
        await second.AppendDecisionsAsync(scope, 0, [Decision(1) with { Input = 2 }], Cancel);
        Assert.Equal(1, await log.TrimAsync(Day.AddDays(1), Never, null, Cancel));
        Assert.Equal(2, (await second.PositionAsync(scope, Cancel)).FirstInput);
        Assert.Equal([2], (await second.ReadInputsAsync(scope, 1, Cancel).ToListAsync(Cancel)).Select(i => i.Number));
        var late = await second.ScopeAsync("late", Cancel);
        await second.AppendInputsAsync([Input(1) with { Scope = late }, Input(3) with { At = Day.AddDays(1) }], Cancel);
        Assert.Equal(3, (await log.PositionAsync(scope, Cancel)).LastInput);
        Assert.Single(await Inputs(1, late));
    }
}
