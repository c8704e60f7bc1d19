using Dedupe.Log;
using Xunit;

namespace Pipeline.Tests.Stores;

/// <summary>What a copy of another log needs: numbers that begin later, and keys that come on their own.</summary>
public abstract partial class LogContract
{
    private ILogTarget Target => (ILogTarget)log;

    [Fact]
    public async Task A_scope_that_begins_behind_a_position_goes_on_from_there()
    {
        await Target.BeginAsync(scope, new(700, Day, 40, 690, 1), Cancel);
        LogPosition begun = new(700, Day, 40, 690, 701);
        Assert.Equal(begun, await log.PositionAsync(scope, Cancel));
        await ReopenAsync();
        Assert.Equal(begun, await log.PositionAsync(scope, Cancel));
        Assert.Empty(await Inputs(1));
        Assert.Empty(await Decisions(1));

        await Assert.ThrowsAsync<WrongNumberException>(async () => await log.AppendInputsAsync([Input(1)], Cancel));
        await Assert.ThrowsAsync<WrongNumberException>(async () => await log.AppendDecisionsAsync(scope, 0, [Decision(1)], Cancel));
        await log.AppendInputsAsync([Input(701), Input(702)], Cancel);
        await log.AppendInputsAsync([Input(703)], Cancel);
        await log.AppendDecisionsAsync(scope, 40, [Decision(41, "inc_a") with { Input = 701 }, Decision(42) with { Input = 702 }], Cancel);
        await log.AppendDecisionsAsync(scope, 42, [Decision(43, "inc_a") with { Input = 703 }], Cancel);
        await ReopenAsync();
        AssertSame([Input(701), Input(702), Input(703)], await Inputs(1));
        AssertSame([Input(702), Input(703)], await Inputs(702));
        Assert.Equal([41L, 42, 43], (await Decisions(1)).Select(d => d.Version));
        Assert.Equal([43L], (await Decisions(43)).Select(d => d.Version));
        Assert.Equal([41L, 43], (await log.ReadIncidentAsync(scope, "inc_a", Cancel).ToListAsync(Cancel)).Select(d => d.Version));
        Assert.Equal(new(703, Input(703).At, 43, 703, 701), await log.PositionAsync(scope, Cancel));
    }

    [Fact]
    public async Task Inputs_and_decisions_may_begin_each_at_the_beginning_or_later()
    {
        var (inputs, decisions) = (await log.ScopeAsync("inputs", Cancel), await log.ScopeAsync("decisions", Cancel));
        await Target.BeginAsync(scope, new(0, Never, 0, 0, 1), Cancel);
        await Target.BeginAsync(inputs, new(1, Day, 0, 0, 2), Cancel);
        await Target.BeginAsync(decisions, new(0, Never, 1, 1, 1), Cancel);
        await log.AppendInputsAsync([Input(1), Input(2) with { Scope = inputs }, Input(1) with { Scope = decisions }], Cancel);
        await log.AppendDecisionsAsync(scope, 0, [Decision(1)], Cancel);
        await log.AppendDecisionsAsync(inputs, 0, [Decision(1) with { Input = 2 }], Cancel);
        await log.AppendDecisionsAsync(decisions, 1, [Decision(2)], Cancel);
        Assert.Equal([2L], (await Inputs(1, inputs)).Select(i => i.Number));
        Assert.Equal([2L], (await log.ReadDecisionsAsync(decisions, 1, Cancel).ToListAsync(Cancel)).Select(d => d.Version));
        Assert.Equal(new(2, Input(2).At, 1, 2, 2), await log.PositionAsync(inputs, Cancel));
        Assert.Equal(new(1, Input(1).At, 2, 1, 1), await log.PositionAsync(decisions, Cancel));
    }

    [Fact]
    public async Task A_scope_begins_once_and_only_while_it_is_empty()
    {
        var (other, third) = (await log.ScopeAsync("other", Cancel), await log.ScopeAsync("third", Cancel));
        await Target.BeginAsync(scope, new(700, Day, 40, 690, 701), Cancel);
        await Target.BeginAsync(scope, new(700, Day, 40, 690, 701), Cancel);
        await Assert.ThrowsAsync<WrongNumberException>(async () => await Target.BeginAsync(scope, new(800, Day, 40, 690, 801), Cancel));
        await log.AppendInputsAsync([Input(1) with { Scope = other }], Cancel);
        await Assert.ThrowsAsync<WrongNumberException>(async () => await Target.BeginAsync(other, new(800, Day, 40, 690, 801), Cancel));
        await log.AppendDecisionsAsync(third, 0, [Decision(1)], Cancel);
        await Assert.ThrowsAsync<WrongNumberException>(async () => await Target.BeginAsync(third, new(0, Never, 40, 690, 1), Cancel));
        Assert.Equal(new(700, Day, 40, 690, 701), await log.PositionAsync(scope, Cancel));
        Assert.Equal(1, (await log.PositionAsync(other, Cancel)).LastInput);
    }

    [Fact]
    public async Task Who_follows_a_scope_that_begins_later_gets_only_what_is_there()
    {
        await Target.BeginAsync(scope, new(700, Day, 40, 690, 701), Cancel);
        await using var followed = log.FollowDecisionsAsync(scope, 1, Cancel).GetAsyncEnumerator(Cancel);
        var next = NextAsync(followed, d => d.Version);
        await log.AppendDecisionsAsync(scope, 40, [Decision(41)], Cancel);
        Assert.Equal(41, await next);
    }

    [Fact]
    public async Task What_begins_later_is_trimmed_as_any_other()
    {
        await Target.BeginAsync(scope, new(700, Day, 40, 690, 701), Cancel);
        await log.AppendInputsAsync([Input(701) with { At = Day }, Input(702) with { At = Day.AddDays(1) }, Input(703) with { At = Day.AddDays(2) }], Cancel);
        await log.AppendDecisionsAsync(scope, 40, [Decision(41) with { Input = 703 }], Cancel);
        Assert.Equal(1, await log.TrimAsync(Day.AddDays(1), Never, null, Cancel));
        Assert.Equal([702L, 703], (await Inputs(1)).Select(i => i.Number));
        Assert.Equal(702, (await log.PositionAsync(scope, Cancel)).FirstInput);
    }

    [Fact]
    public async Task Copied_inputs_note_no_keys_and_copied_keys_come_in_their_order()
    {
        KeyRecord[] keys = [new("logs", "b\0", 7, Day.AddHours(1)), new("generic", "a", ulong.MaxValue, Day)];
        await Target.CopyInputsAsync([Input(1) with { Key = "a" }], Cancel);
        await Target.CopyInputsAsync([.. Enumerable.Range(2, 200).Select(n => Input(n) with { Key = "a" })], Cancel);
        Assert.Empty(await log.ReadKeysAsync(Never, Cancel).ToListAsync(Cancel));
        Assert.Equal("a", (await Inputs(1))[0].Key);
        await Target.CopyKeysAsync(keys, Cancel);
        Assert.Equal(keys, await log.ReadKeysAsync(Never, Cancel).ToListAsync(Cancel));
    }
}
