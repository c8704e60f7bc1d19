using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>What should have cured an incident, and what it left.</summary>
public sealed class StillFiringTests
{
    private static Change Rollback(string id = "d-2", params string[] services) => new(id, Story.Began.AddSeconds(600), "rollback", "orders back to 4.1", services, "d-1");

    private static Change Changed(string kind, double at, string id = "d-9", string summary = "orders 4.3") => new(id, Story.Began.AddSeconds(at), kind, summary, ["orders"]);

    private static Story Outage(Story? story = null)
    {
        story ??= Story.WithHistory();
        return story.Deliver(
            story.Alert("Timeouts", ("service", "orders"), ("host", "o-1"), ("severity", "critical")),
            story.Alert("BadConnections", ("service", "orders"), ("host", "mq-1"), ("severity", "warning")),
            story.Alert("Errors", ("service", "orders"), ("host", "o-2"), ("severity", "critical")));
    }

    private static int Named(Story story) => story.Reasons.Count(r => r == Reason.StillFiring);

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
        Assert.Equal("still firing 5 min after rollback of d-1 (d-2: orders back to 4.1)", change.Why);
        Assert.Contains("\"urgency\":\"high\"", Assert.Single(story.Pages).Body, StringComparison.Ordinal);
        Assert.All(story.Decisions.OfType<Decision.SettleEnded>(), d => Assert.Equal(1, d.StillFiring));
    }

    [Theory]
    [InlineData("shop-1", true)]
    [InlineData("mail-1", false)]
    public void A_host_outlives_the_cure_of_what_its_service_depends_on_and_that_of_another_does_not(string host, bool named)
    {
        var story = new Story(topology: new([
            new("all", Level.System, null, []), new("orders", Level.Service, "all", []), new("orders-1", Level.Host, "orders", []),
            new("shop", Level.Service, "all", ["orders"]), new("shop-1", Level.Host, "shop", []), new("mail", Level.Service, "all", []), new("mail-1", Level.Host, "mail", [])]));
        story.Deliver(story.Alert("Load", ("host", host), ("service", "Load"), ("severity", "warning"))).Forget();
        story.At(600).Change(Rollback(services: "orders")).At(901);
        Assert.Equal(named ? 1 : 0, Named(story));
    }

    [Fact]
    public void It_is_named_once_a_window_and_again_after_a_second_rollback()
    {
        var story = Outage().Forget().At(600).Change(Rollback(services: "orders")).At(1_000).Forget();
        story.Fire("BadConnections", "warning", ("service", "orders"), ("host", "mq-1")).At(2_000);
        Assert.Empty(story.Surfaced);
        story.Change(Rollback("d-3", "orders") with { At = Story.Began.AddSeconds(2_000) }).At(2_310);
        Assert.Equal(3, Named(story));
    }

    [Fact]
    public void The_same_change_told_twice_is_one_window_and_what_became_of_it_begins_it_again()
    {
        var story = Outage().Forget().At(600).Change(Rollback(services: "orders")).At(700).Change(Rollback(services: "orders")).At(901);
        Assert.Equal(3, Named(story));
        story.Forget().At(950).Change(Rollback(services: "orders")).At(1_300);
        Assert.Empty(story.Surfaced);
        story.Change(Rollback(services: "orders") with { Summary = "orders back to 4.1, through" }).At(1_599);
        Assert.Empty(story.Surfaced);
        story.At(1_601);
        Assert.Equal(3, Named(story));
    }

    [Fact]
    public void A_way_out_that_is_told_as_several_changes_is_said_once_and_another_one_after_it_again()
    {
        var story = Outage().Forget().At(600).Change(Rollback(services: "orders")).At(660).Change(Changed("Rollback", 660, "run-7")).At(970);
        Assert.Equal(3, Named(story));
        story.Forget().At(1_000).Change(Changed("restart", 1_000)).At(1_301);
        Assert.Equal(3, Named(story));
        Assert.StartsWith("still firing 5 min after restart (d-9: orders 4.3)", story.Surfaced.First().Why);
    }

    [Fact]
    public void What_was_named_for_something_else_meanwhile_is_named_all_the_same()
    {
        var story = Outage().Forget().At(600).Change(Rollback(services: "orders")).At(800).Fire("BadConnections", "critical", ("service", "orders"), ("host", "mq-1")).At(901);
        Assert.Equal([Reason.SeverityRose, Reason.StillFiring, Reason.StillFiring, Reason.StillFiring], story.Reasons);
    }

    [Fact]
    public void A_rollback_elsewhere_is_no_cure_for_this()
    {
        var story = Outage().Forget().At(600).Change(Rollback(services: "billing")).At(1_000);
        Assert.Empty(story.Surfaced);
        Assert.Empty(story.Decisions.OfType<Decision.SettleBegan>());
    }

    [Fact]
    public void One_that_names_no_service_is_a_cure_for_everything()
    {
        var story = Outage().Fire("Full", "critical", ("service", "db")).Forget().At(600).Change(new("r-1", Story.Began.AddSeconds(600), "restart", "the whole rack", [])).At(901);
        Assert.Equal(4, Named(story));
    }

    [Fact]
    public void What_depends_on_the_service_that_was_rolled_back_is_within_its_reach_however_far()
    {
        var story = new Story(topology: new(
        [
            new("page", Level.Business, null, ["web"]), new("web", Level.Service, null, ["cart"]), new("cart", Level.Service, null, ["shop"]), new("shop", Level.Service, null, ["orders"]),
            new("orders", Level.Service, null, ["db"]),
        ]));
        story.Fire("Lost", "critical", ("service", "page")).Fire("Full", "critical", ("service", "db")).Forget();
        story.At(600).Change(Rollback(services: "orders")).At(901);
        Assert.Equal("page", Assert.Single(story.Surfaced).Labels["service"]);
    }

    [Fact]
    public void The_parts_of_what_was_rolled_back_are_within_its_reach_and_its_neighbours_are_not()
    {
        var story = new Story(topology: new([new("shop", Level.System, null, []), new("orders", Level.Service, "shop", []), new("cart", Level.Service, "shop", [])]));
        story.Fire("Slow", "critical", ("service", "orders")).Fire("Slow", "critical", ("service", "cart")).Forget();
        story.At(600).Change(Rollback(services: "orders")).At(901);
        Assert.Equal("orders", Assert.Single(story.Surfaced).Labels["service"]);
        story.Forget().At(2_000).Change(Rollback("d-3", "shop")).At(2_301);
        Assert.Equal(["cart", "orders"], story.Surfaced.Select(c => c.Labels["service"]).Order());
    }

    [Theory]
    [InlineData("rollback", "x")]
    [InlineData("Roll-Back", "x")]
    [InlineData("rolling_restart", "x")]
    [InlineData("reboot", "x")]
    [InlineData("deploy", "shop: Revert \"Add retries\"")]
    [InlineData("push", "Revert \"Add retries\" (#12)")]
    [InlineData("deploy", "orders rolled back to 4.1")]
    public void Ways_out_are_known_by_their_kind_and_by_what_they_say(string kind, string summary) =>
        Assert.Equal(3, Named(Outage().Forget().At(600).Change(Changed(kind, 600, summary: summary)).At(901)));

    [Theory]
    [InlineData("deploy", "orders 4.3")]
    [InlineData("config", "restart policy is always")]
    [InlineData("push", "Orders that were rolled back are counted")]
    [InlineData("push", "Revert \"Revert \"Add retries\"\"")]
    public void Other_changes_begin_no_window(string kind, string summary) =>
        Assert.Empty(Outage().Forget().At(600).Change(Changed(kind, 600, summary: summary)).At(1_200).Surfaced);

    [Fact]
    public void A_deploy_of_the_version_that_ran_before_is_a_way_back_whatever_it_is_called()
    {
        var story = Outage().Forget();
        foreach (var (id, at, version) in new[] { ("d-1", 100, "4.1"), ("d-2", 200, "4.2"), ("d-3", 600, "4.1") })
            story.At(at).Change(Changed("deploy", at, id, $"orders {version}") with { Version = version });
        story.At(901);
        Assert.Equal(3, Named(story));
        Assert.StartsWith("still firing 5 min after deploy of an earlier version (d-3: orders 4.1)", story.Surfaced.First().Why);
    }

    [Fact]
    public void The_same_version_in_another_environment_is_no_way_back()
    {
        var story = Outage().Forget();
        foreach (var (id, at, version, environment) in new[] { ("d-1", 100, "4.1", "staging"), ("d-2", 200, "4.2", "staging"), ("d-3", 600, "4.1", "production") })
            story.At(at).Change(Changed("deploy", at, id) with { Version = version, Environment = environment });
        Assert.Empty(story.At(901).Surfaced);
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
    public void A_log_error_outlives_a_rollback_only_where_its_lines_still_come()
    {
        var story = Story.WithHistory();
        foreach (var at in new[] { 0, 20, 40, 60, 80 }) story.At(at).Log("orders", "pool is empty").Log("orders", "queue of mail is stuck");
        story.At(100).Change(Rollback(services: "orders") with { At = Story.Began.AddSeconds(100) }).Forget();
        foreach (var at in new[] { 120, 200, 280, 360 }) story.At(at).Log("orders", "pool is empty");
        story.At(401);
        Assert.Equal("pool is empty", Assert.Single(story.Surfaced).Summary);
    }

    [Fact]
    public void The_incident_says_when_a_window_begins_over_it_and_how_it_ends()
    {
        var story = Outage().Forget().At(600).Change(Rollback(services: "orders"));
        var began = Assert.Single(story.Decisions.OfType<Decision.SettleBegan>());
        Assert.Equal((story.Decisions.OfType<Decision.SettleBegan>().First().Incident, "rollback of d-1 (d-2: orders back to 4.1)", 3), (began.Incident, began.What, began.Covers));
        foreach (var (name, host) in new[] { ("Timeouts", "o-1"), ("BadConnections", "mq-1"), ("Errors", "o-2") }) story.At(610).Resolve(name, ("service", "orders"), ("host", host));
        Assert.Equal(0, Assert.Single(story.At(640).Fire("Errors", "critical", ("service", "orders"), ("host", "o-2")).At(901).Decisions.OfType<Decision.SettleEnded>(), d => d.Incident is not null).StillFiring);
    }
}
