using Dedupe.Deciding;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>Numbers that go one way, and numbers that only move.</summary>
public sealed class CreepingTests
{
    private static readonly double[] Memory = [80, 80, 82, 82, 83, 85, 85, 87, 87, 88, 88, 89];

    private static Story Send(Story story, IEnumerable<double> values, double every, Func<double, string>? text = null, double from = 0)
    {
        foreach (var value in values)
        {
            var alert = story.Alert("Memory", ("host", "mq-1"), ("severity", "warning"));
            story.At(from).Deliver(text is null ? alert with { Value = value } : alert with { Summary = text(value) });
            from += every;
        }
        return story;
    }

    private static IReadOnlyList<Decision.ChangeSurfaced> Creeps(Story story) => [.. story.Surfaced.Where(c => c.Reason == Reason.Creeping)];

    [Theory]
    [InlineData(5)]
    [InlineData(300)]
    public void Memory_from_80_to_89_at_one_severity_creeps(double every)
    {
        var change = Assert.Single(Creeps(Send(Story.WithHistory(), Memory, every)));
        Assert.Equal((80, 88), (change.From, change.To));
        Assert.Equal(8 / (every * 8) * 3600, change.PerHour!.Value, 0.1);
    }

    [Fact]
    public void The_number_inside_a_text_creeps_with_its_limit_and_when_it_will_be_there()
    {
        var change = Assert.Single(Creeps(Send(Story.WithHistory(), Memory, 300, v => $"WARNING - memory {v}% used on node-5 since 12:30")));
        Assert.Equal("80 to 88 in 40 min, 12 an hour up; at this pace 100 in 60 min", change.Why);
        Assert.False(change.Urgent);
    }

    [Fact]
    public void Near_its_limit_it_is_urgent() =>
        Assert.True(Assert.Single(Creeps(Send(Story.WithHistory(), Memory, 10, v => $"{v} threads (limit 95)"))).Urgent);

    [Fact]
    public void What_falls_creeps_too() => Assert.Equal((89, 81), Assert.Single(Creeps(Send(Story.WithHistory(), Memory.Select(v => 169 - v), 60))) is var c ? (c.From, c.To) : default);

    [Fact]
    public void It_is_said_again_when_it_has_gone_as_far_again() =>
        Assert.Equal([7, 14, 28], Creeps(Send(Story.WithHistory(), Enumerable.Range(0, 30).Select(i => 50.0 + i), 60)).Select(c => c.To!.Value - c.From!.Value));

    public static TheoryData<string, int> Still => new() { { "constant", 0 }, { "white", 0 }, { "step", 0 } };

    [Theory]
    [MemberData(nameof(Still))]
    public void What_only_moves_does_not_creep(string kind, int expected)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var random = new Random(seed);
            double Gauss() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            var values = Enumerable.Range(0, 1_500).Select(i => kind switch { "constant" => 50.0, "white" => 50 + 5 * Gauss(), _ => (i < 700 ? 50 : 70) + Gauss() });
            Assert.Equal(expected, Creeps(Send(Story.WithHistory(), values, 60)).Count);
        }
    }

    [Fact]
    public void A_sawtooth_is_said_the_first_time_only() =>
        Assert.InRange(Creeps(Send(Story.WithHistory(), Enumerable.Range(0, 1_000).Select(i => 50.0 + (i % 30)), 60)).Count, 1, 3);

    private static IEnumerable<double> Wave(int samples, int aDay, double noise, int seed = 0)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, samples).Select(i => 50 + (20 * Math.Sin(2 * Math.PI * i / aDay)) + (noise * ((random.NextDouble() * 2) - 1)));
    }

    [Theory]
    [InlineData(60, 0)]
    [InlineData(300, 0)]
    [InlineData(1800, 0)]
    public void The_wave_of_each_day_is_no_news(double every, double noise) => Assert.Equal(0, NewsOfWave(every, noise, seed: 0));

    /// <summary>In four days, of which only the first can be mistaken: nine observations of it in a row may by chance go straight up.</summary>
    [Theory]
    [InlineData(60, 4)]
    [InlineData(300, 1)]
    [InlineData(300, 4)]
    public void The_wave_of_each_day_under_noise_is_news_on_three_first_days_of_ten_at_most(double every, double noise) =>
        Assert.InRange(Enumerable.Range(0, 10).Sum(seed => NewsOfWave(every, noise, seed)), 0, 3);

    private static int NewsOfWave(double every, double noise, int seed)
    {
        var aDay = (int)(86_400 / every);
        return Send(Story.WithHistory(), Wave(4 * aDay, aDay, noise, seed), every).Surfaced.Count(c => c.Reason is Reason.Creeping or Reason.RateShift);
    }

    [Fact]
    public void A_slow_way_of_a_first_day_is_said_where_it_nears_its_limit()
    {
        Assert.Empty(Creeps(Send(Story.WithHistory(), Memory, 1800)));
        Assert.Equal(88, Assert.Single(Creeps(Send(Story.WithHistory(), Memory, 1800, v => $"memory {v}% used"))).To);
    }

    [Fact]
    public void A_limit_may_stand_in_a_label()
    {
        var story = Story.WithHistory();
        for (var i = 0; i < Memory.Length; i++) story.At(i * 60).Deliver(story.Alert("Memory", ("host", "mq-1"), ("threshold", "95 %"), ("severity", "warning")) with { Value = Memory[i] });
        Assert.EndsWith("at this pace 95 in 7 min", Assert.Single(Creeps(story)).Why);
    }

    [Fact]
    public void A_dozen_that_are_on_average_where_no_dozen_was_are_a_rate_shift_though_each_is_in_range()
    {
        double[] pattern = [20, 21, 20, 22, 20, 21, 20, 22, 20, 21, 20, 40];
        var story = Send(Story.WithHistory(), Enumerable.Range(0, 600).Select(i => pattern[i % 12] + (i / 12 % 2)), 600).Forget();
        Send(story, Enumerable.Repeat(35.0, 24).Select((v, i) => v + (i % 2)), 600, from: 360_000);
        var change = Assert.Single(story.Surfaced);
        Assert.Equal(Reason.RateShift, change.Reason);
        Assert.StartsWith("35.5 in the mean of a dozen; for 4 d it was between ", change.Why);
    }

    [Fact]
    public void A_spike_of_weeks_ago_hides_no_other_for_ever()
    {
        var story = Send(Story.WithHistory(), Enumerable.Range(0, 432).Select(i => i == 300 ? 100.0 : 20 + (i % 2 * 10)), 600);
        Send(story, Enumerable.Range(0, 144 * 56).Select(i => 20.0 + (i % 2 * 10)), 600, from: 432 * 600).Forget();
        Send(story, [95], 600, from: 600 * (432 + (144 * 56)));
        Assert.Equal([Reason.RateShift], story.Reasons);
    }

    [Fact]
    public void What_leaves_the_range_of_days_is_a_rate_shift_once_a_day()
    {
        var story = Send(Story.WithHistory(), Enumerable.Range(0, 300).Select(i => 20.0 + (i % 2 * 10)), 600).Forget();
        Send(story, [80, 20, 95], 600, from: 180_000);
        var change = Assert.Single(story.Surfaced, c => c.Reason != Reason.WentSilent);
        Assert.Equal((Reason.RateShift, 80), (change.Reason, change.Value));
        Assert.Equal("80; for 2 d it was between 20 and 30", change.Why);
    }

    [Theory]
    [InlineData("CRITICAL - {0} client connection threads", true)]
    [InlineData("node-5 is {0}% full", true)]
    [InlineData("load average: {0}.5, 10.1", true)]
    [InlineData("10.0.0.1 answered {0}", true)]
    [InlineData("99th percentile is {0} ms", true)]
    [InlineData("since 2026-01-31 at 12:30 used={0}GiB", true)]
    [InlineData("web-{0} down", false)]
    [InlineData("release 1.{0}.7 down", false)]
    public void The_number_a_text_is_about_is_a_word_of_its_own(string text, bool creeps) =>
        Assert.Equal(creeps, Creeps(Send(Story.WithHistory(), Memory, 60, v => string.Format(System.Globalization.CultureInfo.InvariantCulture, text, v))).Count == 1);
}
