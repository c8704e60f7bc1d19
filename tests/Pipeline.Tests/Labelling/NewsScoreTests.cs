using Dedupe.Vocabulary;
using Pipeline.Labelling;
using Pipeline.Replaying;
using Pipeline.Tests.Replaying;
using Xunit;

namespace Pipeline.Tests.Labelling;

public sealed class NewsScoreTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData(59, "db-1", false)]
    [InlineData(60, "db-1", true)]
    [InlineData(120, "db-1", true)]
    [InlineData(121, "db-1", false)]
    [InlineData(90, "web-1", false)]
    public void News_is_named_by_a_change_of_its_alerts_in_its_time(double seconds, string host, bool named)
    {
        var news = new News("memory", Noon.AddSeconds(60), Noon.AddSeconds(120)) { Match = [new("host", "db-1")] };
        Assert.Equal(named ? 1 : 0, Score([news], Told(seconds, ("host", host), ("alertname", "a"))).Named);
    }

    [Theory]
    [InlineData("db-*", true)]
    [InlineData("*", true)]
    [InlineData("*b-1", true)]
    [InlineData("d*-*1", true)]
    [InlineData("db-1*", true)]
    [InlineData("db", false)]
    [InlineData("*x*", false)]
    public void A_star_stands_for_anything(string pattern, bool named) =>
        Assert.Equal(named ? 1 : 0, Score([new("n", Noon, Noon) { Match = [new("host", pattern)] }], Told(0, ("host", "db-1"))).Named);

    [Fact]
    public void By_line_nothing_else_is_it()
    {
        var news = new News("scan", null, null) { Lines = new HashSet<long> { 3, 4 } };
        Assert.Equal(0, Score([news], Told(0), Told(0) with { Line = 5 }).Named);
        Assert.Equal(1, Score([news], Told(0) with { Line = 4 }).Named);
    }

    [Fact]
    public void The_first_page_counts_and_how_late_it_was()
    {
        var score = Score([new("a", Noon, Noon.AddSeconds(60)), new("b", Noon.AddSeconds(100), null)], Told(20), Told(10), Told(300) with { Surfaced = Noon.AddSeconds(110) });
        Assert.Equal([10d, 200], score.All.Select(f => f.Delay!.Value.TotalSeconds));
        Assert.Equal((3, 3, 1.0, 1.0), (score.Paged, score.True, score.Precision, score.Recall));
    }

    [Fact]
    public void A_page_that_comes_too_late_does_not_count()
    {
        var late = Told(301) with { Surfaced = Noon };
        Assert.Equal(0, Score([new("a", Noon, Noon.AddSeconds(60))], late).Named);
        Assert.Equal(1, Score([new("a", Noon, Noon.AddSeconds(60))], late with { At = Noon.AddSeconds(300) }).Named);
    }

    [Fact]
    public void News_outside_the_replayed_time_is_left_out_and_counted()
    {
        var score = NewsScore.Of([new("before", Noon.AddHours(-2), Noon.AddHours(-1)), new("in", Noon, Noon)], [Told(0)], Noon, Noon.AddHours(1), Soon);
        Assert.Equal((1, 1, 1), (score.All.Count, score.Outside, score.Named));
    }

    [Fact]
    public void What_is_no_news_costs_precision() => Assert.Equal(0.5, Score([new("a", Noon, Noon)], Told(0), Told(50)).Precision);

    [Fact]
    public async Task A_replay_says_when_a_change_was_surfaced_by_which_line_and_which_alerts_it_holds()
    {
        var replayed = await Replays.OfAsync(
            p => p with { WithMembers = true },
            Replays.Input(System.Text.Encoding.UTF8.GetBytes(string.Join('\n',
                $$$"""{"receivedAt":"{{{Replays.Time(0)}}}","source":"generic","body":[{"labels":{"alertname":"A","host":"x"}},{"labels":{"alertname":"B","host":"x"}}]}""",
                Replays.Line(10, """{"alertname":"C","host":"x"}"""),
                Replays.Line(60, """{"alertname":"C","host":"x"}""")))));
        var paged = replayed.Result.Paged;
        Assert.Equal([(1L, 0d), (2L, 10d)], paged.Select(p => (p.Line!.Value, (p.Surfaced - Noon).TotalSeconds)));
        Assert.True(paged[1].At > paged[1].Surfaced);
        Assert.Equal(["A", "B"], paged[0].Members!.Select(m => m["alertname"]));
        Assert.Equal(1, NewsScore.Of([new("b", Noon, Noon) { Match = [new("alertname", "B")] }], replayed.Result, Soon).Named);
    }

    private static NewsScore Score(IReadOnlyList<News> news, params PagedChange[] paged) => NewsScore.Of(news, paged, Noon.AddHours(-1), Noon.AddHours(1), Soon);

    private static PagedChange Told(double seconds, params (string, string)[] labels) =>
        new("default", Reason.NewAlert, new(1), LabelSet.Of(labels), Noon.AddSeconds(seconds));
}
