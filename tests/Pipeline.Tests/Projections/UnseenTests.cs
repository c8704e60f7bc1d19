using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;
using Projections;
using Xunit;

namespace Pipeline.Tests.Projections;

public sealed class UnseenTests
{
    private static readonly LabelSet Db = LabelSet.Of(("alertname", "Down"));

    [Fact]
    public void A_change_is_unseen_until_a_page_that_names_it_was_sent()
    {
        var story = new Story().Opened().Surfaces(Db).Surfaces(Db).Pages("pg_1", 1);
        Assert.Equal([2L, 1L], Ordinals(story));
        story.Outcome("pg_1", PageState.Failing, answer: "timed out");
        Assert.Equal([2L, 1L], Ordinals(story));
        story.Outcome("pg_1", PageState.Sent, 2);
        Assert.Equal([2L], Ordinals(story));
    }

    [Fact]
    public void An_acknowledgement_covers_what_came_up_to_the_version_that_was_seen_and_nothing_later()
    {
        var story = new Story().Opened().Surfaces(Db).Surfaces(Db);
        story.Given(new Decision.IncidentAcknowledged(Story.Incident, "ann", null, story.Now.AddHours(1), null, Seen: 2)).Surfaces(Db);
        Assert.Equal([3L, 2L], Ordinals(story));
        Assert.Equal(2, story.Views.Read(v => v.Unseen.CountOf(Story.Incident)));
    }

    [Fact]
    public void What_is_unseen_says_which_pages_name_it_that_were_not_sent()
    {
        var story = new Story().Opened().Surfaces(Db).Pages("pg_1", 1).PagesTo("boss", "pg_2", 1).Outcome("pg_1", PageState.Undeliverable);
        var line = Assert.Single(Lines(story));
        Assert.Equal(["pg_1", "pg_2"], line.Tellings.Select(t => t.Page));
        Assert.Equal(["ops", "boss"], line.Tellings.Select(t => t.Pager));
    }

    [Fact]
    public void What_fires_under_a_silence_is_unseen_until_it_ends_or_is_told_or_covered_and_is_no_surfaced_change()
    {
        var (a, b, c, d) = (Host("a"), Host("b"), Host("c"), Host("d"));
        var story = new Story().Opened();
        foreach (var labels in (LabelSet[])[a, b, c, d]) Silenced(story, labels);
        Assert.Equal([d, c, b, a], Lines(story).Select(l => story.Alert(l.Silenced!.Fingerprint).Labels));
        Assert.Equal((0, 0), story.Views.Read(v => (v.Unseen.Total, v.Unseen.CountOf(Story.Incident))));
        story.Resolves(a).Surfaces(b, Reason.Unsilenced);
        Assert.Equal(new[] { null, "s1", "s1" }, Lines(story).Select(l => l.Silenced?.By));
        // The opening is version 1, c came with 4 and d with 5.
        story.Acknowledged("ann", seen: 4);
        Assert.Equal([Fingerprint.Of(d)], Lines(story).Where(l => l.Silenced is not null).Select(l => l.Silenced!.Fingerprint));
        story.Given(new Decision.IncidentResolved(Story.Incident));
        Assert.All(Lines(story), l => Assert.Null(l.Silenced));
    }

    [Fact]
    public void What_fires_under_a_silence_goes_by_its_new_name_when_identities_are_re_keyed()
    {
        var story = new Story().Opened();
        foreach (var host in (string[])["a", "b"]) Silenced(story, Host(host));
        // One goes by the name that the other had.
        story.Given(new Decision.IdentitiesRekeyed([new(Fingerprint.Of(Host("a")), Fingerprint.Of(Host("b"))), new(Fingerprint.Of(Host("b")), Fingerprint.Of(Host("c")))]));
        Assert.Equal([Fingerprint.Of(Host("c")), Fingerprint.Of(Host("b"))], Lines(story).Select(l => l.Silenced!.Fingerprint));
        story.Given(new Decision.IdentitiesRekeyed([new(Fingerprint.Of(Host("b")), Fingerprint.Of(Host("c")))]));
        Assert.Equal([Fingerprint.Of(Host("c"))], Lines(story).Select(l => l.Silenced!.Fingerprint));
        story.Resolves(Host("c"));
        Assert.Empty(Lines(story));
    }

    [Fact]
    public void A_page_shows_its_line_its_attempts_and_its_last_answer()
    {
        var story = new Story().Opened().Pages("pg_1").Outcome("pg_1", PageState.Failing, 3, "503 Service Unavailable");
        var page = story.Views.Read(v => v.Pages.Find("pg_1"))!;
        Assert.Equal("db is down, 1 new", page.Text);
        Assert.Equal((PageState.Failing, 3, "503 Service Unavailable"), (page.State, page.Attempts, page.Answer));
    }

    private static void Silenced(Story story, LabelSet labels) => story.Given(new Decision.AlertDecided(
        Fingerprint.Of(labels), Disposition.Silenced, Story.Incident, AlertStatus.Firing, Severity.Warning, Severity.Unknown, "generic", labels, SilencedBy: "s1"));

    private static LabelSet Host(string host) => LabelSet.Of(("alertname", "Down"), ("host", host));

    private static IReadOnlyList<UnseenLine> Lines(Story story) => story.Views.Read(v => v.Unseen.Page(new(null, 10))).Items;

    private static IEnumerable<long> Ordinals(Story story) =>
        story.Views.Read(v => v.Unseen.Page(new(null, 10))).Items.Select(u => u.Change!.Ordinal);
}
