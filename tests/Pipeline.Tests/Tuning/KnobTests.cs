using Dedupe.Rules;
using Pipeline.Config;
using Pipeline.Tuning;
using Xunit;

namespace Pipeline.Tests.Tuning;

public sealed class KnobTests
{
    [Fact]
    public void Every_step_means_what_the_configuration_means_by_it()
    {
        foreach (var knob in Knob.All)
        {
            foreach (var step in knob.Steps)
            {
                var read = Reading.OfText($"{knob.Key}: {step}", "pipeline.yaml");
                Assert.True(read.IsGood, $"{knob.Key}: {step}");
                var turned = knob.Turn(Reading.Defaults.Rules, step);
                Assert.Equal(Stored(read.Settings.Rules), Stored(turned));
                Assert.Equal(step, knob.Read(turned));
            }
        }
    }

    [Fact]
    public void The_default_is_among_the_steps_and_so_is_any_other_value_that_is_in_force()
    {
        Assert.All(Knob.All, k => Assert.Contains(k.Read(RuleSet.Default), k.Steps));
        var board = new Board(RuleSet.Default with { Group = new() { Within = TimeSpan.FromMinutes(7) } });
        Assert.Equal(["1m", "5m", "7m", "15m", "1h"], board.Knobs[0].Steps);
        Assert.Empty(board.Settings(board.Start));
    }

    [Fact]
    public void A_board_says_what_differs_and_leaves_the_rest_alone()
    {
        var rules = RuleSet.Default with { Pagers = [new("ops", Dedupe.Vocabulary.LabelSet.Empty)] };
        var board = new Board(rules);
        var position = board.Others(board.Start).First(p => board.Settings(p)[0] is { Key: "page.gather", Value: "30s" });
        Assert.Single(board.Settings(position));
        Assert.Equal(Stored(rules with { Page = rules.Page with { Gather = TimeSpan.FromSeconds(30) } }), Stored(board.Rules(position)));
    }

    [Fact]
    public void Neighbours_are_one_step_away()
    {
        var board = new Board(RuleSet.Default);
        Assert.Equal(board.Knobs.Sum(k => k.Steps.Count - 1), board.Others(board.Start).Distinct().Count());
        Assert.True(board.Next(board.Start).Count() < board.Others(board.Start).Count());
        Assert.Contains(board.Next(board.Start), p => board.Settings(p)[0] is { Key: "page.gather", Value: "10s" });
        Assert.DoesNotContain(board.Next(board.Start), p => board.Settings(p)[0] is { Key: "page.gather", Value: "30s" });
    }

    private static string Stored(RuleSet rules) => System.Text.Encoding.UTF8.GetString(Dedupe.Deciding.DecisionCodec.Write(rules));
}
