using System.Globalization;
using Xunit;

namespace Pipeline.Tests.Faults;

/// <summary>A stop changes no decision: whatever came before it, from a snapshot or from the log alone.</summary>
/// <remarks>
/// One seed again: <c>PIPELINE_SEED=17 dotnet run --project tests/Pipeline.Tests -- -class "*RecoveryPropertyTests"</c>; other seeds:
/// <c>PIPELINE_SEED=1000..2000</c>.
/// </remarks>
public sealed class RecoveryPropertyTests
{
    private const int Length = 250;

    [Fact]
    public Task Decider_recovered_from_the_log_alone_decides_what_it_would_have_decided() => ForEachSeedAsync(async (seed, where) =>
    {
        var lived = new Lived(seed, Length, ScopeOf(seed));
        foreach (var stop in Stops(where, 4))
            Report(seed, $"stopped after input {stop}, no snapshot", await lived.DifferenceAfterAsync(stop));
    });

    [Fact]
    public Task Decider_recovered_from_a_snapshot_and_the_log_behind_it_decides_what_it_would_have_decided() => ForEachSeedAsync(async (seed, where) =>
    {
        var stops = Stops(where, 4);
        var saved = stops.Select(s => where.Next(1, s + 1)).ToArray();
        var lived = new Lived(seed, Length, ScopeOf(seed), saved);
        foreach (var (stop, snapshot) in stops.Zip(saved))
            Report(seed, $"stopped after input {stop}, snapshot of input {snapshot}", await lived.DifferenceAfterAsync(stop, snapshot));
    });

    [Fact]
    public Task Decider_is_recovered_as_of_where_the_log_stood_whatever_another_appends_meanwhile() => ForEachSeedAsync(async (seed, where) =>
    {
        var lived = new Lived(seed, Length, ScopeOf(seed));
        foreach (var stop in Stops(where, 2))
        {
            var alone = Convert.ToHexString(await lived.RecoveredAsync(stop, 0));
            if (alone != Convert.ToHexString(await lived.RecoveredAsync(stop, 20)))
                Report(seed, $"stopped after input {stop}", "the state is another when 20 more inputs are decided while it is read");
        }
    });

    [Fact]
    public Task What_falls_due_is_decided_at_its_moment_whether_or_not_anybody_looks() => ForEachSeedAsync((seed, where) =>
    {
        Report(seed, "with ticks between", new Lived(seed, Length, ScopeOf(seed)).DifferenceWithTicks(where));
        return Task.CompletedTask;
    });

    [Fact]
    public void The_lives_that_are_tried_hold_every_kind_of_decision()
    {
        var seen = Seeds().SelectMany(seed => new Lived(seed, Length, ScopeOf(seed)).Decisions).Select(d => d.Type).ToHashSet();
        Assert.Empty(Dedupe.Deciding.DecisionCodec.Names.Select(n => n.Key).Except(seen));
    }

    private static int[] Stops(Random where, int count) => [.. Enumerable.Range(0, count).Select(_ => where.Next(1, Length))];

    private static string ScopeOf(int seed) => seed % 4 == 0 ? "eu" : "default";

    private static void Report(int seed, string where, string? difference)
    {
        if (difference is not null)
            Assert.Fail($"seed {seed}, {where}: {difference}\nagain: PIPELINE_SEED={seed} dotnet run --project tests/Pipeline.Tests -- -class \"*RecoveryPropertyTests\"");
    }

    private static async Task ForEachSeedAsync(Func<int, Random, Task> one)
    {
        foreach (var seed in Seeds()) await one(seed, new(seed ^ 0x5EED));
    }

    private static IEnumerable<int> Seeds()
    {
        var asked = Environment.GetEnvironmentVariable("PIPELINE_SEED")?.Split("..");
        var from = asked is null ? 1 : int.Parse(asked[0], CultureInfo.InvariantCulture);
        var to = asked is null ? 40 : int.Parse(asked[^1], CultureInfo.InvariantCulture);
        return Enumerable.Range(from, to - from + 1);
    }
}
