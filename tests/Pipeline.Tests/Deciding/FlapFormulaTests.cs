using Dedupe.Surfacing;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>The formula, by the worked examples of the manuals that it comes from.</summary>
public sealed class FlapFormulaTests
{
    [Fact]
    public void The_worked_example_of_Icinga_2_gives_39_1_per_cent_and_is_over_seven_steady_checks_later()
    {
        // Manual of Icinga 2, "Check Flapping": the changes among the last 20 that weigh 0.84, 0.86, 0.88, 0.9, 0.98, 1.06, 1.12 and 1.18.
        const string example = "..xxxx...x...x..x..x";
        Assert.Equal(39.1, After(example));
        Assert.True(After(example) > FlapFormula.High);
        Assert.True(After(example + ".......") <= FlapFormula.Low);
    }

    [Fact]
    public void Seven_changes_of_twenty_are_35_per_cent_unweighted_and_less_where_they_are_old_as_Nagios_says()
    {
        // Manual of Nagios Core, "Detection and Handling of State Flapping": seven of twenty are 35 % before the weights, and those turn it to
        // some 31 % in its example, whose changes are mostly old ones.
        Assert.InRange(After("xxxxxxx............."), 30, 31);
        Assert.InRange(After("..x..x..x..x..x.x..x"), 34, 37);
        Assert.InRange(After(".............xxxxxxx"), 39, 40);
    }

    [Fact]
    public void Only_the_last_twenty_changes_count_and_an_unknown_past_is_unchanged()
    {
        Assert.Equal(0, After(""));
        Assert.Equal(0, After(new string('x', 20) + new string('.', 20)));
        Assert.Equal(99, After(new string('x', 40)));
        Assert.Equal(5.9, After("x"));
    }

    [Fact]
    public void What_changes_with_every_check_is_said_to_flap_from_the_sixth_change_on_as_in_Icinga_2()
    {
        Assert.False(After("xxxxx") > FlapFormula.High);
        Assert.True(After("xxxxxx") > FlapFormula.High);
        var story = Story.WithHistory();
        for (var i = 0; i < 4; i++) story.At(i * 120).Fire("Link", ("host", "r1")).At(i * 120 + 60).Resolve("Link", ("host", "r1"));
        // The first time that it fires changes nothing that was known: the fourth is the sixth change.
        var said = Assert.Single(story.Surfaced, c => c.Reason == Reason.Flapping);
        Assert.Equal(Story.Began + TimeSpan.FromSeconds(3 * 120), said.At);
        Assert.StartsWith("changes state 34 %", said.Why, StringComparison.Ordinal);
    }

    /// <summary>Oldest first: x where a state is another than the one before, a dot where it is the same.</summary>
    private static double After(string changes) =>
        FlapFormula.Percent(changes.Aggregate(0u, (known, change) => (known << 1 | (change == 'x' ? 1u : 0u)) & ((1u << FlapFormula.Transitions) - 1)));
}
