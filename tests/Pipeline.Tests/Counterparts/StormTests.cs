using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Pipeline.Tests.Counterparts;

/// <summary>A storm as it comes in over HTTP, on the machine's own clock: few pages, and nothing new buried in it.</summary>
[Trait("needs", "server")]
public sealed class StormTests
{
    private const int Members = 60, Resends = 50, PagesAtMost = 9;
    private static readonly TimeSpan NamedWithin = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Each_new_thing_in_a_storm_is_named_on_its_own_within_five_seconds_and_there_are_nine_pages_at_most()
    {
        await using var pipeline = await LivePipeline.StartAsync();
        var members = Enumerable.Range(1, Members).Select(i => Alert(i)).ToArray();
        await SendAsync(pipeline, members);
        var opened = await pipeline.PageAsync("opened");
        Assert.Equal(Members, Assert.Single(opened.Changes).GetProperty("count").GetInt32());
        await Parallel.ForAsync(0, Resends, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) => await SendAsync(pipeline, members));
        await Wait.ForAsync("every repeat being counted", async () => await RepeatsAsync(pipeline) == Members * Resends ? "" : null, () => pipeline.Told);
        Assert.Single(pipeline.Pages);

        await NamedAsync(pipeline, "new-alert", Alert(61));
        await NamedAsync(pipeline, "severity-rose", Alert(7, severity: "critical"));
        // All but one end; a flapper among them.
        await NamedAsync(pipeline, "survivor", Alert(33), [.. Enumerable.Range(1, 61).Where(i => i != 33).Select(i => Alert(i, status: "resolved"))]);
        await NamedAsync(pipeline, "new-subsystem", Alert(1, service: "checkout"));
        for (var i = 0; i < 8; i++)
        {
            await SendAsync(pipeline, Alert(12));
            await SendAsync(pipeline, Alert(12, status: "resolved"));
        }
        await SendAsync(pipeline, Alert(33, status: "resolved"), Alert(1, service: "checkout", status: "resolved"));

        // Of itself it would end once the flapper has been calm for ten minutes; people need not wait for that.
        await FingerprintAsync(pipeline, 1, "checkout", "resolved");
        await pipeline.PostAsync($"/api/incidents/{opened.Incident}/resolve", """{"by":"ann"}""");
        var resolved = await pipeline.PageAsync("resolved");
        Assert.Equal("resolved", resolved.IncidentState);
        Assert.All(pipeline.Pages, p => Assert.Equal(opened.Incident, p.Incident));
        var flapper = await FingerprintAsync(pipeline, 12, "queue");
        Assert.True(pipeline.Pages.Any(p => p.Names("flapping", flapper)), pipeline.Told);
        Assert.True(pipeline.Pages.Count <= PagesAtMost, pipeline.Told);
        Assert.Equal(
            ["flapping node-12", "new-alert node-61", "new-subsystem node-1", "opened ", "severity-rose node-7", "survivor node-33"],
            pipeline.Pages.SelectMany(p => p.Changes).Select(Words).Where(w => w != "refired node-12").Order(StringComparer.Ordinal));
    }

    /// <summary>Sends what brings it about, and sees it named in time, in a page in which it stands on its own.</summary>
    private static async Task NamedAsync(LivePipeline pipeline, string reason, Sent alert, params Sent[] cause)
    {
        await SendAsync(pipeline, cause.Length > 0 ? cause : [alert]);
        var at = TimeProvider.System.GetUtcNow();
        var fingerprint = await FingerprintAsync(pipeline, alert.Member, alert.Service);
        var page = await Wait.ForAsync($"{reason} being named", () => Task.FromResult(pipeline.Pages.FirstOrDefault(p => p.Names(reason, fingerprint))), () => pipeline.Told);
        Assert.True(page.At - at <= NamedWithin, $"{reason} was named {(page.At - at).TotalSeconds:0.0} s after its cause:\n{pipeline.Told}");
    }

    private static string Words(JsonElement change) =>
        $"{change.GetProperty("reason")} {(change.GetProperty("labels").TryGetProperty("instance", out var instance) ? instance.GetString() : "")}";

    private static async Task<string> FingerprintAsync(LivePipeline pipeline, int member, string service, string? state = null)
    {
        var query = $"/api/alerts?label=instance:node-{member}&label=service:{service}" + (state is null ? "" : $"&state={state}");
        var found = await Wait.ForAsync("the alert being listed", async () =>
            await pipeline.ListAsync(query) is [var one] ? new Boxed(one) : null, () => pipeline.Told);
        return found.Text("fingerprint");
    }

    private static async Task<long> RepeatsAsync(LivePipeline pipeline) =>
        (await pipeline.ListAsync("/api/alerts")).Sum(a => a.GetProperty("repeats").GetInt64());

    private static async Task SendAsync(LivePipeline pipeline, params Sent[] alerts) =>
        await pipeline.PostAsync("/ingest/generic", $"[{string.Join(',', alerts.Select(a => a.Body))}]");

    private static Sent Alert(int member, string severity = "warning", string status = "firing", string service = "queue") => new(member, service,
        string.Create(CultureInfo.InvariantCulture,
            $$$"""{"labels":{"alertname":"Stuck","cluster":"shop","service":"{{{service}}}","instance":"node-{{{member}}}"},"severity":"{{{severity}}}","status":"{{{status}}}"}"""));

    private sealed record Sent(int Member, string Service, string Body);
}
