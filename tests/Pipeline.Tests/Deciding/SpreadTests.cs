using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>What begins in the midst of a failure that goes through many components at once, and is related to none of them.</summary>
public sealed class SpreadTests
{
    /// <summary>As decision 0002 says.</summary>
    private const int Crowd = 8;

    private static readonly Topology Chain = new(
    [
        .. Enumerable.Range(0, 10).Select(i => new Component($"s-{i}", Level.Service, null, i == 0 ? [] : [$"s-{i - 1}"])),
        new("elsewhere", Level.Service, null, []),
    ]);

    /// <summary>So many services that need each other fail one after the other, each in a way of its own.</summary>
    private static Story Spreading(int services, params (string, string)[] more)
    {
        var story = new Story(topology: Chain);
        for (var i = 0; i < services; i++) story.At(i * 2).Fire($"Fails{i}", "critical", [("service", $"s-{i}"), .. more]);
        return story;
    }

    [Fact]
    public void What_begins_in_its_midst_is_part_of_it_and_is_said()
    {
        var story = Spreading(Crowd).At(30).Fire("Odd", "critical", ("service", "undeclared"));
        Assert.Single(story.Decisions.OfType<Decision.IncidentOpened>());
        Assert.Equal("joined: 8 components with no label in common began to alert within a minute", story.Decisions.OfType<Decision.AlertDecided>().Last().Because);
        Assert.Equal(["Odd"], story.Surfaced.TakeLast(1).Select(c => c.Labels["alertname"]));
    }

    [Fact]
    public void A_few_are_not_a_crowd() =>
        Assert.Equal(2, Opened(Spreading(Crowd - 1).At(30).Fire("Odd", "critical", ("service", "undeclared"))));

    [Fact]
    public void What_begins_minutes_after_it_is_its_own_failure() =>
        Assert.Equal(2, Opened(Spreading(Crowd).At(90).Fire("Odd", "critical", ("service", "undeclared"))));

    [Fact]
    public void A_storm_that_a_label_explains_stops_where_the_label_does() =>
        Assert.Equal(2, Opened(Spreading(10, ("rack", "r1"), ("cluster", "c1")).At(30).Fire("Odd", "critical", ("service", "undeclared"), ("cluster", "c2"))));

    [Fact]
    public void Of_a_declared_component_the_topology_says_what_is_near() =>
        Assert.Equal(2, Opened(Spreading(10).At(30).Fire("Odd", "critical", ("service", "elsewhere"))));

    /// <summary>Both had an incident of their own; nothing says when it ended.</summary>
    [Fact]
    public void What_comes_back_belongs_to_the_new_failure_and_not_to_another_old_one_that_wakes()
    {
        Topology near = new([new("a", Level.Service, null, ["b", "between"]), new("b", Level.Service, null, []), new("between", Level.Service, null, ["new"]), new("new", Level.Service, null, [])]);
        var story = new Story(topology: near).Fire("First", ("service", "b")).At(7_200).Fire("Second", ("service", "a")).At(14_400).Forget()
            .Fire("First", ("service", "b")).At(14_410).Fire("Third", ("service", "new"));
        var opened = story.Incident;
        story.At(14_420).Forget().Fire("Second", ("service", "a"));
        var decided = Assert.Single(story.Decisions.OfType<Decision.AlertDecided>());
        Assert.Equal((opened, "joined: a depends on new, 10 s after it"), (decided.Incident, decided.Because));
    }

    private static int Opened(Story story) => story.Decisions.OfType<Decision.IncidentOpened>().Count();
}
