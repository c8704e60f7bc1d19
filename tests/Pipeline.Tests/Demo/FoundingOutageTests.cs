using System.Text;
using System.Text.Json;
using Pipeline.Demo;
using Pipeline.Tests.Replaying;
using Xunit;

namespace Pipeline.Tests.Demo;

public sealed class FoundingOutageTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_story_is_the_same_every_time_and_in_order()
    {
        var steps = FoundingOutage.Steps();
        Assert.Equal(steps, FoundingOutage.Steps());
        Assert.Equal(steps.Select(s => s.Offset).Order(), steps.Select(s => s.Offset));
        Assert.InRange(steps[^1].Offset, FoundingOutage.OutOfMemory, FoundingOutage.End);
    }

    [Fact]
    public void The_storm_comes_from_two_servers_to_eight_contacts_hundreds_of_times()
    {
        var bodies = FoundingOutage.Steps().OfType<DemoStep.Delivery>().Where(d => d.Source == "generic").Select(d => JsonDocument.Parse(d.Body).RootElement.GetProperty("labels")).ToList();
        Assert.Equal(2, bodies.Select(l => l.GetProperty("monitoring_server").GetString()).Distinct().Count());
        Assert.Equal(8, bodies.Select(l => l.GetProperty("contact").GetString()).Distinct().Count());
        Assert.InRange(bodies.Count, 1_000, 20_000);
    }

    [Fact]
    public async Task It_collapses_to_few_incidents_and_pages()
    {
        var replayed = await ReplayAsync();
        Assert.InRange(replayed.Result.Summary.Incidents, 1, 3);
        var pages = replayed.Text("pages.jsonl").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(p => JsonDocument.Parse(p).RootElement).ToList();
        Assert.True(pages.Count <= 12, string.Join("\n", pages.Select(p => $"{p.GetProperty("at")} {p.GetProperty("text")}")));
        Assert.True(replayed.Result.Summary.Repeats > 0.9 * replayed.Result.Summary.Alerts);
    }

    [Fact]
    public async Task The_missed_facts_are_named_in_pages()
    {
        var pages = (await ReplayAsync()).Text("pages.jsonl").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(p => JsonDocument.Parse(p).RootElement);
        var named = pages.SelectMany(p => p.GetProperty("changes").EnumerateArray()).Select(c => (
            Labels: c.GetProperty("labels").EnumerateObject().ToDictionary(l => l.Name, l => l.Value.GetString()!),
            Offset: c.GetProperty("at").GetDateTimeOffset() - Start)).ToList();
        Assert.Equal(3, FoundingOutage.Missed.Count);
        Assert.All(FoundingOutage.Missed, fact => Assert.Contains(named, n => fact.Is(n.Labels, n.Offset) && n.Offset < fact.From + TimeSpan.FromMinutes(1)));
    }

    private static Task<Replays> ReplayAsync() => Replays.OfAsync(
    [
        .. FoundingOutage.Steps().OfType<DemoStep.Delivery>().Select(d =>
            $$"""{"receivedAt":"{{(Start + d.Offset).UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}","source":"{{d.Source}}","body":{{d.Body}}}"""),
    ]);
}
