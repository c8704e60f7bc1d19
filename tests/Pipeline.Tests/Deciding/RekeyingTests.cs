using Dedupe.Deciding;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>New identity rules re-key what is known and surface nothing.</summary>
public sealed class RekeyingTests
{
    private static readonly (string, string) Web = ("service", "web");

    private static RuleSet With(params string[] labels) =>
        RuleSet.Default with { Identity = new() { Volatile = [.. RuleSet.Default.Identity.Volatile, .. labels] } };

    private static RuleSet WithoutReplica { get; } =
        RuleSet.Default with { Identity = new() { Volatile = [.. RuleSet.Default.Identity.Volatile.Except(["replica"])] } };

    [Fact]
    public void A_label_that_counts_no_more_is_taken_from_what_is_known_and_nothing_is_surfaced_by_it()
    {
        var story = new Story().Fire("HostDown", Web, ("pod", "web-1")).At(30).Forget().Under(With("pod"));
        Assert.Empty(story.Surfaced);
        Assert.Empty(story.Pages);
        story.At(60).Fire("HostDown", Web, ("pod", "web-7"));
        Assert.Equal([Disposition.Repeat], story.Last);
        story.At(90).Resolve("HostDown", Web, ("pod", "web-9")).At(200);
        Assert.Empty(story.Surfaced);
        Assert.Single(story.Decisions.OfType<Decision.IncidentResolved>());
    }

    [Fact]
    public void Several_that_fall_together_are_one_member_that_fires_while_one_of_them_did()
    {
        var story = new Story();
        story.Deliver(story.Alert("HostDown", Web, ("pod", "a"), ("severity", "warning")), story.Alert("HostDown", Web, ("pod", "b"), ("severity", "critical")),
            story.Alert("HostDown", Web, ("pod", "c")));
        story.At(10).Resolve("HostDown", Web, ("pod", "c")).At(20).Under(With("pod")).Forget();
        story.At(100).Fire("HostDown", "critical", Web, ("pod", "c")).At(200);
        Assert.Equal([Disposition.Repeat], story.At(100).Fire("HostDown", "critical", Web).Last);
        Assert.Empty(story.Decisions.OfType<Decision.IncidentResolved>());
        story.At(300).Resolve("HostDown", Web).At(361);
        Assert.Single(story.Decisions.OfType<Decision.IncidentResolved>());
        Assert.Contains("\"firing\":0,\"resolved\":1", Assert.Single(story.Pages).Body, StringComparison.Ordinal);
    }

    [Fact]
    public void What_fires_in_two_incidents_and_falls_together_counts_in_the_older_one()
    {
        var story = new Story().Fire("HostDown", ("host", "a"), ("team", "x")).At(400);
        var older = story.Incident;
        story.Fire("HostDown", ("host", "b"), ("team", "y")).At(800).Under(With("host", "team")).Forget();
        story.At(900).Resolve("HostDown").At(961);
        Assert.Equal(older, Assert.Single(story.Decisions.OfType<Decision.IncidentResolved>()).Incident);
    }

    [Fact]
    public void The_first_that_brings_a_label_which_counts_now_is_what_was_known_without_it()
    {
        var story = new Story().Fire("HostDown", Web, ("replica", "r1")).Forget().At(10).Under(WithoutReplica);
        Assert.Empty(story.Surfaced);
        story.At(60).Fire("HostDown", Web, ("replica", "r3"));
        Assert.Equal([Disposition.Repeat], story.Last);
        Assert.Empty(story.At(400).Surfaced);
        // It has the label now, so that its end is its own.
        story.Resolve("HostDown", Web, ("replica", "r3"));
        Assert.Equal([Disposition.Resolved], story.Last);
    }

    [Fact]
    public void A_value_that_was_heard_of_before_the_rules_is_no_news_and_one_that_was_not_is()
    {
        var story = new Story().Fire("HostDown", Web, ("replica", "r1")).At(5).Fire("HostDown", Web, ("replica", "r2")).At(10).Under(WithoutReplica).Forget();
        story.At(60).Fire("HostDown", Web, ("replica", "r1"));
        Assert.Equal([Disposition.Repeat], story.Last);
        story.At(61).Fire("HostDown", Web, ("replica", "r2"));
        Assert.Equal([Disposition.Repeat], story.Last);
        Assert.Empty(story.At(70).Surfaced);
        story.At(80).Fire("HostDown", Web, ("replica", "r3"));
        Assert.Equal([Disposition.NewAlert], story.Last);
        // Both that were one before must end before the incident does.
        story.At(90).Resolve("HostDown", Web, ("replica", "r1")).Resolve("HostDown", Web, ("replica", "r3")).At(400);
        Assert.Empty(story.Decisions.OfType<Decision.IncidentResolved>());
        story.Resolve("HostDown", Web, ("replica", "r2")).At(500);
        Assert.Single(story.Decisions.OfType<Decision.IncidentResolved>());
    }

    [Fact]
    public void A_rise_is_said_even_of_what_was_known_before_the_rules()
    {
        var story = new Story().Fire("HostDown", "warning", Web, ("replica", "r1")).At(5).Fire("HostDown", "warning", Web, ("replica", "r2")).At(10).Under(WithoutReplica).Forget();
        story.At(60).Fire("HostDown", "critical", Web, ("replica", "r1"));
        Assert.Equal([Disposition.SeverityRose], story.Last);
        story.At(61).Fire("HostDown", "critical", Web, ("replica", "r2"));
        Assert.Equal([Disposition.Repeat], story.Last);
    }

    [Fact]
    public void What_has_a_key_of_its_source_keeps_it()
    {
        var story = new Story();
        Alert Keyed(params (string, string)[] labels)
        {
            var key = LabelSet.Of(("dedup_key", "d1"));
            var alert = story.Alert("Disk", labels);
            return alert with { Identity = alert.Identity with { Key = key, Fingerprint = Fingerprint.Of(key) } };
        }
        story.Deliver(Keyed(Web, ("pod", "a"))).At(10).Under(With("pod")).Forget();
        story.Deliver(Keyed(Web, ("pod", "b")));
        Assert.Equal([Disposition.Repeat], story.Last);
    }

    [Fact]
    public void A_line_of_a_known_template_is_no_new_class_when_its_service_counts_no_more()
    {
        var story = new Story();
        Alert Line(string message) => story.Alert("LogError", ("service", "shop")) with { LogMessage = message, Severity = Severity.Critical };
        story.Deliver(Line("connection 17 refused by 10.0.0.3")).At(5).Deliver(Line("connection 18 refused at once by 10.0.0.3")).At(10).Under(With("service")).Forget();
        story.At(20).Deliver(Line("connection 99 refused by 10.0.0.4"));
        Assert.Equal([Disposition.Repeat], story.Last);
        Assert.Empty(story.Surfaced);
    }

    [Fact]
    public void Rules_that_come_and_go_leave_every_identity_what_it_was()
    {
        var story = new Story().Fire("HostDown", Web, ("replica", "r1")).At(5).Under(WithoutReplica).At(10).Fire("HostDown", Web, ("replica", "r1"))
            .At(15).Under(RuleSet.Default).Forget().At(20).Fire("HostDown", Web, ("replica", "r2"));
        Assert.Equal([Disposition.Repeat], story.Last);
        Assert.Empty(story.At(400).Surfaced);
    }
}
