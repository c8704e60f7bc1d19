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

    [Fact]
    public void What_leaves_the_range_of_a_day_is_a_rate_shift_once_a_day()
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
    [InlineData("since 2026-01-31 at 12:30 used={0}GiB", true)]
    [InlineData("web-{0} down", false)]
    [InlineData("release 1.{0}.7 down", false)]
    public void The_number_a_text_is_about_is_a_word_of_its_own(string text, bool creeps) =>
        Assert.Equal(creeps, Creeps(Send(Story.WithHistory(), Memory, 60, v => string.Format(System.Globalization.CultureInfo.InvariantCulture, text, v))).Count == 1);
}
