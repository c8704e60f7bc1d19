using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>What comes and goes in several places: when one place more is news, and when it is not.</summary>
public sealed class RoamingTests
{
    private const double Hour = 3600;

    /// <summary>An incident that goes on at the gate, and three episodes of a scan in the last hours, on two other hosts.</summary>
    private static Story Roamed()
    {
        var story = new Story();
        story.Fire("Scan", ("host", "a")).At(Hour).Fire("Scan", ("host", "b")).At(2 * Hour).Fire("Scan", ("host", "a"));
        return story.At(3 * Hour).Fire("Heard", ("host", "gate")).Forget();
    }

    [Fact]
    public void What_comes_and_goes_in_several_places_is_no_news_in_one_more()
    {
        var story = Roamed().Fire("Scan", ("host", "gate"));
        Assert.Empty(story.Reasons);
        Assert.Equal([Disposition.Repeat], story.Last);
    }

    [Fact]
    public void Its_first_places_are_named()
    {
        var story = new Story().Fire("Heard", ("host", "gate")).Fire("Scan", ("host", "gate")).At(30).Fire("Scan", ("host", "b")).At(60).Fire("Scan", ("host", "c")).At(90).Fire("Scan", ("host", "d"));
        Assert.Equal(5, story.Surfaced.Count());
    }

    [Fact]
    public void What_somebody_says_is_bad_is_named_in_every_place() =>
        Assert.Equal([Reason.NewAlert], Roamed().Fire("Scan", "warning", ("host", "gate")).Reasons);

    [Fact]
    public void After_a_quiet_that_is_long_it_is_named_in_a_new_place()
    {
        var story = Roamed().At(6.1 * Hour).Fire("Heard", ("host", "gate")).Forget();
        Assert.Equal([Reason.NewAlert], story.Fire("Scan", ("host", "gate")).Reasons);
    }

    [Fact]
    public void Where_it_spreads_to_several_places_at_once_it_is_named()
    {
        var story = Roamed();
        story.Fire("Heard", ("host", "c")).Fire("Heard", ("host", "d")).Forget();
        story.Fire("Scan", ("host", "c")).At((3 * Hour) + 1).Fire("Scan", ("host", "d")).At((3 * Hour) + 2).Fire("Scan", ("host", "gate"));
        Assert.Equal("gate", Assert.Single(story.Surfaced).Labels["host"]);
    }

    [Fact]
    public void What_is_told_to_end_is_named_in_every_place()
    {
        var story = Roamed().Resolve("Scan", ("host", "a")).Forget();
        Assert.Equal([Reason.NewAlert], story.Fire("Scan", ("host", "gate")).Reasons);
        var until = Roamed();
        until.Deliver(until.Alert("Scan", ("host", "gate")) with { EndsAt = Story.Began.AddHours(4) });
        Assert.Equal([Reason.NewAlert], until.Reasons);
    }
}
