using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>Most of an incident recovers at once: what that leaves.</summary>
public sealed class MassRecoveryTests
{
    private static Story Down(int hosts)
    {
        var story = Story.WithHistory();
        return story.Deliver([.. Enumerable.Range(0, hosts).Select(i => story.Alert("Down", ("host", $"h-{i}"), ("service", "web"), ("severity", "critical")))]).Forget();
    }

    private static Story Ends(Story story, double at, int from, int count)
    {
        for (var i = from; i < from + count; i++) story.At(at + (0.1 * i)).Resolve("Down", ("host", $"h-{i}"), ("service", "web"));
        return story;
    }

    [Fact]
    public void What_it_leaves_is_named_five_minutes_after_it()
    {
        var story = Ends(Down(12), 60, 0, 8).At(300);
        Assert.Empty(story.Surfaced);
        story.At(370);
        Assert.Equal([.. Enumerable.Repeat(Reason.StillFiring, 4)], story.Reasons);
        Assert.Contains("most of it recovered (8 of 12 ended)", story.Surfaced.First().Why);
    }

    [Fact]
    public void Half_of_six_is_one() => Assert.Equal(3, Ends(Down(6), 60, 0, 3).At(370).Reasons.Count(r => r == Reason.StillFiring));

    [Fact]
    public void Less_than_half_is_none() => Assert.Empty(Ends(Down(12), 60, 0, 5).At(1_000).Surfaced);

    [Fact]
    public void Half_in_more_than_two_minutes_is_none() => Assert.Empty(Ends(Ends(Down(12), 60, 0, 4), 190, 4, 3).At(1_000).Surfaced);

    [Fact]
    public void The_two_minutes_begin_with_whichever_end_they_must() =>
        Assert.Equal(4, Ends(Ends(Ends(Down(12), 10, 0, 1), 110, 1, 3), 160, 4, 4).At(500).Reasons.Count(r => r == Reason.StillFiring));

    [Fact]
    public void Of_four_nothing_is_a_mass() => Assert.Empty(Ends(Down(4), 60, 0, 2).At(1_000).Surfaced);

    [Fact]
    public void One_that_ends_again_and_again_is_one()
    {
        var story = Down(6);
        for (var i = 0; i < 3; i++) story.At(60 + (20 * i)).Resolve("Down", ("host", "h-0"), ("service", "web")).At(70 + (20 * i)).Fire("Down", "critical", ("host", "h-0"), ("service", "web"));
        Assert.Empty(story.At(1_000).Decisions.OfType<Decision.SettleEnded>());
    }

    [Fact]
    public void A_survivor_was_named_and_is_not_named_for_the_recovery_too()
    {
        var story = Ends(Down(12), 60, 0, 11).At(1_000);
        Assert.Equal([Reason.Survivor], story.Reasons);
    }

    [Fact]
    public void A_survivor_that_outlives_a_rollback_is_named_for_that()
    {
        var story = Down(12).At(30).Change(new("d-2", Story.Began.AddSeconds(30), "rollback", "web back to 7", ["web"], "d-1"));
        Assert.Equal([Reason.Survivor, Reason.StillFiring], Ends(story, 60, 0, 11).At(1_000).Reasons);
    }

    [Fact]
    public void More_than_five_alike_are_one_change()
    {
        var story = Down(9);
        story.At(600).Change(new("d-2", Story.Began.AddSeconds(600), "rollback", "web back to 7", ["web"])).At(901);
        var change = Assert.Single(story.Surfaced);
        Assert.Equal((9, 9, "web"), (change.Count, change.Fingerprints!.Count, change.Labels["service"]));
    }
}
