using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>What belongs together by what depends on what, declared or learned, and what comes back as another failure.</summary>
public sealed class CascadeTests
{
    private static readonly Topology Shop = new(
    [
        new("web", Level.Service, "shop", ["orders"]), new("orders", Level.Service, "shop", ["db"]), new("db", Level.Service, null, []),
        new("mail", Level.Service, "office", []), new("shop", Level.System, null, []),
    ]);

    [Fact]
    public void A_cascade_along_declared_dependencies_is_one_incident_and_each_joining_says_why()
    {
        var story = new Story(topology: Shop).Fire("DiskFull", "critical", ("service", "db")).At(40).Fire("Errors", "critical", ("service", "orders")).At(60).Fire("Slow", "critical", ("service", "web"));
        Assert.Single(story.Decisions.OfType<Decision.IncidentOpened>());
        Assert.Equal(["joined: orders depends on db, 40 s after it", "joined: web depends on orders, 20 s after it"], story.Decisions.OfType<Decision.AlertDecided>().Select(d => d.Because).OfType<string>());
        Assert.Equal([Reason.Opened, Reason.NewSubsystem, Reason.NewSubsystem], story.Reasons);
    }

    [Fact]
    public void A_page_names_the_furthest_upstream_thing_that_fires_and_what_stands_above()
    {
        var story = new Story(topology: Shop).Fire("Slow", "critical", ("service", "web")).At(5).Fire("Errors", "critical", ("service", "orders")).At(10).Fire("DiskFull", "critical", ("service", "db")).At(20);
        using var page = System.Text.Json.JsonDocument.Parse(story.Pages.Last().Body);
        var incident = page.RootElement.GetProperty("incident");
        Assert.Equal("db", incident.GetProperty("origin").GetString());
        Assert.Equal("""[{"level":"system","component":"shop"}]""", incident.GetProperty("impact").GetRawText());
        Assert.Contains("likely origin db", page.RootElement.GetProperty("text").GetString());
    }

    [Fact]
    public void Origin_and_impact_are_named_when_they_change_and_stay_once_nothing_fires()
    {
        var story = new Story(topology: Shop).Fire("Slow", "critical", ("service", "web")).At(1).Fire("Slow", "critical", ("service", "web"));
        Assert.Equal([(null, 1)], Named(story));
        story.Forget().At(5).Fire("Errors", "critical", ("service", "orders")).At(10).Fire("DiskFull", "critical", ("service", "db"));
        Assert.Equal([("orders", 1), ("db", 1)], Named(story));
        story.Forget().At(60).Resolve("Slow", ("service", "web")).Resolve("Errors", ("service", "orders")).Resolve("DiskFull", ("service", "db")).At(300);
        Assert.Empty(Named(story));
        Assert.Contains("\"kind\":\"resolved\"", story.Pages.Last().Body);
        Assert.Contains("\"origin\":\"db\"", story.Pages.Last().Body);
        Assert.DoesNotContain("likely origin", story.Pages.Last().Body);
    }

    [Fact]
    public void A_topology_that_is_put_in_force_names_the_origin_of_what_fires_already()
    {
        var story = new Story().Fire("Slow", "critical", ("service", "web"), ("cluster", "c1")).At(5).Fire("DiskFull", "critical", ("service", "db"), ("cluster", "c1"));
        Assert.Empty(Named(story));
        story.Declare(new([new("web", Level.Service, "shop", ["db"]), new("db", Level.Service, null, []), new("shop", Level.Business, null, [])]));
        Assert.Contains(("db", 1), Named(story));
    }

    private static IEnumerable<(string? Origin, int Impact)> Named(Story story) => story.Decisions.OfType<Decision.OriginNamed>().Select(n => (n.Origin, n.Impact.Count));

    [Fact]
    public void Two_unrelated_failures_in_the_same_minute_are_two_incidents()
    {
        var story = new Story(topology: Shop).Fire("DiskFull", "critical", ("service", "db")).At(20).Fire("QueueFull", "critical", ("service", "mail")).At(40).Fire("Errors", "critical", ("service", "orders"));
        Assert.Equal(2, story.Decisions.OfType<Decision.IncidentOpened>().Count());
    }

    [Fact]
    public void What_is_near_in_place_but_hours_later_is_its_own_incident()
    {
        var story = new Story(topology: Shop).Fire("DiskFull", "critical", ("service", "db")).At(7_200).Fire("Errors", "critical", ("service", "orders"));
        Assert.Equal(2, story.Decisions.OfType<Decision.IncidentOpened>().Count());
    }

    [Fact]
    public void Components_that_fired_together_three_times_are_one_incident_the_fourth_time_without_any_topology()
    {
        var story = Story.WithHistory();
        for (var i = 0; i < 4; i++)
            story.At(i * 7_200).Fire("Down", "critical", ("service", "a")).At((i * 7_200) + 20).Fire("Late", "critical", ("service", "b"))
                .At((i * 7_200) + 300).Resolve("Down", ("service", "a")).Resolve("Late", ("service", "b"));
        Assert.Equal(7, story.Decisions.OfType<Decision.IncidentOpened>().Count());
        Assert.Contains("joined: b fired together with a 3 of 3 times before, 20 s after it", story.Decisions.OfType<Decision.AlertDecided>().Select(d => d.Because));
    }

    /// <summary>A failure seen by a detector that never says when something ends.</summary>
    private static Story Storm(Story story, double at)
    {
        for (var i = 0; i < 30; i++) story.At(at + i).Fire($"Anomaly{i}", ("service", $"s-{i % 3}"));
        return story;
    }

    private static readonly Topology Three = new([new("s-0", Level.Service, null, ["s-1"]), new("s-1", Level.Service, null, ["s-2"]), new("s-2", Level.Service, null, [])]);

    [Fact]
    public void A_crowd_that_comes_back_after_a_calm_is_another_incident_and_is_said()
    {
        var story = Storm(Storm(new Story(topology: Three), 0).Forget(), 1_800);
        var opened = Assert.Single(story.Decisions.OfType<Decision.IncidentOpened>());
        Assert.NotNull(opened.After);
        Assert.Equal([Reason.Opened], story.Reasons);
        Assert.True(story.Decisions.OfType<Decision.AlertDecided>().Count(d => d.Incident == opened.Incident) >= 20);
    }

    [Fact]
    public void What_comes_back_with_one_of_its_name_elsewhere_is_one_with_it()
    {
        var story = new Story().Fire("Scan", ("host", "a"));
        var first = story.Incident;
        story.At(3_600).Fire("Scan", ("host", "b"));
        Assert.NotEqual(first, story.Incident);
        story.At(40_000).Fire("Scan", ("host", "a")).At(40_001).Fire("Scan", ("host", "b"));
        var back = story.Decisions.OfType<Decision.AlertDecided>().Last();
        Assert.Equal(first, back.Incident);
        Assert.StartsWith("joined: same alertname Scan as Scan on a", back.Because, StringComparison.Ordinal);
    }

    [Fact]
    public void What_comes_back_when_its_name_has_long_been_quiet_elsewhere_stays_where_it_was()
    {
        var story = new Story().Fire("Scan", ("host", "a")).At(3_600).Fire("Scan", ("host", "b"));
        var second = story.Incident;
        story.At(40_000).Fire("Scan", ("host", "a")).At(40_400).Fire("Scan", ("host", "b")).Flush();
        Assert.DoesNotContain(story.Decisions.OfType<Decision.AlertDecided>(), d => d.Because?.Contains("alertname", StringComparison.Ordinal) == true);
        Assert.Equal(second, story.Incident);
    }

    [Fact]
    public void One_delivery_that_says_everything_again_is_a_re_send()
    {
        var story = new Story(topology: Three);
        Alert[] all = [.. Enumerable.Range(0, 30).Select(i => story.Alert($"Anomaly{i}", ("service", $"s-{i % 3}")))];
        story.Deliver(all).Forget().At(1_800).Deliver(all);
        Assert.Empty(story.Reasons);
    }

    [Fact]
    public void Where_ends_are_told_what_is_heard_again_still_fires()
    {
        var story = new Story(topology: Three).Fire("Other", ("service", "s-0")).At(1).Resolve("Other", ("service", "s-0"));
        Storm(Storm(story, 10).Forget(), 1_810);
        Assert.Empty(story.Decisions.OfType<Decision.IncidentOpened>());
    }
}
