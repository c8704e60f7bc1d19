using System.Text.Json;
using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>Which changes may have caused an incident.</summary>
public sealed class SuspectTests
{
    private static readonly Topology Shop = new([new("web", Level.Service, "shop", ["orders"]), new("orders", Level.Service, "shop", ["db"]), new("mail", Level.Service, "office", [])]);

    private static Change Deploy(string id, double at, params string[] services) => new(id, Story.Began.AddSeconds(at), "deploy", $"{id} out", services);

    private static IReadOnlyList<Suspect> Suspects(Story story) => story.Decisions.OfType<Decision.SuspectsNamed>().Last().Suspects;

    [Fact]
    public void A_deploy_of_the_same_service_minutes_before_is_named_on_the_page_with_its_reason()
    {
        var story = Story.WithHistory().At(0).Change(Deploy("d-1", 0, "orders")).At(240).Fire("Errors", "critical", ("service", "orders"));
        var suspect = Assert.Single(Suspects(story));
        Assert.Equal(("d-1", "same service orders, 4 min before (deploy)"), (suspect.Change, suspect.Why));
        using var page = JsonDocument.Parse(story.Pages.Last().Body);
        Assert.Equal("d-1", page.RootElement.GetProperty("suspects")[0].GetProperty("change").GetString());
        Assert.Contains("suspect: d-1 out", page.RootElement.GetProperty("text").GetString());
    }

    [Fact]
    public void Nearer_in_place_and_in_time_is_more_suspect_and_elsewhere_is_not()
    {
        var story = new Story(topology: Shop);
        story.Change(Deploy("far", 0, "db")).Change(Deploy("other", 0, "mail")).Change(Deploy("unnamed", 0)).Change(Deploy("near", 0, "orders")).Change(Deploy("same", 0, "web"));
        story.At(60).Fire("Slow", "critical", ("service", "web"));
        Assert.Equal(["same", "near", "far", "unnamed"], Suspects(story).Select(s => s.Change));
    }

    [Fact]
    public void Hours_before_is_no_suspect()
    {
        var story = Story.WithHistory().Change(Deploy("d-1", 0, "orders")).At(3 * 3_600).Fire("Errors", "critical", ("service", "orders"));
        Assert.Empty(story.Decisions.OfType<Decision.SuspectsNamed>());
    }

    [Fact]
    public void A_change_that_is_told_late_is_suspect_all_the_same()
    {
        var story = Story.WithHistory().At(300).Fire("Errors", "critical", ("service", "orders")).At(400).Change(Deploy("d-1", 200, "orders"));
        Assert.Equal("d-1", Assert.Single(Suspects(story)).Change);
    }

    [Fact]
    public void A_deploy_that_is_told_again_when_it_is_through_is_as_old_as_its_beginning()
    {
        var story = Story.WithHistory().Change(Deploy("d-1", 0, "orders")).At(120).Fire("Errors", "critical", ("service", "orders"));
        story.At(300).Change(Deploy("d-1", 300, "orders") with { Summary = "d-1 through" });
        Assert.Equal(("d-1 through", "same service orders, 2 min before (deploy)"), (Suspects(story)[0].Summary, Suspects(story)[0].Why));
    }

    [Fact]
    public void A_change_after_it_began_is_none()
    {
        var story = Story.WithHistory().At(300).Fire("Errors", "critical", ("service", "orders")).At(400).Change(Deploy("d-1", 400, "orders"));
        Assert.Empty(story.Decisions.OfType<Decision.SuspectsNamed>());
    }

    [Fact]
    public void A_kind_after_which_nothing_ever_happened_is_less_suspect_than_one_that_often_broke_something()
    {
        var story = Story.WithHistory();
        for (var i = 0; i < 10; i++) story.At(i * 86_400).Change(Deploy($"d-{i}", i * 86_400, "orders") with { Kind = "docs" });
        for (var i = 0; i < 5; i++)
            story.At((i + 10) * 86_400).Change(Deploy($"c-{i}", (i + 10) * 86_400, "orders") with { Kind = "config" })
                .At(((i + 10) * 86_400) + 60).Fire("Errors", "critical", ("service", "orders")).At(((i + 10) * 86_400) + 120).Resolve("Errors", ("service", "orders"));
        var at = 20 * 86_400;
        story.At(at).Change(Deploy("docs", at, "orders") with { Kind = "docs" }).Change(Deploy("config", at, "orders") with { Kind = "config" }).At(at + 60).Fire("Errors", "critical", ("service", "orders"));
        Assert.Equal(["config", "docs"], Suspects(story).Select(s => s.Change));
        Assert.Equal("same service orders, 60 s before (config, 5 of 5 earlier ones there had an incident behind them)", Suspects(story)[0].Why);
        Assert.Equal("same service orders, 60 s before (docs, 0 of 10 earlier ones there had an incident behind them)", Suspects(story)[1].Why);
    }

    [Fact]
    public void Without_precedent_a_deploy_minutes_before_is_very_suspect_and_a_push_less() =>
        Assert.Equal(
            [("d-1", 0.92), ("p-1", 0.64)],
            Suspects(Story.WithHistory().Change(Deploy("p-1", 0, "orders") with { Kind = "push" }).Change(Deploy("d-1", 0, "orders")).At(240).Fire("Errors", "critical", ("service", "orders")))
                .Select(s => (s.Change, s.Score)));

    [Fact]
    public void What_depends_on_it_loads_it_and_is_suspect_too()
    {
        var story = new Story(topology: Shop);
        story.Change(Deploy("d-1", 0, "orders")).At(60).Fire("Full", "critical", ("service", "db"));
        Assert.Equal("orders depends on db, 60 s before (deploy)", Assert.Single(Suspects(story)).Why);
    }

    [Fact]
    public void Where_nothing_is_declared_what_was_learned_to_fire_together_is_near()
    {
        var story = Story.WithHistory();
        for (var day = 0; day < 4; day++)
            foreach (var service in new[] { "orders", "mail" })
                story.At((day * 86_400) + 10).Fire("Slow", "warning", ("service", service)).At((day * 86_400) + 40).Resolve("Slow", ("service", service));
        story.At(5 * 86_400).Change(Deploy("d-1", 5 * 86_400, "orders")).At((5 * 86_400) + 60).Fire("Late", "critical", ("service", "mail"));
        Assert.StartsWith("mail fires together with orders, as learned from 4 of 4 times", Assert.Single(Suspects(story)).Why);
    }

    [Fact]
    public void A_service_that_the_incident_reaches_later_makes_its_change_suspect_and_the_next_page_says_so_once()
    {
        var story = Story.WithHistory().Change(Deploy("d-1", 0, "orders")).At(60).Fire("Memory", "warning", ("host", "mq-1"), ("service", "messaging"));
        Assert.Empty(story.Decisions.OfType<Decision.SuspectsNamed>());
        story.At(120).Fire("CloseWait", "warning", ("host", "mq-1"), ("service", "orders")).At(130).Fire("Errors", "critical", ("service", "orders")).At(140);
        Assert.Equal("d-1", Assert.Single(Suspects(story)).Change);
        Assert.Equal([false, true, false], story.Pages.Select(p => p.Body.Contains("| suspect: d-1 out", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_change_before_it_came_back_is_suspect_of_that()
    {
        var story = Story.WithHistory().Fire("Errors", "critical", ("service", "orders")).At(60).Resolve("Errors", ("service", "orders")).At(200)
            .Change(Deploy("d-1", 200, "orders")).At(260).Fire("Errors", "critical", ("service", "orders"));
        Assert.Equal("same service orders, 60 s before what is new (deploy)", Assert.Single(Suspects(story)).Why);
    }

    [Fact]
    public void A_change_before_news_of_an_incident_that_was_calm_for_long_is_suspect_of_that()
    {
        var story = Story.WithHistory().Fire("Errors", "critical", ("service", "orders"));
        story.At(500).Fire("Slow", "warning", ("service", "orders")).Change(Deploy("d-1", 500, "orders")).At(560).Fire("Full", "warning", ("service", "orders"));
        Assert.Empty(story.Decisions.OfType<Decision.SuspectsNamed>());
        story.At(4_000).Change(Deploy("d-2", 4_000, "orders")).At(4_060).Fire("Late", "warning", ("service", "orders"));
        Assert.Equal(["d-2", "d-1"], Suspects(story).Select(s => s.Change));
    }

    [Fact]
    public void What_somebody_took_back_is_more_suspect()
    {
        var story = Story.WithHistory().Change(Deploy("d-1", 0, "orders")).At(240).Fire("Errors", "critical", ("service", "orders"));
        story.At(600).Change(new("d-2", Story.Began.AddSeconds(600), "rollback", "orders back", ["orders"], "d-1"));
        Assert.Equal((0.96, "same service orders, 4 min before (deploy); taken back by d-2"), (Suspects(story)[0].Score, Suspects(story)[0].Why));
    }

    [Fact]
    public void A_push_and_the_deploy_that_brings_it_are_one_suspect()
    {
        var story = Story.WithHistory().Change(Deploy("p-1", 0, "orders") with { Kind = "push", Version = "c6d86dc6" }).At(60)
            .Change(Deploy("d-1", 60, "orders") with { Version = "c6d86dc6" }).At(120).Fire("Errors", "critical", ("service", "orders"));
        Assert.Equal("d-1", Assert.Single(Suspects(story)).Change);
    }

    [Fact]
    public void What_came_of_changes_long_ago_counts_less()
    {
        double ScoreAfter(int days)
        {
            var story = Story.WithHistory();
            for (var i = 0; i < 20; i++) story.At(i * 86_400).Change(Deploy($"d-{i}", i * 86_400, "orders"));
            var at = (20 + days) * 86_400;
            return Suspects(story.At(at).Change(Deploy("last", at, "orders")).At(at + 60).Fire("Errors", "critical", ("service", "orders")))[0].Score;
        }

        var scores = new[] { 0, 60, 1_000 }.Select(ScoreAfter).ToList();
        Assert.Equal(scores.Order().Distinct(), scores);
        Assert.Equal(0.92, scores[^1]);
    }
}
