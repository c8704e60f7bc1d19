using Dedupe.Vocabulary;
using Pipeline.Config;
using Pipeline.Replaying;
using Xunit;

namespace Pipeline.Tests.Replaying;

public sealed class PageDiffTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Changes_are_matched_by_pager_reason_fingerprint_and_occurrence()
    {
        PagedChange[] here = [Told(1, 0), Told(1, 60), Told(2, 10), Told(3, 5, "other")];
        PagedChange[] there = [Told(1, 0), Told(1, 75), Told(3, 5)];
        var diff = PageDiff.Between(here, there);
        Assert.Equal(
            ["only-there 3 1 ", "only-here 3 1 ", "only-here 2 1 ", "moved 1 2 -15"],
            diff.Differences.Select(d => $"{d.Word} {d.Change.Fingerprint.Value} {d.Occurrence} {d.MovedBy?.TotalSeconds}"));
        Assert.Equal((2, 1, 1, 1), (diff.OnlyHere, diff.OnlyThere, diff.Moved, diff.Same));
    }

    [Fact]
    public async Task The_same_rules_page_the_same()
    {
        var lines = Storm();
        var diff = PageDiff.Between((await Replays.OfAsync(lines)).Result.Paged, (await Replays.OfAsync(lines)).Result.Paged);
        Assert.Empty(diff.Differences);
        Assert.True(diff.Same > 0);
    }

    [Fact]
    public async Task Longer_gathering_moves_pages()
    {
        var slow = new Settings();
        slow = slow with { Rules = slow.Rules with { Page = slow.Rules.Page with { Gather = TimeSpan.FromSeconds(30) } } };
        var diff = PageDiff.Between((await Replays.OfAsync(Storm())).Result.Paged, (await Replays.OfAsync(slow, Storm())).Result.Paged);
        Assert.Equal((0, 0), (diff.OnlyHere, diff.OnlyThere));
        Assert.Contains(diff.Differences, d => d.MovedBy < TimeSpan.Zero);
    }

    private static string[] Storm() => [.. Enumerable.Range(0, 40).Select(i => Replays.Line(i * 3, $$"""{"alertname":"A{{i % 8}}","host":"web"}"""))];

    private static PagedChange Told(ulong fingerprint, double seconds, string pager = "default") =>
        new(pager, Reason.NewAlert, new(fingerprint), LabelSet.Empty, Noon.AddSeconds(seconds));
}
