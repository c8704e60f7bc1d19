using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>What is learned to fire together, as people are shown it.</summary>
public sealed class LearnedEdgesTests
{
    private const double Episode = 7_200;

    [Fact]
    public void Two_that_began_together_three_times_are_an_edge_once_with_how_often_and_when()
    {
        var story = Together(new(), 2, "a", "b");
        Assert.Empty(story.Learned().Edges);
        Together(story, 1, "a", "b", from: 2);
        var edge = new LearnedEdge("a", "b", 3, 3, Story.Began.AddSeconds((2 * Episode) + 20));
        Assert.Equal([edge], story.Learned().Edges);
        Assert.Equal(1, story.Learned().Count);
        Assert.Equal([edge], story.LearnedAfterARestart().Edges);
    }

    [Fact]
    public void One_that_mostly_begins_alone_is_no_edge_any_more()
    {
        var story = Together(new(), 3, "a", "b");
        for (var i = 3; i < 5; i++) story.At(i * Episode).Fire("Down", "critical", ("service", "a")).At((i * Episode) + 300).Resolve("Down", ("service", "a"));
        Assert.Equal((3, 5), story.Learned().Edges.Select(e => (e.Times, e.Of)).Single());
        story.At(5 * Episode).Fire("Down", "critical", ("service", "a"));
        Assert.Empty(story.Learned().Edges);
    }

    [Fact]
    public void The_strongest_come_first()
    {
        var story = Together(Together(new(), 3, "c", "d"), 4, "a", "b", from: 3);
        Assert.Equal([("a", "b"), ("c", "d")], story.Learned().Edges.Select(e => (e.One, e.Other)));
    }

    [Fact]
    public void Those_of_a_crowd_are_bounded_and_counted()
    {
        var story = new Story();
        for (var i = 0; i < 3; i++)
        {
            story.At(i * Episode);
            for (var j = 0; j < 100; j++) story.Fire("Down", "critical", ("service", $"s{j}"));
            story.At((i * Episode) + 300);
            for (var j = 0; j < 100; j++) story.Resolve("Down", ("service", $"s{j}"));
        }
        Assert.Equal(LearnedEdges.Most, story.Learned().Edges.Count);
        Assert.True(story.Learned().Count > LearnedEdges.Most);
        Assert.Equal(story.Learned().Edges.Count, story.Learned().Edges.Select(e => (e.One, e.Other)).Distinct().Count());
    }

    private static Story Together(Story story, int times, string one, string other, int from = 0)
    {
        for (var i = from; i < from + times; i++)
            story.At(i * Episode).Fire("Down", "critical", ("service", one)).At((i * Episode) + 20).Fire("Late", "critical", ("service", other))
                .At((i * Episode) + 300).Resolve("Down", ("service", one)).Resolve("Late", ("service", other));
        return story;
    }
}
