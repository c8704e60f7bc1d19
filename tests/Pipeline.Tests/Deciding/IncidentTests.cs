using Dedupe.Deciding;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

public sealed class IncidentTests
{
    private static readonly (string, string) Db = ("host", "db-1");

    [Fact]
    public void It_is_resolved_a_minute_after_its_last_member_ended_and_who_was_told_is_told()
    {
        var story = new Story().Fire("HostDown", Db).At(100).Resolve("HostDown", Db).Forget().At(161);
        Assert.Equal(Story.Began + TimeSpan.FromSeconds(160), Assert.Single(story.Decisions.OfType<Decision.IncidentResolved>()).At);
        Assert.Equal("resolved", Assert.Single(story.Pages).Kind);
    }

    [Fact]
    public void Firing_again_within_a_quarter_of_an_hour_reopens_the_same_incident_and_later_opens_another()
    {
        var story = new Story().Fire("HostDown", Db).At(100).Resolve("HostDown", Db).At(500).Fire("HostDown", Db);
        Assert.Equal([Disposition.Refired], story.Last);
        Assert.Single(story.Decisions.OfType<Decision.IncidentReopened>());
        story.At(600).Resolve("HostDown", Db).At(3_000).Fire("HostDown", Db);
        Assert.Equal([Disposition.Opened], story.Last);
        Assert.Equal(2, story.Decisions.OfType<Decision.IncidentOpened>().Count());
    }

    [Fact]
    public void What_comes_back_in_another_incident_counts_there_once()
    {
        var story = new Story().Fire("HostDown", Db).At(100).Resolve("HostDown", Db).At(3_000).Forget().Fire("HostDown", Db).At(3_100).Resolve("HostDown", Db).At(3_200);
        Assert.Contains("\"alerts\":{\"firing\":1,\"resolved\":0,", story.Pages.First().Body, StringComparison.Ordinal);
        Assert.Contains("\"alerts\":{\"firing\":0,\"resolved\":1,", story.Pages.Last().Body, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_left_of_those_that_came_back_is_a_survivor_as_the_first_time()
    {
        var story = new Story();
        foreach (var start in (int[])[0, 10_000])
        {
            story.At(start).Forget();
            for (var i = 0; i < 6; i++) story.Fire($"Check{i}", Db);
            story.At(start + 300);
            for (var i = 0; i < 5; i++) story.Resolve($"Check{i}", Db);
            story.Fire("Check5", Db).At(start + 310);
            Assert.Single(story.Surfaced, c => c.Reason == Reason.Survivor);
            story.Resolve("Check5", Db).At(start + 400);
        }
    }

    [Fact]
    public void Unheard_for_a_day_it_is_stale()
    {
        var story = new Story().Fire("HostDown", Db).At((24 * 3600) + 10);
        Assert.Single(story.Decisions.OfType<Decision.IncidentWentStale>());
        Assert.Empty(story.Decisions.OfType<Decision.IncidentResolved>());
    }

    [Fact]
    public void An_acknowledgement_covers_what_was_known_and_news_is_paged_all_the_same()
    {
        var story = new Story().Fire("HostDown", Db);
        story.At(10).Act(new Act.Acknowledge(story.Incident, "kim")).Forget();
        story.At(20).Fire("DiskFull", Db).At(25);
        Assert.Equal([Reason.NewAlert], story.Reasons);
        Assert.Contains("\"unseen\":1", Assert.Single(story.Pages).Body, StringComparison.Ordinal);
    }

    [Fact]
    public void News_in_an_acknowledged_incident_opens_it_again_and_its_time_ends_all_the_same()
    {
        var story = new Story().Fire("HostDown", Db);
        story.At(10).Act(new Act.Acknowledge(story.Incident, "kim", Until: Story.Began + TimeSpan.FromMinutes(30), Awaiting: "rollback")).Forget();
        story.At(20).Fire("DiskFull", Db).At(25);
        Assert.Contains("\"state\":\"open\"", Assert.Single(story.Pages).Body, StringComparison.Ordinal);
        for (var i = 1; i < 40; i++) story.At(i * 60).Fire("HostDown", Db);
        Assert.Contains("the awaited rollback was never recorded", Assert.Single(story.Surfaced, c => c.Reason == Reason.AckExpired).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void An_acknowledgement_of_less_than_there_is_leaves_the_rest_open()
    {
        var story = new Story().Fire("HostDown", Db).At(5).Fire("DiskFull", Db);
        // Version 3 of the incident is what opened it.
        story.At(10).Act(new Act.Acknowledge(story.Incident, "kim", Seen: 3)).At(20).Fire("LoadHigh", Db).At(25);
        Assert.Contains("\"unseen\":2", Assert.Single(story.Pages, p => p.At > Story.Began + TimeSpan.FromSeconds(10)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public void An_acknowledgement_that_ends_while_it_fires_says_whether_the_awaited_change_came()
    {
        var story = new Story().Fire("HostDown", Db);
        story.At(10).Act(new Act.Acknowledge(story.Incident, "kim", Until: Story.Began + TimeSpan.FromMinutes(30), Awaiting: "restart"));
        for (var i = 1; i < 40; i++) story.At(i * 60).Fire("HostDown", Db);
        var change = Assert.Single(story.Surfaced, c => c.Reason == Reason.AckExpired);
        Assert.Equal(Story.Began + TimeSpan.FromMinutes(30), change.At);
        Assert.Contains("never recorded", change.Why, StringComparison.Ordinal);
        Assert.Contains(story.Pages, p => p.Kind == "reminder");
    }

    [Fact]
    public void A_person_resolves_only_what_has_ended_unless_by_force_and_then_repeats_reopen_nothing()
    {
        var story = new Story().Fire("HostDown", "warning", Db);
        story.Act(new Act.Resolve(story.Incident, "kim"));
        Assert.Empty(story.Decisions.OfType<Decision.IncidentResolved>());
        story.Act(new Act.Resolve(story.Incident, "kim", Force: true));
        Assert.Single(story.Decisions.OfType<Decision.IncidentResolved>());
        story.At(30).Fire("HostDown", "warning", Db);
        Assert.Equal([Disposition.Repeat], story.Last);
        Assert.Empty(story.Decisions.OfType<Decision.IncidentReopened>());
        story.At(40).Fire("HostDown", "critical", Db);
        Assert.Single(story.Decisions.OfType<Decision.IncidentReopened>());
    }

    [Fact]
    public void A_silenced_alert_joins_and_does_not_page_and_is_unsilenced_when_it_still_fires_at_the_end()
    {
        var story = new Story().Silence("s1", 600, new LabelMatcher("host", "db-1", false, true)).Fire("HostDown", "warning", Db);
        Assert.Equal([Disposition.Silenced], story.Last);
        Assert.Empty(story.At(599).Pages);
        story.At(601);
        Assert.Equal([Reason.Unsilenced], story.Reasons);
        Assert.Single(story.At(1_000).Pages);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void A_rise_to_critical_breaks_a_silence_that_does_not_name_critical(bool namesCritical, bool pages)
    {
        LabelMatcher[] matchers = namesCritical
            ? [new("host", "db-1", false, true), new("severity", "warning|critical", true, true)]
            : [new("host", "db-1", false, true)];
        var story = new Story().Silence("s1", 6_000, matchers).Fire("HostDown", "warning", Db).At(10).Fire("HostDown", "critical", Db).At(20);
        Assert.Equal(pages, story.Pages.Any());
    }

    [Fact]
    public void Paging_is_slowed_by_the_budget_and_nothing_waits_longer_than_the_latest_and_nothing_is_dropped()
    {
        var story = new Story().Fire("HostDown", Db).Forget();
        for (var i = 0; i < 100; i++) story.At(10 + (i * 3)).Fire($"New{i}", Db);
        story.At(1_000);
        var minute = story.Pages.Count(p => p.At <= Story.Began + TimeSpan.FromSeconds(60));
        Assert.InRange(minute, 4, 7);
        Assert.InRange(story.Pages.Count(), 8, 14);
        Assert.Equal(story.Surfaced.Select(c => c.Ordinal), story.Pages.SelectMany(p => p.Named).Order());
        foreach (var page in story.Pages)
            foreach (var change in story.Surfaced.Where(c => page.Named.Contains(c.Ordinal))) Assert.InRange(page.At - change.At, TimeSpan.Zero, TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void A_pager_that_fails_is_told_through_the_others_and_catches_up_in_one_page_an_incident()
    {
        var rules = RuleSet.Default with { Pagers = [new("ops", LabelSet.Empty), new("spare", LabelSet.Empty)] };
        var story = new Story(rules).Fire("HostDown", Db).At(10).Pager("ops", failing: true);
        Assert.Contains(story.Pages, p => p.Pager == "spare" && p.Body.Contains("does not answer", StringComparison.Ordinal));
        Assert.DoesNotContain(story.Pages, p => p.Pager == "ops" && p.Body.Contains("does not answer", StringComparison.Ordinal));
        story.Forget().At(100).Fire("DiskFull", Db).At(200).Fire("LoadHigh", Db).At(300);
        Assert.DoesNotContain(story.Pages, p => p.Pager == "ops");
        story.Pager("ops", failing: false);
        var late = Assert.Single(story.Pages, p => p.Pager == "ops");
        Assert.Equal(2, late.Named.Count);
        Assert.Contains("late", late.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_goes_to_the_pagers_it_matches_and_to_all_where_it_matches_none()
    {
        var rules = RuleSet.Default with { Pagers = [new("web", LabelSet.Of(("team", "web"))), new("db", LabelSet.Of(("team", "db")))] };
        var story = new Story(rules).Fire("A", ("team", "web"), ("host", "a"));
        Assert.Equal(["web"], story.Pages.Select(p => p.Pager));
        story.Forget().Fire("B", ("team", "hr"), ("host", "b"));
        Assert.Equal(["db", "web"], story.Pages.Select(p => p.Pager).Order());
    }

    [Fact]
    public void At_the_end_of_a_replay_what_is_owed_is_paged_and_nothing_else_is_decided()
    {
        var story = new Story().Fire("HostDown", "warning", Db).At(10).Resolve("HostDown", Db).At(20).Fire("HostDown", "warning", Db).Forget().Flush();
        Assert.Equal("changed", Assert.Single(story.Pages).Kind);
        Assert.Empty(story.Surfaced);
        Assert.Empty(story.Forget().Flush().Pages);
    }

    [Fact]
    public void Info_never_pages()
    {
        var story = new Story().Fire("Backup", "info", Db).At(1_000);
        Assert.Single(story.Surfaced);
        Assert.Empty(story.Pages);
    }

    [Fact]
    public void More_than_twenty_alike_are_one_entry_with_their_shared_labels()
    {
        var story = new Story().Fire("HostDown", ("host", "web-x"), ("service", "web")).Forget().At(10);
        story.Deliver([.. Enumerable.Range(0, 180).Select(i => story.Alert("DiskFull", ("host", $"web-{i}"), ("service", "web")))]).At(20);
        var body = System.Text.Json.JsonDocument.Parse(Assert.Single(story.Pages).Body).RootElement;
        var change = Assert.Single(body.GetProperty("changes").EnumerateArray());
        Assert.Equal(180, change.GetProperty("count").GetInt32());
        Assert.Equal(20, change.GetProperty("fingerprints").GetArrayLength());
        Assert.False(change.GetProperty("labels").TryGetProperty("host", out _));
        Assert.Equal("web", change.GetProperty("labels").GetProperty("service").GetString());
    }

    [Fact]
    public void Beyond_the_bound_the_longest_ended_identities_are_forgotten()
    {
        var rules = RuleSet.Default with { Identity = new() { Max = 100 } };
        var story = new Story(rules);
        for (var i = 0; i < 150; i++) story.At(i).Fire("X", ("host", $"h{i}")).Resolve("X", ("host", $"h{i}"));
        var forgotten = story.Decisions.OfType<Decision.IdentityForgotten>().Count();
        Assert.InRange(150 - forgotten, 98, 100);
    }
}
