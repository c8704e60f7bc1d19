using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>How often it comes in an hour, against the same time of other days.</summary>
public sealed class HourlyRateTests
{
    private const int Hour = 3_600, Day = 24 * Hour;

    /// <summary>Hours after the story's noon that are night: midnight to six.</summary>
    private static bool IsNight(int hour) => (hour + 12) % 24 < 6;

    /// <summary>An alert that nobody ends comes so often in each hour, when it likes.</summary>
    private static Story Comes(Story story, int from, int to, Func<int, int> timesIn)
    {
        for (var hour = from; hour < to; hour++)
        {
            var chance = new Random(hour);
            foreach (var second in Enumerable.Range(0, timesIn(hour)).Select(_ => chance.NextDouble() * Hour).Order()) story.At((hour * Hour) + second).Fire("LoginFailed", ("host", "a"));
        }
        return story;
    }

    /// <summary>Twenty an hour by day and three by night, and on the fifth day, a batch of two hours at three hundred; for so many days.</summary>
    private static Story Season(int days) => Comes(new(), 0, days * 24, Usual).Forget();

    private static int Usual(int hour) => hour / 24 % 7 == 5 && hour % 24 is 8 or 9 ? 300 : IsNight(hour) ? 3 : 20;

    [Fact]
    public void The_wave_of_a_day_and_what_comes_once_a_week_are_no_news() =>
        Assert.DoesNotContain(Reason.RateShift, Comes(Season(8), 8 * 24, 30 * 24, Usual).Reasons);

    [Fact]
    public void What_is_usual_by_day_is_news_at_three_in_the_morning_and_is_said_once()
    {
        var night = (9 * 24) + 15;
        var story = Comes(Season(9), 9 * 24, night, Usual).Forget();
        var said = Assert.Single(Comes(story, night, night + 1, _ => 60).Surfaced);
        Assert.Equal((Reason.RateShift, "21 within this hour; at this time of day it was 7 at most"), (said.Reason, said.Why));
    }

    [Fact]
    public void On_its_first_days_nothing_is_known_of_its_hours() =>
        Assert.Empty(Comes(Season(4), 4 * 24, 5 * 24, hour => IsNight(hour) ? 60 : 20).Reasons);

    [Fact]
    public void What_is_sent_again_on_the_minute_has_no_rate()
    {
        var story = Season(9);
        for (var i = 0; i < 60; i++) story.At((9 * Day) + (15 * Hour) + (i * 60)).Fire("LoginFailed", ("host", "a"));
        Assert.Empty(story.Reasons);
    }

    [Fact]
    public void A_line_of_a_log_that_comes_evenly_but_far_more_often_is_named()
    {
        var story = new Story();
        for (var hour = 0; hour < 8 * 24; hour++) story.At(hour * Hour).Log("mail", $"cannot reach relay {hour}");
        story.Forget();
        for (var i = 0; i < 60; i++) story.At((8 * Day) + (i * 60)).Log("mail", $"cannot reach relay {i}");
        Assert.Equal([Reason.RateShift], story.Reasons);
    }
}
