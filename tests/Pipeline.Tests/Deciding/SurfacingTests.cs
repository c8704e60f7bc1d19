using Dedupe.Deciding;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

public sealed class SurfacingTests
{
    private static Story Storm(int members, RuleSet? rules = null)
    {
        var story = Story.WithHistory(rules);
        return story.Deliver([.. Enumerable.Range(0, members).Select(i => story.Alert("HostDown", ("host", $"web-{i}"), ("service", "web"), ("severity", "warning")))])
            .Forget();
    }

    [Fact]
    public void A_new_member_of_an_open_incident_is_named_within_the_gathering()
    {
        var story = Storm(60).At(30).Fire("DiskFull", "critical", ("host", "web-3"), ("service", "web")).At(33);
        var change = Assert.Single(story.Surfaced);
        Assert.Equal(Reason.NewAlert, change.Reason);
        var page = Assert.Single(story.Pages);
        Assert.Equal("changed", page.Kind);
        Assert.Equal(Story.Began + TimeSpan.FromSeconds(32), page.At);
    }

    [Fact]
    public void A_component_not_yet_in_the_incident_is_a_new_subsystem()
    {
        var story = Storm(10).At(30).Fire("ReplicationLag", ("service", "db"), ("host", "web-1"));
        Assert.Equal([Reason.NewSubsystem], story.Reasons);
    }

    [Fact]
    public void An_unrelated_failure_in_the_same_minute_is_its_own_incident()
    {
        var story = Storm(10).At(30).Fire("CertExpired", ("service", "mail"), ("host", "mx-1"));
        Assert.Equal([Reason.Opened], story.Reasons);
    }

    [Fact]
    public void A_rise_is_surfaced_and_a_fall_only_recorded()
    {
        var story = Storm(3).At(30).Fire("HostDown", "critical", ("host", "web-0"), ("service", "web"));
        Assert.Equal([Disposition.SeverityRose], story.Last);
        Assert.Equal(Severity.Warning, Assert.Single(story.Surfaced).Was);
        story.At(60).Fire("HostDown", "warning", ("host", "web-0"), ("service", "web"));
        Assert.Equal([Disposition.Eased], story.Last);
        Assert.Single(story.Surfaced);
    }

    [Theory]
    [InlineData("warning", Disposition.Repeat)]
    [InlineData("critical", Disposition.SeverityRose)]
    public void Leaving_unknown_is_a_rise_only_to_critical(string to, Disposition expected)
    {
        var story = new Story().Fire("X", ("host", "a")).At(5).Fire("X", to, ("host", "a"));
        Assert.Equal([expected], story.Last);
    }

    [Fact]
    public void Firing_again_inside_the_incident_is_refired()
    {
        var story = Storm(6).At(30).Resolve("HostDown", ("host", "web-0"), ("service", "web")).At(60).Fire("HostDown", "warning", ("host", "web-0"), ("service", "web"));
        Assert.Equal([Reason.Refired], story.Reasons);
    }

    [Fact]
    public void What_still_fires_after_the_rest_has_ended_is_a_survivor_named_within_five_seconds()
    {
        var story = Storm(60).At(30);
        story.Deliver([.. Enumerable.Range(1, 59).Select(i => story.Alert("HostDown", ("host", $"web-{i}"), ("service", "web")) with { Status = AlertStatus.Resolved })]);
        story.At(35);
        var change = Assert.Single(story.Surfaced);
        Assert.Equal((Reason.Survivor, "web-0"), (change.Reason, change.Labels["host"]));
        Assert.True(Assert.Single(story.Pages).At <= Story.Began + TimeSpan.FromSeconds(35));
    }

    [Fact]
    public void What_begins_after_the_rest_has_ended_is_new_and_no_survivor()
    {
        var story = Storm(60).At(30);
        story.Deliver([.. Enumerable.Range(1, 59).Select(i => story.Alert("HostDown", ("host", $"web-{i}"), ("service", "web")) with { Status = AlertStatus.Resolved })]);
        story.At(40).Forget();
        story.Fire("Slow", ("host", "web-0"), ("service", "checkout")).Fire("HostDown", "warning", ("host", "web-7"), ("service", "web"));
        Assert.Equal([Reason.NewSubsystem, Reason.Refired], story.At(50).Reasons);
    }

    [Fact]
    public void Four_members_leave_no_survivor()
    {
        var story = Storm(4).At(30);
        story.Deliver([.. Enumerable.Range(1, 3).Select(i => story.Alert("HostDown", ("host", $"web-{i}"), ("service", "web")) with { Status = AlertStatus.Resolved })]);
        Assert.Empty(story.At(40).Surfaced);
    }

    [Fact]
    public void A_flapper_is_said_once_and_its_later_transitions_are_only_recorded()
    {
        var story = Storm(3);
        for (var i = 1; i <= 20; i++)
        {
            story.At(i * 60).Resolve("HostDown", ("host", "web-0"), ("service", "web"));
            story.At((i * 60) + 30).Fire("HostDown", "warning", ("host", "web-0"), ("service", "web"));
        }
        Assert.Equal(1, story.Reasons.Count(r => r == Reason.Flapping));
        Assert.InRange(story.Reasons.Count(r => r == Reason.Refired), 1, 4);
        Assert.Equal([Disposition.Flapping], story.Last);
    }

    [Fact]
    public void What_kept_time_and_stops_being_sent_went_silent_after_four_of_its_gaps()
    {
        var story = Storm(1);
        for (var i = 1; i <= 5; i++) story.At(i * 60).Fire("HostDown", "warning", ("host", "web-0"), ("service", "web"));
        story.At(300 + 239);
        Assert.Empty(story.Surfaced);
        story.At(300 + 241);
        var change = Assert.Single(story.Surfaced);
        Assert.Equal((Reason.WentSilent, Story.Began + TimeSpan.FromSeconds(540)), (change.Reason, change.At));
    }

    [Theory]
    [InlineData(60, 90, 70, 115, 60, 100, 75, 110, 65, 95, false)]
    [InlineData(60, 60, 60, 70, 60, 60, 65, 60, 60, 60, true)]
    public void What_came_when_it_liked_goes_silent_only_where_it_keeps_time_since(
        int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, bool named)
    {
        var story = Storm(1);
        var at = 0;
        foreach (var gap in new[] { 60, 300, 60, a, b, c, d, e, f, g, h, i, j }) story.At(at += gap).Fire("HostDown", "warning", ("host", "web-0"), ("service", "web"));
        story.Forget().At(at + 1_000);
        Assert.Equal(named, story.Reasons.Contains(Reason.WentSilent));
    }

    [Fact]
    public void Many_of_one_observer_silent_at_once_are_one_change()
    {
        var story = Storm(1);
        for (var i = 0; i <= 5; i++)
        {
            story.At(i * 60);
            story.Deliver([.. Enumerable.Range(0, 8).Select(n => story.Alert("Slow", ("host", $"web-{n}"), ("service", "web"), ("monitor", "m1")))]);
        }
        story.Forget().At(1_000);
        var change = Assert.Single(story.Surfaced, c => c.Reason == Reason.WentSilent);
        Assert.Equal(8, change.Count);
    }

    [Fact]
    public void Time_in_which_we_did_not_listen_is_nobodys_silence()
    {
        var story = Storm(1);
        for (var i = 1; i <= 5; i++) story.At(i * 60).Fire("HostDown", "warning", ("host", "web-0"), ("service", "web"));
        // 20 minutes pass unheard by us: the blind period is recorded before anything else can be.
        var listened = Storm(1);
        for (var i = 1; i <= 5; i++) listened.At(i * 60).Fire("HostDown", "warning", ("host", "web-0"), ("service", "web"));
        listened.BlindUntil(1_500, from: 300).At(1_620);
        Assert.Empty(listened.Surfaced);
        Assert.Contains(Reason.WentSilent, story.At(1_620).Reasons);
    }

    [Fact]
    public void Another_text_is_said_once_a_day_and_numbers_are_no_other_text()
    {
        var story = Storm(0);
        Alert Says(string text) => story.Alert("Disk", ("host", "a")) with { Summary = text };
        story.Deliver(Says("disk 80 % full")).Forget();
        story.At(10).Deliver(Says("disk 81.5 % full"));
        Assert.Equal([Disposition.Repeat], story.Last);
        story.At(20).Deliver(Says("disk is read-only"));
        Assert.Equal([Disposition.MessageChanged], story.Last);
        story.At(30).Deliver(Says("disk is gone"));
        Assert.Equal([Disposition.Repeat], story.Last);
    }

    [Fact]
    public void Without_history_the_rank_is_at_most_a_half_and_why_says_so()
    {
        var story = new Story().Fire("X", "critical", ("host", "a"));
        var change = Assert.Single(story.Surfaced);
        Assert.True(change.Rank <= 0.5);
        Assert.Contains("no history yet", change.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void What_began_long_before_the_first_delivery_is_one_preexisting_incident_with_one_page()
    {
        var story = new Story();
        for (var i = 0; i < 5; i++)
            story.At(i).Deliver(story.Alert("HostDown", ("host", $"web-{i}")) with { StartsAt = Story.Began - TimeSpan.FromHours(1) });
        Assert.Single(story.Decisions.OfType<Decision.IncidentOpened>());
        Assert.Equal([Disposition.Preexisting], story.Last);
        Assert.Single(story.At(500).Pages);
    }

    [Fact]
    public void A_log_template_never_seen_is_a_new_error_class_and_a_known_one_a_repeat()
    {
        var story = Storm(0);
        Alert Line(string message) => story.Alert("LogError", ("service", "shop")) with { LogMessage = message, Severity = Severity.Critical };
        story.Deliver(Line("connection 17 refused by 10.0.0.3")).At(5).Deliver(Line("connection 99 refused by 10.0.0.4"));
        Assert.Equal([Disposition.Repeat], story.Last);
        story.At(9).Deliver(Line("thread pool exhausted while waiting for worker"));
        Assert.Equal([Disposition.NewErrorClass], story.Last);
    }
}
