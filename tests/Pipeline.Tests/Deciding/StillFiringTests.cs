using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>What should have cured an incident, and what it left.</summary>
public sealed class StillFiringTests
{
    private static Change Rollback(string id = "d-2", params string[] services) => new(id, Story.Began.AddSeconds(600), "rollback", "orders back to 4.1", services, "d-1");

    private static Story Outage()
    {
        var story = Story.WithHistory();
        return story.Deliver(
            story.Alert("Timeouts", ("service", "orders"), ("host", "o-1"), ("severity", "critical")),
            story.Alert("BadConnections", ("service", "orders"), ("host", "mq-1"), ("severity", "warning")),
            story.Alert("Errors", ("service", "orders"), ("host", "o-2"), ("severity", "critical")));
    }

    [Fact]
    public void What_outlives_a_rollback_is_named_at_the_end_of_its_settle_window_even_when_acknowledged()
    {
        var story = Outage();
        story.At(300).Act(new Act.Acknowledge(story.Incident, "ada", null, null, null, null));
        story.At(600).Change(Rollback(services: "orders")).At(660).Resolve("Timeouts", ("service", "orders"), ("host", "o-1"));
        story.At(700).Resolve("Errors", ("service", "orders"), ("host", "o-2")).Forget().At(899);
        Assert.Empty(story.Surfaced);
        story.At(903);
        var change = Assert.Single(story.Surfaced);
        Assert.Equal((Reason.StillFiring, "mq-1", true), (change.Reason, change.Labels["host"], change.Urgent));
        Assert.Equal("still firing 5 min after rollback of d-1: orders back to 4.1", change.Why);
        Assert.Single(story.Pages);
        Assert.Equal(1, Assert.Single(story.Decisions.OfType<Decision.SettleEnded>()).StillFiring);
    }

    [Fact]
    public void It_is_named_once_a_window_and_again_after_a_second_rollback()
    {
        var story = Outage().Forget().At(600).Change(Rollback(services: "orders")).At(1_000).Forget();
        story.At(2_000);
        Assert.Empty(story.Surfaced);
        story.Change(Rollback("d-3", "orders") with { At = Story.Began.AddSeconds(2_000) }).At(2_310);
        Assert.Equal(3, story.Reasons.Count(r => r == Reason.StillFiring));
    }

    [Fact]
    public void A_rollback_elsewhere_is_no_cure_for_this()
    {
        var story = Outage().Forget().At(600).Change(Rollback(services: "billing")).At(1_000);
        Assert.Empty(story.Surfaced);
    }

    [Fact]
    public void What_depends_on_the_service_that_was_rolled_back_is_within_its_reach()
    {
        var story = new Story(topology: new([new("web", Level.Service, null, ["orders"]), new("orders", Level.Service, null, ["db"])]));
        story.Fire("Slow", "critical", ("service", "web")).Fire("Full", "critical", ("service", "db")).Forget();
        story.At(600).Change(Rollback(services: "orders")).At(901);
        Assert.Equal("web", Assert.Single(story.Surfaced).Labels["service"]);
    }

    [Fact]
    public void A_deploy_that_reverts_nothing_begins_no_window()
    {
        var story = Outage().Forget().At(600).Change(new("d-9", Story.Began.AddSeconds(600), "deploy", "orders 4.3", ["orders"])).At(1_200);
        Assert.Empty(story.Surfaced);
    }

    [Fact]
    public void A_deploy_of_the_version_that_ran_before_is_a_way_back_whatever_it_is_called()
    {
        var story = Outage().Forget();
        foreach (var (id, at, version) in new[] { ("d-1", 100, "4.1"), ("d-2", 200, "4.2"), ("d-3", 600, "4.1") })
            story.At(at).Change(new(id, Story.Began.AddSeconds(at), "deploy", $"orders {version}", ["orders"], Version: version));
        story.At(901);
        Assert.Equal(3, story.Reasons.Count(r => r == Reason.StillFiring));
    }

    [Fact]
    public void What_began_after_the_rollback_did_not_outlive_it()
    {
        var story = Outage().Forget().At(600).Change(Rollback(services: "orders")).At(700).Fire("NewTrouble", "critical", ("service", "orders"), ("host", "o-9")).Forget().At(901);
        Assert.DoesNotContain("o-9", story.Surfaced.Select(c => c.Labels["host"]));
    }

    [Fact]
    public void Time_in_which_we_did_not_listen_does_not_count()
    {
        var story = Outage().Forget().At(600).Change(Rollback(services: "orders")).BlindUntil(850, 650).Forget().At(1_099);
        Assert.Empty(story.Surfaced);
        story.At(1_101);
        Assert.Equal(3, story.Surfaced.Count());
    }

    [Fact]
    public void What_a_mass_recovery_leaves_is_named_five_minutes_after_it()
    {
        var story = Story.WithHistory();
        story.Deliver([.. Enumerable.Range(0, 12).Select(i => story.Alert("Down", ("host", $"h-{i}"), ("service", "web"), ("severity", "critical")))]).Forget();
        story.At(60);
        for (var i = 0; i < 8; i++) story.At(60 + i).Resolve("Down", ("host", $"h-{i}"), ("service", "web"));
        story.At(300);
        Assert.Empty(story.Surfaced);
        story.At(370);
        Assert.Equal([.. Enumerable.Repeat(Reason.StillFiring, 4)], story.Reasons);
        Assert.Contains("most of it recovered (8 of 12 ended)", story.Surfaced.First().Why);
    }

    [Fact]
    public void More_than_five_alike_are_one_change()
    {
        var story = Story.WithHistory();
        story.Deliver([.. Enumerable.Range(0, 9).Select(i => story.Alert("Down", ("host", $"h-{i}"), ("service", "web"), ("severity", "critical")))]).Forget();
        story.At(600).Change(Rollback(services: "web")).At(901);
        var change = Assert.Single(story.Surfaced);
        Assert.Equal((9, "web"), (change.Count, change.Labels["service"]));
    }
}
