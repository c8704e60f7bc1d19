using Dedupe.Deciding;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>What has to come again and again, and whose absence is the news.</summary>
public sealed class HeartbeatTests
{
    private static readonly LabelSet Watchdog = LabelSet.Of(("alertname", "Watchdog"));
    private static readonly (string, string) Eu = ("cluster", "eu"), Us = ("cluster", "us");

    [Fact]
    public void While_it_comes_it_is_a_repeat_of_no_incident_and_nobody_is_paged()
    {
        var story = Story(Every(60));
        for (var i = 0; i < 50; i++)
        {
            story.At(i * 60).Fire("Watchdog", Eu);
            Assert.Equal([Disposition.Repeat], story.Last);
        }
        story.At(50 * 60).Resolve("Watchdog", Eu);
        Assert.Empty(story.Surfaced);
        Assert.Empty(story.Pages);
        var noted = Assert.Single(story.Decisions.OfType<Decision.AlertDecided>(), d => d.Status == AlertStatus.Firing);
        Assert.Equal((null, Severity.Ok, "prometheus"), ((IncidentId?)noted.Incident, noted.Severity, noted.Heartbeat));
        Assert.Equal(49, story.Decisions.OfType<Decision.RepeatsCounted>().SelectMany(c => c.Items).Sum(r => r.Count));
    }

    [Fact]
    public void Unheard_for_its_time_and_its_grace_it_went_silent_which_is_an_incident_of_its_own_paged_at_once()
    {
        var story = Story(Every(60, grace: 120)).At(0).Fire("Watchdog", Eu).At(60).Fire("Watchdog", Eu).At(239);
        Assert.Empty(story.Surfaced);
        story.At(240);
        var change = Assert.Single(story.Surfaced);
        Assert.Equal((Reason.WentSilent, true, Severity.Critical, At(240)), (change.Reason, change.Urgent, change.Severity, change.At));
        Assert.Equal(LabelSet.Of(("alertname", "HeartbeatMissing"), ("heartbeat", "prometheus"), Eu), change.Labels);
        Assert.StartsWith("unheard for 3 min; it should come every 60 s", change.Why, StringComparison.Ordinal);
        Assert.Equal("Heartbeat prometheus is missing", Assert.Single(story.Decisions.OfType<Decision.IncidentOpened>()).Title);
        var page = Assert.Single(story.Pages);
        Assert.Equal(("opened", true, At(240)), (page.Kind, page.Urgent, page.At));
        Assert.Contains("CRITICAL went-silent: HeartbeatMissing: heartbeat prometheus does not come {cluster=", page.Body, StringComparison.Ordinal);
        Assert.Empty(story.Forget().At(4 * 3600).Surfaced);
    }

    [Fact]
    public void Its_return_ends_the_incident_and_a_resolved_one_is_no_return()
    {
        var story = Story(Every(60)).Fire("Watchdog", Eu).At(200).Resolve("Watchdog", Eu).At(240);
        Assert.Empty(story.Decisions.OfType<Decision.IncidentResolved>());
        story.At(300).Fire("Watchdog", Eu);
        Assert.Equal([Disposition.Repeat], story.Last);
        Assert.Equal("heartbeat prometheus comes again after 5 min",
            Assert.Single(story.Decisions.OfType<Decision.AlertDecided>(), d => d is { Disposition: Disposition.Resolved, Source: "pipeline" }).Summary);
        story.At(361);
        Assert.Single(story.Decisions.OfType<Decision.IncidentResolved>());
        Assert.Equal(["opened", "resolved"], story.Pages.Select(p => p.Kind));
        // And it is waited for again: the same incident, since it is over for so short.
        story.Forget().At(480);
        Assert.Equal([Reason.WentSilent], story.Reasons);
        Assert.Single(story.Decisions.OfType<Decision.IncidentReopened>());
    }

    [Fact]
    public void One_that_never_came_is_missing_too_and_says_so()
    {
        var story = Story(Every(60)).At(0).Fire("Other").Forget().At(179);
        Assert.Empty(story.Surfaced);
        story.At(181);
        Assert.StartsWith("never heard in 3 min since it was declared", Assert.Single(story.Surfaced).Why, StringComparison.Ordinal);
        story.At(200).Fire("Watchdog", Eu).At(230).Fire("Watchdog", Eu).At(262);
        Assert.Single(story.Decisions.OfType<Decision.IncidentResolved>());
    }

    [Fact]
    public void Each_identity_that_matches_is_missed_on_its_own_and_what_goes_missing_next_joins()
    {
        var story = Story(Every(60)).At(0).Fire("Watchdog", Eu).Fire("Watchdog", Us);
        for (var i = 1; i < 5; i++) story.At(i * 60).Fire("Watchdog", Us);
        Assert.Equal("eu", Assert.Single(story.Surfaced).Labels["cluster"]);
        story.At(600);
        Assert.Equal(["eu", "us"], story.Surfaced.Select(c => c.Labels["cluster"]));
        Assert.Single(story.Surfaced.Select(c => c.Incident).Distinct());
        // Its incident ends when the last of them is back.
        story.At(610).Fire("Watchdog", Eu).At(680).Fire("Watchdog", Eu).Fire("Watchdog", Us).At(700);
        Assert.Empty(story.Decisions.OfType<Decision.IncidentResolved>());
        story.At(730).Fire("Watchdog", Eu).Fire("Watchdog", Us).At(741);
        Assert.Single(story.Decisions.OfType<Decision.IncidentResolved>());
    }

    [Fact]
    public void Five_that_go_missing_at_once_are_one_change()
    {
        var story = Story(Every(60)).At(0);
        for (var i = 0; i < 12; i++) story.At(i * 0.5).Fire("Watchdog", ("cluster", $"c{i}"));
        story.At(400);
        var change = Assert.Single(story.Surfaced);
        Assert.Equal((12, 12), (change.Count, change.Fingerprints!.Count));
        Assert.Equal(LabelSet.Of(("alertname", "HeartbeatMissing"), ("heartbeat", "prometheus")), change.Labels);
        Assert.Contains("from 12 places", change.Summary!, StringComparison.Ordinal);
        Assert.Single(story.Pages);
    }

    [Fact]
    public void Time_in_which_we_did_not_listen_is_no_silence()
    {
        var story = Story(Every(60)).At(0).Fire("Watchdog", Eu).BlindUntil(3_600, from: 60).At(3_600 + 119);
        Assert.Empty(story.Surfaced);
        Assert.Single(story.At(3_600 + 121).Surfaced);
    }

    [Fact]
    public void What_comes_and_goes_is_said_to_flap_and_then_only_recorded()
    {
        var story = Story(Every(60));
        for (var i = 0; i < 12; i++) story.At(i * 400).Fire("Watchdog", Eu);
        story.At(12 * 400);
        Assert.Equal([Reason.WentSilent, Reason.WentSilent, Reason.WentSilent, Reason.Flapping], story.Reasons);
        Assert.True(story.Decisions.OfType<Decision.AlertDecided>().Count(d => d.Disposition == Disposition.Flapping) > 3);
    }

    [Fact]
    public void A_silence_covers_it_and_its_end_says_that_it_is_still_missing()
    {
        var story = Story(Every(60)).At(0).Fire("Watchdog", Eu).Silence("s1", 900, new LabelMatcher("heartbeat", "prometheus", false, true)).At(800);
        Assert.Empty(story.Surfaced);
        Assert.Single(story.Decisions.OfType<Decision.AlertDecided>(), d => d.SilencedBy == "s1");
        Assert.Equal([Reason.Unsilenced], story.At(901).Reasons);
    }

    [Theory]
    [InlineData("generic", null)]
    [InlineData(null, "m2")]
    public void A_source_or_an_observer_lives_while_anything_comes_from_it_and_that_is_decided_as_ever(string? source, string? observer)
    {
        var story = Story(new HeartbeatRule("alive", TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60), Source: source, Observer: observer));
        story.At(0).Fire("DiskFull", ("host", "db-1"), ("monitor", "m2"));
        Assert.Equal([Disposition.Opened], story.Last);
        story.At(100).Resolve("DiskFull", ("host", "db-1"), ("monitor", "m2")).At(219);
        Assert.Equal([Reason.Opened], story.Reasons);
        story.At(221);
        Assert.Equal([Reason.Opened, Reason.WentSilent], story.Reasons);
        story.At(300).Fire("DiskFull", ("host", "db-2"), ("monitor", "m2")).At(361);
        Assert.Contains(story.Decisions.OfType<Decision.IncidentResolved>(), r => r.Incident == story.Decisions.OfType<Decision.IncidentOpened>().Single(o => o.Title == "Heartbeat alive is missing").Incident);
    }

    [Fact]
    public void Declared_while_its_alert_is_an_incident_that_ends_and_undeclared_it_is_an_alert_again()
    {
        var story = new Story().At(0).Fire("Watchdog", Eu);
        Assert.Equal([Disposition.Opened], story.Last);
        story.At(30).Under(Rules(Every(60))).At(60).Fire("Watchdog", Eu).At(100).Fire("Watchdog", Eu);
        Assert.Equal([Disposition.Repeat], story.Last);
        Assert.Single(story.At(121).Decisions.OfType<Decision.IncidentResolved>());
        story.Forget().At(400);
        Assert.Equal([Reason.WentSilent], story.Reasons);
        // Nobody waits for it any more.
        story.At(420).Under(RuleSet.Default).At(481);
        Assert.Single(story.Decisions.OfType<Decision.IncidentResolved>());
        story.At(2_000).Fire("Watchdog", Eu);
        Assert.Equal([Disposition.Opened], story.Last);
    }

    [Fact]
    public void Rules_that_change_something_else_change_nothing_in_what_is_waited_for()
    {
        var rules = Rules(Every(60));
        var story = new Story(rules).At(0).Fire("Watchdog", Eu).At(100).Under(rules with { Page = rules.Page with { Budget = 3 } }).At(181);
        Assert.Equal([At(180)], story.Surfaced.Select(c => c.At));
        story.At(200).Under(rules).At(500);
        Assert.Single(story.Surfaced);
    }

    [Fact]
    public void Labels_that_make_an_identity_no_more_make_nobody_miss_what_comes_without_them()
    {
        var rules = Rules(Every(60));
        var story = new Story(rules).At(0).Fire("Watchdog", Eu).Fire("Watchdog", Us);
        story.At(30).Under(rules with { Identity = rules.Identity with { Volatile = [.. rules.Identity.Volatile, "cluster"] } });
        for (var i = 1; i < 6; i++) story.At(i * 60).Fire("Watchdog", Eu);
        Assert.Empty(story.Surfaced);
        Assert.Single(story.At(600).Surfaced);
    }

    [Fact]
    public void Beyond_the_bound_an_identity_is_noted_and_not_missed()
    {
        var story = Story(Every(60)).At(0);
        story.Deliver([.. Enumerable.Range(0, 1_500).Select(i => story.Alert("Watchdog", ("cluster", $"c{i}")))]);
        Assert.Equal(1_000, Assert.Single(story.At(400).Surfaced).Count);
    }

    [Fact]
    public void A_pager_gets_what_it_matches_of_the_labels_of_what_is_missing()
    {
        var rules = Rules(Every(60) with { Severity = Severity.Warning }) with
        {
            Pagers = [new("eu", LabelSet.Of(Eu)), new("us", LabelSet.Of(Us)), new("loud", LabelSet.Of(Eu), Severity.Critical)],
        };
        var story = new Story(rules).At(0).Fire("Watchdog", Eu).At(300);
        Assert.Equal(["eu"], story.Pages.Select(p => p.Pager));
    }

    private static DateTimeOffset At(double seconds) => Deciding.Story.Began + TimeSpan.FromSeconds(seconds);

    private static HeartbeatRule Every(double seconds, double grace = 120) =>
        new("prometheus", TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(grace), Watchdog);

    private static RuleSet Rules(params HeartbeatRule[] heartbeats) => RuleSet.Default with { Heartbeats = heartbeats };

    private static Story Story(params HeartbeatRule[] heartbeats) => new(Rules(heartbeats));
}
