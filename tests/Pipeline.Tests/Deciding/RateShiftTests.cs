using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>What is known comes much faster than it ever did.</summary>
public sealed class RateShiftTests
{
    private readonly Story story = Story.WithHistory();

    [Fact]
    public void An_error_that_never_pauses_has_a_record_all_the_same_and_a_burst_beyond_it_is_said_once()
    {
        Errors(from: 0, to: 3_600, every: 30);
        story.Forget();
        Errors(from: 3_600, to: 5_400, every: 0.2);
        var said = Assert.Single(story.Surfaced);
        Assert.Equal(Reason.RateShift, said.Reason);
        Assert.Equal("20 in 10 s; the most before was 1", said.Why);
        Assert.InRange((said.At - Story.Began).TotalSeconds, 3_600, 3_610);
    }

    [Theory]
    [InlineData(3_597)]
    [InlineData(4_203)]
    public void A_burst_is_said_wherever_it_begins(double at)
    {
        Errors(from: 0, to: at, every: 30);
        story.Forget();
        Errors(from: at, to: at + 120, every: 0.2);
        Assert.Equal([Reason.RateShift], story.Reasons);
    }

    [Fact]
    public void What_was_always_fast_is_no_news_and_nor_is_how_fast_a_new_one_comes()
    {
        Errors(from: 0, to: 7_200, every: 0.5);
        Assert.Equal([Reason.Opened], story.Reasons);
    }

    private void Errors(double from, double to, double every)
    {
        for (var at = from; at < to; at += every) story.At(at).Log("orders", "lease 4711 lost to node 12, stepping down");
    }
}
