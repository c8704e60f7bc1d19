using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;
using Pipeline.Tests.Stores;
using Projections;
using Stores.Sqlite;
using Xunit;

namespace Pipeline.Tests.Projections;

/// <summary>Who was shown a surfaced change, by which page and when, and why not where they were not.</summary>
public sealed class ExposureTests
{
    private static readonly LabelSet Db = LabelSet.Of(("alertname", "Down"));

    [Fact]
    public void It_names_the_page_whom_it_went_to_and_when_it_was_decided_and_answered()
    {
        var story = new Story().Opened().Surfaces(Db, due: ["ops", "boss"]).After(Seconds(2)).Pages("pg_1", 1).PagesTo("boss", "pg_2", 1);
        story.After(Seconds(3)).Outcome("pg_1", PageState.Sent, answer: "202 Accepted");
        var exposure = Assert.Single(Of(story));
        Assert.Equal(
            [
                new("pg_1", "ops", "changed", Story.Start.AddSeconds(2), PageState.Sent, 1, "202 Accepted", Story.Start.AddSeconds(5)),
                new Told("pg_2", "boss", "changed", Story.Start.AddSeconds(2), PageState.Owed, 0, null, null),
            ], exposure.Told);
        Assert.True(exposure.IsSeen);
        Assert.Equal(["boss"], exposure.Waiting.Select(w => w.Pager));
        Assert.Equal("told ops 03-01 12:00:05 (pg_1); not told boss: page pg_2 is not answered yet", ExposureWords.Of(exposure));
    }

    [Fact]
    public void It_names_the_first_acknowledgement_that_covers_it_and_none_that_does_not_reach_so_far()
    {
        // The opening is version 1, the changes are 2 and 3.
        var story = new Story().Opened().Surfaces(Db).Surfaces(Db).After(Seconds(60)).Acknowledged("ann", seen: 2).After(Seconds(60)).Acknowledged("bob", seen: 4).Surfaces(Db);
        Assert.Equal(["ann", "bob", null], Of(story).Select(e => e.Acknowledged?.By));
        Assert.Equal((4, Story.Start.AddSeconds(60)), (Of(story)[0].Acknowledged!.Version, Of(story)[0].Acknowledged!.At));
        Assert.Equal([true, true, false], Of(story).Select(e => e.IsSeen));
    }

    [Fact]
    public void What_was_not_told_says_why()
    {
        var story = new Story().Opened().Surfaces(Db, severity: Severity.Info, due: []).Surfaces(Db, severity: Severity.Warning, due: [])
            .Surfaces(Db).Surfaces(Db).Surfaces(Db).Surfaces(Db).Surfaces(Db)
            .Pages("pg_owed", 3).Pages("pg_failing", 4).Pages("pg_given_up", 5).Pages("pg_shadow", 6)
            .Outcome("pg_failing", PageState.Failing, 3, "503 Service Unavailable").Outcome("pg_given_up", PageState.Undeliverable, 1, "404 Not Found")
            .Outcome("pg_shadow", PageState.Undeliverable, 0, OutcomeRecord.Shadowed);
        Assert.Equal(["info", "unrouted", "owed", "failing", "undeliverable", "shadow", "gathering"], Of(story).Select(e => Assert.Single(e.Waiting).Why));
        Assert.Equal("NOT SEEN; not told ops: page pg_failing is tried again after 3 attempts: 503 Service Unavailable", ExposureWords.Of(Of(story)[3]));
        Assert.Contains("at latest 03-01 12:05:00 UTC", Of(story)[6].Waiting[0].Text, StringComparison.Ordinal);
        story.Given(new Decision.PagerStateChanged("ops", true, "connection refused"));
        Assert.Equal("it fails since 03-01 12:00:00 UTC and is told when it answers: connection refused", Of(story)[6].Waiting[0].Text);
        Assert.Equal("failing", Of(story)[6].Waiting[0].Why);
    }

    [Fact]
    public void As_of_a_time_nothing_is_answered_that_was_answered_later()
    {
        var story = new Story().Opened().Surfaces(Db).Pages("pg_1", 1).After(Seconds(10)).Outcome("pg_1", PageState.Sent);
        Assert.Equal(PageState.Owed, Of(story, Story.Start.AddSeconds(9))[0].Told[0].State);
        Assert.Equal(PageState.Sent, Of(story, Story.Start.AddSeconds(10))[0].Told[0].State);
    }

    [Fact]
    public void A_page_that_nobody_answered_for_a_change_that_is_not_held_any_more_is_not_held_either()
    {
        var story = new Story().Opened();
        for (var i = 1; i <= 2_500; i++) story.Surfaces(Db).Pages($"pg_{i}", i).Acknowledged("ann", story.Line.Version);
        Assert.InRange(story.Detail.Changes.Count, 900, 1_000);
        Assert.InRange(story.Detail.Tellings!.Count, 900, 1_000);
        Assert.InRange(story.Detail.Acknowledgements!.Count, 900, 1_000);
        Assert.Equal("pg_2500", Of(story)[^1].Told[0].Page);
        // One page that rolls up more than is held names only what is.
        story.Pages("pg_all", [.. Enumerable.Range(1, 2_500)]);
        Assert.InRange(story.Detail.Tellings![^1].Named.Count, 900, 1_000);
    }

    [Fact]
    public async Task What_became_of_pages_that_the_views_let_go_is_found_in_the_log()
    {
        using var folder = new TemporaryFolder();
        await using var log = await SqliteLog.OpenAsync(folder.Path, TestContext.Current.CancellationToken);
        OutcomeRecord[] outcomes =
        [
            new("pg_1", "ops", PageState.Failing, Story.Start, 1, "503"), new("pg_2", "ops", PageState.Sent, Story.Start, 1, "200"),
            new("pg_1", "ops", PageState.Sent, Story.Start.AddMinutes(1), 2, "200"),
        ];
        await log.AppendOutcomesAsync(outcomes, TestContext.Current.CancellationToken);
        var found = await new Past(log).OutcomesAsync(new HashSet<string> { "pg_1", "pg_3" }, TestContext.Current.CancellationToken);
        Assert.Equal([outcomes[2]], found.Values);
        var story = new Story().Opened().Surfaces(Db).Surfaces(Db);
        var answered = new Answered(_ => null, [], TimeSpan.FromMinutes(5), early: found);
        Assert.Equal(PageState.Sent, answered.Of(new("pg_1", "ops", "opened", Story.Start, [1])).State);
        Assert.Equal(PageState.Owed, answered.Of(new("pg_3", "ops", "opened", Story.Start, [1])).State);
    }

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private static List<Exposure> Of(Story story, DateTimeOffset? at = null) => story.Views.Read(v =>
    {
        var exposures = new Exposures(story.Detail, new(v.Pages.Find, v.Pagers.Failing, TimeSpan.FromMinutes(5), at));
        return story.Detail.Changes.Select(exposures.Of).ToList();
    });
}
