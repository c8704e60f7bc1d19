using Bench.Storms;
using Pipeline.Config;
using Pipeline.Replaying;
using Xunit;

namespace Pipeline.Tests.Storms;

/// <summary>Storms of the generator in bench/Bench/Storms, decided as <c>bench/storms.sh</c> has them decided, and scored as it scores them.</summary>
public sealed class StormTests
{
    /// <summary>Small ones of the twenty that between them hold most kinds of news, with and without a topology.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(8)]
    public async Task All_news_of_a_storm_is_named_within_a_minute_and_told_in_few_pages(int seed)
    {
        var score = await ScoreAsync(seed);
        Assert.Equal("", string.Join('\n', score.News.Where(n => !(n.Delay <= StormScore.Soon)).Select(n => $"{n.Name}: {n.Delay?.ToString() ?? "missed"}")));
        Assert.True(score.News.Count > 10, $"storm {seed} has {score.News.Count} pieces of news: too few to show anything");
        Assert.True(score.Pages * 30 < score.Alerts, $"{score.Pages} pages for {score.Alerts} alerts; run SEEDS={seed} bench/storms.sh --all");
    }

    [Fact]
    public async Task News_that_is_never_sent_counts_as_missed_and_what_nobody_labelled_as_wrong()
    {
        var known = await ScoreAsync(8);
        var blind = await ScoreAsync(8, labels => labels with { Labels = [.. labels.Labels.Select(n => n with { Match = new Dictionary<string, string> { ["alertname"] = "Nowhere" } })], Consequences = [] });
        Assert.All(blind.News, n => Assert.Null(n.Delay));
        Assert.Equal(0, blind.Changes.Precision);
        Assert.Equal(known.Changes.All, blind.Changes.All);
    }

    [Fact]
    public void A_seed_gives_the_same_storm_every_time_and_another_seed_another()
    {
        using var folder = new TemporaryFolder();
        var (first, second) = (Path.Combine(folder.Name, "a"), Path.Combine(folder.Name, "b"));
        foreach (var (to, seed) in new[] { (first, 4), (second, 4), (second, 6) }) StormFiles.Write(StormOf.Seeded(seed), Directory.CreateDirectory(to).FullName);
        foreach (var file in Directory.GetFiles(first)) Assert.Equal(File.ReadAllText(file), File.ReadAllText(Path.Combine(second, Path.GetFileName(file))));
        Assert.NotEqual(File.ReadAllText(Path.Combine(second, "storm-4.jsonl")), File.ReadAllText(Path.Combine(second, "storm-6.jsonl")));
    }

    [Fact]
    public void Failures_that_lie_in_one_incident_and_one_that_lies_in_two_cost_precision_and_recall()
    {
        Assert.Equal(1, Pairs.Of([("A", "i"), ("A", "i"), ("B", "j")]).F1);
        Assert.Equal((1.0 / 3, 1), (Pairs.Of([("A", "i"), ("A", "i"), ("B", "i")]).Precision, Pairs.Of([("A", "i"), ("A", "i"), ("B", "i")]).Recall));
        Assert.Equal(1.0 / 3, Pairs.Of([("A", "i"), ("A", "i"), ("A", "j")]).Recall);
    }

    private static async Task<StormScore> ScoreAsync(int seed, Func<StormLabels, StormLabels>? change = null)
    {
        using var folder = new TemporaryFolder();
        StormFiles.Write(StormOf.Seeded(seed), folder.Name);
        var topology = StormFiles.Path(folder.Name, seed, ".topology.yaml");
        var settings = File.Exists(topology) ? Reading.OfTopologyFile(topology).Settings : new();
        var plan = new ReplayPlan { Settings = settings, OwnTopology = File.Exists(topology), Out = StormFiles.Path(folder.Name, seed, "") };
        await new ReplayEngine(plan, TimeProvider.System).RunAsync([ReplayInput.File(StormFiles.Path(folder.Name, seed, ".jsonl"))], null, default);
        return StormScore.Of((change ?? (l => l))(StormFiles.Read(folder.Name, seed)), Replayed.Read(folder.Name, seed));
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Name { get; } = Directory.CreateTempSubdirectory("storm").FullName;

        public void Dispose() => Directory.Delete(Name, recursive: true);
    }
}
