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
    public void A_page_shows_its_line_its_attempts_and_its_last_answer()
    {
        var story = new Story().Opened().Pages("pg_1").Outcome("pg_1", PageState.Failing, 3, "503 Service Unavailable");
        var page = story.Views.Read(v => v.Pages.Find("pg_1"))!;
        Assert.Equal("db is down, 1 new", page.Text);
        Assert.Equal((PageState.Failing, 3, "503 Service Unavailable"), (page.State, page.Attempts, page.Answer));
    }

    private static IEnumerable<long> Ordinals(Story story) =>
        story.Views.Read(v => v.Unseen.Page(new(null, 10))).Items.Select(u => u.Change.Ordinal);
}
