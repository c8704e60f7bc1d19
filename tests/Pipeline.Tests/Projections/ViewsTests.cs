using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Projections;
using Xunit;

namespace Pipeline.Tests.Projections;

public sealed class ViewsTests
{
    [Fact]
    public void A_view_that_throws_stops_alone_and_is_named()
    {
        var story = new Story().Opened();
        var broken = new Decision.ChangeRecorded(null!) { At = Story.Start };
        story.Views.Fold(1, new(99, 99, Story.Start, "change-recorded", null, default), broken);
        story.Fires(LabelSet.Of(("alertname", "Down")));
        Assert.Equal(["changes"], story.Views.Stopped.Keys);
        Assert.Contains("1:99", story.Views.Stopped["changes"], StringComparison.Ordinal);
        Assert.Equal(1, story.Line.Alerts.Firing);
    }

    [Fact]
    public void Since_when_a_pager_fails_is_the_same_in_whatever_order_the_scopes_are_folded()
    {
        var words = new[]
        {
            (Scope: 1, Word: Said(0, true)), (Scope: 1, Word: Said(10, false)), (Scope: 2, Word: Said(3, true)), (Scope: 1, Word: Said(20, true)), (Scope: 3, Word: Said(24, true)),
        };
        foreach (var order in new[] { words, [.. words.OrderBy(w => w.Scope)], [.. words.OrderByDescending(w => w.Scope)] })
        {
            var views = new Views();
            foreach (var (scope, word) in order) views.Fold(scope, new(1, 1, word.At, "pager-state-changed", null, default), word);
            Assert.Equal([new("ops", Story.Start.AddSeconds(20), "503 at 24")], views.Read(v => v.Pagers.Failing));
        }

        static Decision.PagerStateChanged Said(int at, bool failing) => new("ops", failing, $"503 at {at}") { At = Story.Start.AddSeconds(at) };
    }

    [Fact]
    public void A_list_read_page_by_page_misses_nothing_and_repeats_nothing_while_it_grows()
    {
        var story = new Story().Opened();
        for (var i = 0; i < 25; i++) story.Fires(Host(i));
        var seen = new List<string>();
        Place? after = null;
        var turn = 0;
        do
        {
            var page = story.Views.Read(v => v.Alerts.Page(new(after, 10), _ => true));
            seen.AddRange(page.Items.Select(i => i.Labels["host"]!));
            after = page.Next is { } next && Place.TryParse(next, out var place) ? place : null;
            if (turn++ < 2) story.Given(new Decision.IdentityForgotten(Fingerprint.Of(Host(turn)))).Fires(Host(100 + turn));
        }
        while (after is not null);
        Assert.Equal([.. Enumerable.Range(0, 25).Select(i => $"{i}"), "101", "102"], seen);
    }

    [Fact]
    public void Newest_first_means_that_what_comes_while_reading_is_not_in_later_pages()
    {
        var story = new Story();
        for (var i = 0; i < 5; i++) story.Given(new Decision.PartRejected(i, "generic", i, "labels", "missing"));
        var first = story.Views.Read(v => v.Rejected.Page(new(null, 3)));
        story.Given(new Decision.PartRejected(9, "generic", 9, "labels", "missing"));
        Assert.True(Place.TryParse(first.Next!, out var after));
        var second = story.Views.Read(v => v.Rejected.Page(new(after, 3)));
        Assert.Equal([4L, 3L, 2L, 1L, 0L], first.Items.Concat(second.Items).Select(r => r.Input));
        Assert.Null(second.Next);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAA+")]
    [InlineData("not a cursor of this server")]
    public void What_is_no_cursor_is_refused(string text) => Assert.False(Place.TryParse(text, out _));

    [Fact]
    public void Scopes_folded_one_after_the_other_are_listed_as_if_they_had_been_folded_together()
    {
        var apart = new Views();
        var (a, b) = (new Story(1) { Views = apart }, new Story(2) { Views = apart });
        for (var i = 0; i < 5; i++) a.After(TimeSpan.FromSeconds(2)).Fires(Host(i));
        for (var i = 5; i < 10; i++) b.After(TimeSpan.FromSeconds(2)).Fires(Host(i));
        var together = new Views();
        (a, b) = (new Story(1) { Views = together }, new Story(2) { Views = together });
        for (var i = 0; i < 5; i++)
        {
            a.After(TimeSpan.FromSeconds(2)).Fires(Host(i));
            b.After(TimeSpan.FromSeconds(2)).Fires(Host(i + 5));
        }
        Assert.Equal(Hosts(together), Hosts(apart));
        Assert.Equal(["0", "5", "1", "6", "2", "7", "3", "8", "4", "9"], Hosts(apart));

        static IEnumerable<string> Hosts(Views views) =>
            views.Read(v => v.Alerts.Page(new(null, 100), _ => true)).Items.Select(i => i.Labels["host"]!);
    }

    [Fact]
    public void Without_a_topology_each_alert_counts_by_itself_as_a_service()
    {
        var story = new Story().Opened().Fires(Host(1)).Fires(Host(2), Severity.Warning).Fires(Host(3)).Resolves(Host(3));
        Assert.Equal(new LevelCounts(1, 1, 1, 0, 2, 0), Summary(story).Service);
        story.Given(new Decision.IncidentAcknowledged(Story.Incident, "ann", null, story.Now.AddHours(1), null, 4));
        Assert.Equal(new LevelCounts(1, 1, 1, 0, 0, 2), Summary(story).Service);
    }

    [Fact]
    public void A_declared_component_counts_once_at_its_level_as_bad_as_its_worst_alert()
    {
        var topology = new Topology(
            [new("h1", Level.Host, null, []), new("h2", Level.Host, null, []), new("shop", Level.Business, null, [])]);
        var story = new Story().Given(new Decision.TopologyAdopted(topology)).Opened()
            .Fires(LabelSet.Of(("alertname", "A"), ("host", "h1")), Severity.Warning)
            .Fires(LabelSet.Of(("alertname", "B"), ("host", "h1")));
        Assert.Equal(new LevelCounts(1, 0, 1, 0, 1, 0), Summary(story).Host);
        Assert.Equal(new LevelCounts(1, 0, 0, 0, 0, 0), Summary(story).Business);
        Assert.Equal(new LevelCounts(0, 0, 0, 0, 0, 0), Summary(story).Service);
    }

    private static readonly Topology Four = new(
    [
        new("orders", Level.Business, null, []), new("shop", Level.System, "orders", []), new("web", Level.Service, "shop", ["db"]), new("mail", Level.Service, "office", []),
        new("office", Level.System, null, []), new("db", Level.Service, null, ["db"]), new("db-1", Level.Host, "db", []),
    ]);

    [Fact]
    public void A_whole_is_as_bad_as_its_parts_and_a_system_and_a_business_also_as_what_they_need()
    {
        var story = new Story().Given(new Decision.TopologyAdopted(Four)).Opened().Fires(LabelSet.Of(("alertname", "Down"), ("host", "db-1")));
        Assert.Equal(new LevelCounts(0, 0, 1, 0, 1, 0), Summary(story).Host);
        // db holds the host; web only needs db, and has checks of its own that would say so.
        Assert.Equal(new LevelCounts(2, 0, 1, 0, 1, 0), Summary(story).Service);
        Assert.Equal(new LevelCounts(1, 0, 1, 0, 1, 0), Summary(story).System);
        Assert.Equal(new LevelCounts(0, 0, 1, 0, 1, 0), Summary(story).Business);
        story.Given(new Decision.IncidentAcknowledged(Story.Incident, "ann", null, story.Now.AddHours(1), null, 9));
        Assert.Equal(new LevelCounts(1, 0, 1, 0, 0, 1), Summary(story).System);
        Assert.Equal(new LevelCounts(0, 0, 1, 0, 0, 1), Summary(story).Business);
    }

    [Fact]
    public void What_fires_on_a_system_itself_says_nothing_of_its_parts()
    {
        var story = new Story().Given(new Decision.TopologyAdopted(Four)).Opened().Fires(LabelSet.Of(("alertname", "Late"), ("component", "shop")), Severity.Warning);
        Assert.Equal(new LevelCounts(1, 1, 0, 0, 1, 0), Summary(story).System);
        Assert.Equal(new LevelCounts(0, 1, 0, 0, 1, 0), Summary(story).Business);
        Assert.Equal(new LevelCounts(3, 0, 0, 0, 0, 0), Summary(story).Service);
    }

    [Fact]
    public void A_silence_ended_in_one_scope_is_not_brought_back_by_another_that_decides_it_later()
    {
        var views = new Views();
        var silence = new Silence("s1", [new("a", "b", false, true)], Story.Start, Story.Start.AddHours(1), "ann", "quiet", Story.Start);
        new Story(1) { Views = views }.Given(new Decision.SilenceSet(silence)).After(TimeSpan.FromMinutes(1))
            .Given(new Decision.SilenceEnded("s1"));
        new Story(2) { Views = views }.Given(new Decision.SilenceSet(silence));
        Assert.Empty(views.Read(v => v.Silences.ActiveAt(Story.Start.AddMinutes(2))));
    }

    private static Summary Summary(Story story) =>
        story.Views.Read(v => global::Projections.Summary.Of(v, ["service", "component", "host", "instance"], (_, _, _) => null));

    private static LabelSet Host(int i) => LabelSet.Of(("alertname", "Down"), ("host", i.ToString(CultureInfo.InvariantCulture)));
}
