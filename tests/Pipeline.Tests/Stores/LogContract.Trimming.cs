using Dedupe.Log;
using Xunit;

namespace Pipeline.Tests.Stores;

/// <summary>What is dropped when its time or the room is over, and what never is.</summary>
public abstract partial class LogContract
{
    [Fact]
    public async Task Trimming_drops_whole_days_oldest_first_and_keeps_the_rest()
    {
        await FourDaysAsync();
        Assert.Equal(2, await log.TrimAsync(Day.AddDays(2).AddHours(12), Never, null, Cancel));
        Assert.Equal([5, 6, 7, 8], (await Inputs(1)).Select(i => i.Number));
        Assert.Equal(new(8, Day.AddDays(3).AddHours(1), 1, 8, 5), await log.PositionAsync(scope, Cancel));
        Assert.Equal(0, await log.TrimAsync(Day.AddDays(2).AddHours(12), Never, null, Cancel));
        await ReopenAsync();
        Assert.Equal([5, 6, 7, 8], (await Inputs(1)).Select(i => i.Number));
        Assert.Equal(new(8, Day.AddDays(3).AddHours(1), 1, 8, 5), await log.PositionAsync(scope, Cancel));
    }

    [Fact]
    public async Task Numbers_go_on_after_everything_of_a_scope_was_trimmed()
    {
        var quiet = await log.ScopeAsync("quiet", Cancel);
        await log.AppendInputsAsync([Input(1) with { Scope = quiet }], Cancel);
        await log.AppendDecisionsAsync(quiet, 0, [Decision(1) with { At = Day }], Cancel);
        await FourDaysAsync();
        await log.AppendDecisionsAsync(scope, 1, [Decision(2) with { At = Day.AddMonths(3), Input = 8 }], Cancel);
        Assert.Equal(3, await log.TrimAsync(Day.AddDays(3), Day.AddMonths(2), null, Cancel));
        Assert.Empty(await Inputs(1, quiet));
        await ReopenAsync();
        Assert.Equal(new(1, Input(1).At, 1, 1, 2), await log.PositionAsync(quiet, Cancel));
        await Assert.ThrowsAsync<WrongNumberException>(async () => await log.AppendInputsAsync([Input(1) with { Scope = quiet }], Cancel));
        await log.AppendInputsAsync([Input(2) with { Scope = quiet, At = Day.AddDays(4) }], Cancel);
        await log.AppendDecisionsAsync(quiet, 1, [Decision(2) with { At = Day.AddMonths(3) }], Cancel);
    }

    [Fact]
    public async Task A_day_that_holds_an_undecided_input_is_not_dropped()
    {
        await log.AppendInputsAsync([Input(1), Input(2) with { At = Day.AddDays(1) }, Input(3) with { At = Day.AddDays(2) }], Cancel);
        Assert.Equal(0, await log.TrimAsync(Day.AddDays(3), Never, 1, Cancel));
        await log.AppendDecisionsAsync(scope, 0, [Decision(1) with { Input = 1 }], Cancel);
        Assert.Equal(1, await log.TrimAsync(Day.AddDays(3), Never, 1, Cancel));
        Assert.Equal([2, 3], (await Inputs(1)).Select(i => i.Number));
    }

    [Fact]
    public async Task A_reading_under_way_goes_on_with_what_a_trim_leaves()
    {
        await log.AppendInputsAsync([.. Enumerable.Range(1, 6000).Select(n => Input(n) with { At = Day.AddDays((n - 1) / 3000) })], Cancel);
        await log.AppendDecisionsAsync(scope, 0, [Decision(1) with { Input = 6000 }], Cancel);
        var read = new List<long>();
        await foreach (var input in log.ReadInputsAsync(scope, 1, Cancel))
        {
            if (read.Count == 0) Assert.Equal(1, await log.TrimAsync(Day.AddDays(1), Never, null, Cancel));
            read.Add(input.Number);
        }
        Assert.Equal(read.Order(), read);
        Assert.Equal(Enumerable.Range(3001, 3000).Select(n => (long)n), read.Where(n => n > 3000));
    }

    [Fact]
    public async Task Decisions_and_outcomes_past_their_time_go_and_the_rest_stays()
    {
        await log.AppendDecisionsAsync(scope, 0, [Decision(1, "inc_a"), Decision(2, "inc_a") with { At = Day.AddMonths(3) }], Cancel);
        await log.AppendOutcomesAsync(
            [new("pg_1", "ops", PageState.Sent, Day, 1, ""), new("pg_2", "ops", PageState.Sent, Day.AddMonths(3), 1, "")], Cancel);
        await log.TrimAsync(Never, Day.AddMonths(2), null, Cancel);
        Assert.Equal([2], (await Decisions(1)).Select(d => d.Version));
        Assert.Equal([2], (await log.ReadIncidentAsync(scope, "inc_a", Cancel).ToListAsync(Cancel)).Select(d => d.Version));
        Assert.Equal(["pg_2"], (await log.ReadOutcomesAsync(Cancel).ToListAsync(Cancel)).Select(o => o.PageId));
        await log.AppendDecisionsAsync(scope, 2, [Decision(3)], Cancel);
    }

    [Fact]
    public async Task Keys_past_a_day_are_forgotten()
    {
        await log.AppendInputsAsync(
            [Input(1) with { Key = "a" }, Input(2) with { Key = "b", ReceivedAt = Day.AddHours(2) },
                Input(3) with { Key = "c", ReceivedAt = Day.AddHours(25) }],
            Cancel);
        await log.TrimAsync(Never, Never, null, Cancel);
        Assert.Equal(["b", "c"], (await log.ReadKeysAsync(Never, Cancel).ToListAsync(Cancel)).Select(k => k.Key));
    }

    [Fact]
    public async Task Over_its_size_the_oldest_days_go_first_and_the_newest_stays()
    {
        var body = new byte[1024 * 1024];
        for (var day = 0; day < 4; day++)
            await log.AppendInputsAsync([Input(day + 1) with { At = Day.AddDays(day), Body = body }], Cancel);
        await log.AppendDecisionsAsync(scope, 0, [Decision(1) with { Input = 4 }], Cancel);
        Assert.Equal(2, await log.TrimAsync(Never, Never, (5 * 1024 * 1024) / 2, Cancel));
        Assert.Equal([3, 4], (await Inputs(1)).Select(i => i.Number));
        Assert.Equal(1, await log.TrimAsync(Never, Never, 1, Cancel));
        Assert.Equal([4], (await Inputs(1)).Select(i => i.Number));
    }

    /// <summary>Two inputs a day on four days, all decided.</summary>
    private async Task FourDaysAsync()
    {
        for (var i = 0; i < 8; i++) await log.AppendInputsAsync([Input(i + 1) with { At = Day.AddDays(i / 2).AddHours(i % 2) }], Cancel);
        await log.AppendDecisionsAsync(scope, 0, [Decision(1) with { Input = 8 }], Cancel);
    }
}
