using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>What comes and goes several times a week: said once, held open, and said again when it stays.</summary>
public sealed class ChronicTests
{
    private const double Hour = 3600;

    /// <summary>So many outages of ten minutes, one every eight hours; the site is well at the end.</summary>
    private static Story Outages(int count)
    {
        var story = Story.WithHistory();
        for (var i = 0; i < count; i++)
            story.At(i * 8 * Hour).Fire("SiteDown", "critical", ("site", "shop")).At((i * 8 * Hour) + 600).Resolve("SiteDown", ("site", "shop"));
        return story;
    }

    [Fact]
    public void The_fourth_outage_in_some_days_is_said_to_be_one_of_many_and_the_next_ones_page_nobody()
    {
        var story = Outages(8).At(60 * Hour);
        Assert.Equal([Reason.Opened, Reason.Opened, Reason.Opened, Reason.Flapping], story.Reasons);
        Assert.Equal("opened", story.Pages.Last().Kind);
        Assert.Equal(4, story.Pages.Count(p => p.Kind == "opened"));
        Assert.Equal(3, story.Pages.Count(p => p.Kind == "resolved"));
    }

    [Fact]
    public void Its_outages_are_recorded_each()
    {
        var story = Outages(8);
        Assert.Equal(8, story.Decisions.OfType<Dedupe.Deciding.Decision.AlertDecided>().Count(d => d.Status == AlertStatus.Resolved && d.Fingerprint == story.Surfaced.Last().Fingerprint));
    }

    [Fact]
    public void When_it_is_well_for_three_times_as_long_as_it_used_to_be_it_is_resolved()
    {
        var story = Outages(5).Forget();
        story.At((32 * Hour) + (23 * Hour));
        Assert.Empty(story.Pages);
        story.At((32 * Hour) + (25 * Hour));
        Assert.Equal("resolved", Assert.Single(story.Pages).Kind);
    }

    [Fact]
    public void An_outage_that_lasts_three_times_as_long_as_they_used_to_is_still_firing_and_urgent()
    {
        var story = Outages(6).Forget().At(50 * Hour).Fire("SiteDown", "critical", ("site", "shop"));
        story.At((50 * Hour) + 1799).Fire("SiteDown", "critical", ("site", "shop"));
        Assert.Empty(story.Surfaced);
        story.At((50 * Hour) + 1810);
        var change = Assert.Single(story.Surfaced);
        Assert.Equal((Reason.StillFiring, true), (change.Reason, change.Urgent));
        Assert.Contains("used to go after 10 min", change.Why);
        Assert.Single(story.Pages);
        story.At(54 * Hour);
        Assert.Single(story.Surfaced);
    }

    [Fact]
    public void How_long_it_used_to_last_goes_by_its_long_outages_and_not_by_the_short_ones_between()
    {
        var story = Story.WithHistory();
        var minutes = new[] { 12, 1, 10, 2, 9, 1 };
        for (var i = 0; i < minutes.Length; i++)
            story.At(i * Hour).Fire("Load", "warning", ("host", "web-1")).At((i * Hour) + (minutes[i] * 60)).Resolve("Load", ("host", "web-1"));
        story.Forget().At(6 * Hour).Fire("Load", "warning", ("host", "web-1")).At((6 * Hour) + 880);
        Assert.Empty(story.Surfaced);
        Assert.Equal(Reason.StillFiring, Assert.Single(story.At((6 * Hour) + 920).Surfaced).Reason);
    }
}
