using Dedupe.Rules;
using Pipeline.Tuning;
using Xunit;

namespace Pipeline.Tests.Tuning;

public sealed class ParetoSearchTests
{
    private static readonly Board Board = new(RuleSet.Default);

    [Fact]
    public async Task What_nothing_beats_is_found_though_it_takes_several_knobs()
    {
        // Each step of the first two knobs saves pages; too much of the second costs news.
        var trials = await new ParetoSearch(Board, 500).RunAsync(All(p => Of(100 - (10 * p[0]) - (5 * p[1]), p[1] > 3 ? 8 : 10)));
        var front = ParetoSearch.Front(trials);
        Assert.Equal([(50L, 8), (55, 10)], front.Select(t => (t.Whole.Pages, t.Whole.Named)));
        Assert.Equal("group.within 1h, page.gather 30s", string.Join(", ", Board.Settings(front[1].At).Select(s => $"{s.Key} {s.Value}")));
    }

    [Fact]
    public async Task The_rules_as_they_are_come_first_and_no_position_twice()
    {
        var trials = await new ParetoSearch(Board, 40).RunAsync(All(p => Of(p[0] + p[1], p[2])));
        Assert.Equal(40, trials.Count);
        Assert.Equal(Board.Start, trials[0].At);
        Assert.Equal(40, trials.Select(t => t.At).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 40), trials.Select(t => t.Id));
    }

    [Fact]
    public async Task Where_nothing_makes_a_difference_it_stops_after_turning_each_knob()
    {
        var trials = await new ParetoSearch(Board, 500).RunAsync(All(_ => Of(10, 10)));
        Assert.Equal(1 + Board.Others(Board.Start).Count(), trials.Count);
        Assert.Equal([0], ParetoSearch.Front(trials).Select(t => t.Id));
    }

    [Fact]
    public void Suggested_is_the_fewest_pages_with_no_less_news()
    {
        var tuned = Tuned(["a"], [Of(100, 8)], [Of(50, 7)], [Of(70, 8)], [Of(90, 10)]);
        Assert.Equal(2, tuned.Suggested.Id);
        Assert.Equal(3, (tuned with { Recall = 0.9 }).Suggested.Id);
        Assert.Equal(1, (tuned with { Recall = 0.5 }).Suggested.Id);
        Assert.Equal(3, (tuned with { Recall = 1 }).Suggested.Id);
        Assert.Equal([1, 2, 3], tuned.Front.Select(t => t.Id));
        Assert.Contains("70 pages instead of 100; 8 of 10 news instead of 8", tuned.Yaml(tuned.Suggested), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nothing_is_better_the_rules_as_they_are_are_suggested() => Assert.Equal(0, Tuned(["a"], [Of(100, 8)], [Of(50, 7)], [Of(100, 8)]).Suggested.Id);

    [Fact]
    public void Leaving_a_file_out_shows_what_was_only_fitted_to_it()
    {
        // The second trial suits file a alone; the third suits both.
        var tuned = Tuned(["a", "b"], [Of(100, 10), Of(100, 10)], [Of(20, 10), Of(100, 5)], [Of(90, 10), Of(90, 10)]);
        Assert.Equal(2, tuned.Suggested.Id);
        Assert.Equal([("a", 2, 90L, 10), ("b", 1, 100L, 5)], tuned.LeftOut.Select(l => (l.File, l.Trial.Id, l.Outcome.Pages, l.Outcome.Named)));
        Assert.Empty(Tuned(["a"], [Of(1, 1)]).LeftOut);
    }

    [Fact]
    public void The_pictures_show_where_the_rules_are()
    {
        var tuned = Tuned(["a<b"], [Of(100, 8)], [Of(50, 7)], [Of(70, 8)], [Of(90, 10)]);
        var lines = TuneScatter.Lines(tuned);
        Assert.Equal(1, lines.Take(13).Sum(l => l.Count(c => c == 'R')));
        Assert.Equal(1, lines.Take(13).Sum(l => l.Count(c => c == 'S')));
        Assert.All(lines, l => Assert.True(l.Length < 80));
        var svg = System.Xml.Linq.XDocument.Parse(TuneSvg.Of(tuned));
        Assert.Equal(4 + 2, svg.Descendants().Count(e => e.Name.LocalName == "circle"));
        Assert.Contains("a<b", svg.Root!.Value, StringComparison.Ordinal);
    }

    private static FileOutcome Of(long pages, int named) => new(pages, 20, 10, named, 20, named, TimeSpan.FromSeconds(2));

    private static Tuned Tuned(string[] files, params FileOutcome[][] trials)
    {
        var positions = Board.Others(Board.Start).Prepend(Board.Start).ToList();
        return new(Board, files, [.. trials.Select((outcomes, i) => new Trial(i, positions[i], outcomes))]);
    }

    private static Func<IReadOnlyList<Position>, Task<IReadOnlyList<IReadOnlyList<FileOutcome>>>> All(Func<Position, FileOutcome> of) =>
        positions => Task.FromResult<IReadOnlyList<IReadOnlyList<FileOutcome>>>([.. positions.Select(p => (IReadOnlyList<FileOutcome>)[of(p)])]);
}
