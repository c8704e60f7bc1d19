using Dedupe.Log;
using Xunit;

namespace Pipeline.Tests.Stores;

/// <summary>What appending promises to one who repeats it, to one who reads meanwhile, and whatever the texts hold.</summary>
public abstract partial class LogContract
{
    [Fact]
    public async Task What_senders_and_pagers_wrote_is_kept_whatever_it_holds()
    {
        await log.AppendInputsAsync([Input(1) with { Key = "a\0b \u2028 \U0001F525 'x'" }], Cancel);
        await log.AppendOutcomesAsync([new("pg_1", "ops", PageState.Failing, Day, 1, "bad\0answer \\ \"")], Cancel);
        Assert.Equal("a\0b \u2028 \U0001F525 'x'", Assert.Single(await Inputs(1)).Key);
        Assert.Equal("a\0b \u2028 \U0001F525 'x'", Assert.Single(await log.ReadKeysAsync(Never, Cancel).ToListAsync(Cancel)).Key);
        Assert.Equal("bad\0answer \\ \"", Assert.Single(await log.ReadOutcomesAsync(Cancel).ToListAsync(Cancel)).Answer);
    }

    [Fact]
    public async Task The_very_same_append_again_is_refused_and_what_is_there_shows_whose_it_is()
    {
        InputRecord[] inputs = [Input(1), Input(2)];
        DecisionRecord[] decisions = [Decision(1, "inc_a"), Decision(2)];
        await log.AppendInputsAsync(inputs, Cancel);
        await log.AppendDecisionsAsync(scope, 0, decisions, Cancel);
        await Assert.ThrowsAsync<WrongNumberException>(async () => await log.AppendInputsAsync(inputs, Cancel));
        await Assert.ThrowsAsync<WrongNumberException>(async () => await log.AppendDecisionsAsync(scope, 0, decisions, Cancel));
        AssertSame(inputs, await Inputs(1));
        AssertSame(decisions, await Decisions(1));
    }

    [Fact]
    public async Task Many_inputs_and_few_are_appended_alike()
    {
        var other = await log.ScopeAsync("other", Cancel);
        InputRecord[] many = [.. Enumerable.Range(1, 900).Select(n => Input(n) with { At = Day.AddMinutes(n), Key = $"k{n}" })];
        await log.AppendInputsAsync([Input(1) with { Scope = other }, .. many], Cancel);
        AssertSame(many, await Inputs(1));
        await Assert.ThrowsAsync<WrongNumberException>(
            async () => await log.AppendInputsAsync([Input(3) with { Scope = other }, .. many.Select(i => i with { Number = i.Number + 900 })], Cancel));
        Assert.Equal(900, (await log.PositionAsync(scope, Cancel)).LastInput);
        Assert.Equal(900, await log.ReadKeysAsync(Never, Cancel).CountAsync(Cancel));
    }

    [Fact]
    public async Task Who_reads_while_another_appends_gets_a_whole_beginning()
    {
        var appending = Task.Run(async () =>
        {
            for (var n = 0; n < 40; n++)
            {
                await log.AppendInputsAsync([.. Enumerable.Range(1, 25).Select(i => Input((n * 25) + i))], Cancel);
                await log.AppendDecisionsAsync(scope, n * 2, [Decision((n * 2) + 1), Decision((n * 2) + 2)], Cancel);
            }
        }, Cancel);
        while (!appending.IsCompleted)
        {
            var (inputs, decisions) = (await Inputs(1), await Decisions(1));
            Assert.Equal(Enumerable.Range(1, inputs.Count).Select(n => (long)n), inputs.Select(i => i.Number));
            Assert.Equal(0, inputs.Count % 25);
            Assert.Equal(Enumerable.Range(1, decisions.Count).Select(n => (long)n), decisions.Select(d => d.Version));
            Assert.Equal(0, decisions.Count % 2);
        }
        await appending;
        Assert.Equal(1000, (await Inputs(1)).Count);
    }
}
