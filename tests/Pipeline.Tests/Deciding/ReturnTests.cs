using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>What never says when it ends: when its return is news, and when it is not.</summary>
public sealed class ReturnTests
{
    private const double Hour = 3600, Day = 24 * Hour;

    /// <summary>A log of some days in which something on the host keeps its incident open.</summary>
    private static Story Watched()
    {
        var story = Story.WithHistory();
        story.Fire("Heard", ("host", "gate"));
        return story.Forget();
    }

    private static Story Keep(Story story, double at) => story.At(at).Fire("Heard", ("host", "gate"));

    /// <summary>Up to then, often enough that the incident has a member that fires.</summary>
    private static Story KeepUntil(Story story, double from, double to)
    {
        for (var at = from; at < to; at += Hour * 0.9) Keep(story, at);
        return story;
    }

    [Theory]
    [InlineData(7.5, false)]
    [InlineData(8.5, true)]
    public void A_second_time_is_news_after_twice_the_quiet_that_is_long(double hours, bool named)
    {
        var story = Keep(Watched().At(Hour).Fire("Scan", ("host", "gate")).Forget(), Hour + 60);
        story.At(Hour + (hours * Hour)).Fire("Scan", ("host", "gate"));
        Assert.Equal(named ? [Reason.NewAlert] : [], story.Reasons);
    }

    [Fact]
    public void What_came_five_times_is_news_after_a_day_of_quiet_and_not_before()
    {
        var story = Watched();
        var at = Hour;
        for (var i = 0; i < 5; i++, at += 2 * Hour) Keep(story.At(at).Fire("Scan", ("host", "gate")), at + 60);
        var last = at - (2 * Hour);
        KeepUntil(story, last + 60, last + (20 * Hour)).Forget().At(last + (20 * Hour)).Fire("Scan", ("host", "gate"));
        Assert.Empty(story.Reasons);
        KeepUntil(story, last + (20 * Hour) + 60, last + (45 * Hour)).Forget().At(last + (45 * Hour)).Fire("Scan", ("host", "gate"));
        Assert.Equal([Reason.NewAlert], story.Reasons);
    }

    [Fact]
    public void What_comes_once_a_week_is_its_habit_from_the_fourth_time_on()
    {
        var story = Watched();
        var named = new List<int>();
        for (var week = 0; week < 6; week++)
        {
            KeepUntil(story, (week * 7 * Day) + 60, (week + 1) * 7 * Day).Forget().At((week + 1) * 7 * Day).Fire("Backup", ("host", "gate"));
            named.AddRange(story.Surfaced.Where(c => c.Labels["alertname"] == "Backup").Select(_ => week));
        }
        Assert.Equal([0, 1, 2], named);
    }

    [Fact]
    public void What_was_heard_elsewhere_a_short_while_ago_is_no_news_here()
    {
        var story = Keep(Watched().At(Hour).Fire("Scan", ("host", "gate")), 11 * Hour);
        story.At(12 * Hour).Fire("Scan", ("host", "other")).Forget();
        story.At(13 * Hour).Fire("Scan", ("host", "gate"));
        Assert.Empty(story.Reasons);
    }

    [Fact]
    public void An_echo_of_what_was_just_said_is_not_said_too()
    {
        var story = Watched();
        story.At(Hour).Fire("Login", ("host", "gate")).At(Hour + 2).Fire("Session", ("host", "gate"));
        Keep(story, 10 * Hour).Forget();
        story.At(20 * Hour).Fire("Login", ("host", "gate")).At((20 * Hour) + 2).Fire("Session", ("host", "gate"));
        Assert.Equal("Login", Assert.Single(story.Surfaced).Labels["alertname"]);
        Assert.Equal([Disposition.Repeat], story.Last);
    }

    [Fact]
    public void Without_what_came_with_it_each_time_before_it_is_a_rate_shift_five_seconds_later()
    {
        var story = Watched();
        var at = Hour;
        for (var i = 0; i < 5; i++, at += Hour)
            story.At(at).Fire("Query", ("host", "dns")).At(at + 1).Fire("Query", ("host", "gate"));
        story.Forget().At(at).Fire("Query", ("host", "gate")).At(at + 4.9);
        Assert.Empty(story.Reasons);
        story.At(at + 5.1);
        var change = Assert.Single(story.Surfaced);
        Assert.Equal((Reason.RateShift, "gate"), (change.Reason, change.Labels["host"]));
        Assert.Contains("Query on dns", change.Why);
        Assert.NotNull(change.Input);
    }

    [Fact]
    public void With_its_companion_a_little_late_it_is_not_alone()
    {
        var story = Watched();
        var at = Hour;
        for (var i = 0; i < 5; i++, at += Hour)
            story.At(at).Fire("Query", ("host", "dns")).At(at + 1).Fire("Query", ("host", "gate"));
        story.Forget().At(at).Fire("Query", ("host", "gate")).At(at + 4).Fire("Query", ("host", "dns")).At(at + 30);
        Assert.Empty(story.Reasons);
    }

    [Fact]
    public void In_a_crowd_nobody_is_a_companion()
    {
        var story = Watched();
        var at = Hour;
        for (var i = 0; i < 5; i++, at += Hour)
            foreach (var host in Enumerable.Range(0, 20)) story.At(at + (host * 0.1)).Fire("Down", ("host", $"h{host}"));
        story.Forget().At(at).Fire("Down", ("host", "h15")).At(at + 30);
        Assert.Empty(story.Reasons);
    }
}
