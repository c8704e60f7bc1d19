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
        Assert.Equal(("d-1", "same service orders, 4 min before"), (suspect.Change, suspect.Why));
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
        Assert.Contains("5 of 6 changes of kind config came before an incident", Suspects(story)[0].Why);
    }
}
