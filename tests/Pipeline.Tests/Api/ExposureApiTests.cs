using System.Text.Json;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Api;

/// <summary>Who was shown what is new: in the incident, in its timeline, in what is unseen, and on the page for people.</summary>
public sealed class ExposureApiTests
{
    [Fact]
    public async Task A_change_says_who_was_told_by_which_page_when_and_who_acknowledged_it_after_that()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("DbDown");
        var id = await server.IncidentAsync();
        var waits = await ExposureAsync(server, id);
        Assert.False(waits.GetProperty("seen").GetBoolean());
        var page = waits.GetProperty("told")[0].GetProperty("page").GetString()!;
        Assert.Equal("owed", waits.GetProperty("waiting")[0].GetProperty("why").GetString());

        Answers(server, page, PageState.Failing, "503 Service Unavailable");
        Assert.Contains("503 Service Unavailable", (await ExposureAsync(server, id)).GetProperty("text").GetString(), StringComparison.Ordinal);
        server.Time.Advance(TimeSpan.FromSeconds(5));
        Answers(server, page, PageState.Sent, "200 OK");
        server.Time.Advance(TimeSpan.FromSeconds(60));
        await server.PostAsync($"/api/incidents/{id}/acknowledge", new { by = "ann" });

        var told = await ExposureAsync(server, id);
        Assert.True(told.GetProperty("seen").GetBoolean());
        var by = Assert.Single(told.GetProperty("told").EnumerateArray());
        Assert.Equal(("ops", "opened", "sent", page), (Text(by, "pager"), Text(by, "kind"), Text(by, "state"), Text(by, "page")));
        Assert.Equal((ApiServer.Start, ApiServer.Start.AddSeconds(5)), (by.GetProperty("at").GetDateTimeOffset(), by.GetProperty("answeredAt").GetDateTimeOffset()));
        var acknowledged = told.GetProperty("acknowledged");
        Assert.Equal(("ann", ApiServer.Start.AddSeconds(65)), (Text(acknowledged, "by"), acknowledged.GetProperty("at").GetDateTimeOffset()));
        Assert.Equal($"told ops 03-01 12:00:05 ({page}); acknowledged by ann 03-01 12:01:05", Text(told, "text"));

        var lines = (await server.GetAsync($"/api/incidents/{id}/timeline")).GetProperty("items").EnumerateArray().ToList();
        var surfaced = Assert.Single(lines, l => Text(l, "type") == "change-surfaced");
        Assert.EndsWith(Text(told, "text")!, Text(surfaced, "text"), StringComparison.Ordinal);
        Assert.Equal(told.GetRawText(), surfaced.GetProperty("exposure").GetRawText());
        var paged = Assert.Single(lines, l => Text(l, "type") == "page-decided");
        Assert.EndsWith("sent 03-01 12:00:05", Text(paged, "text"), StringComparison.Ordinal);
        Assert.Equal("sent", Text(paged.GetProperty("told"), "state"));
        var acknowledging = Assert.Single(lines, l => Text(l, "type") == "incident-acknowledged");
        Assert.Equal(acknowledging.GetProperty("version").GetInt64(), acknowledged.GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task As_of_a_time_a_change_shows_who_had_been_told_by_then()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("DbDown");
        var id = await server.IncidentAsync();
        var page = Text((await ExposureAsync(server, id)).GetProperty("told")[0], "page")!;
        server.Time.Advance(TimeSpan.FromMinutes(2));
        Answers(server, page, PageState.Sent, "200 OK");
        Assert.False((await ExposureAsync(server, id, "?at=2026-03-01T12:01:00Z")).GetProperty("seen").GetBoolean());
        Assert.True((await ExposureAsync(server, id, "?at=2026-03-01T12:02:00Z")).GetProperty("seen").GetBoolean());
        var lines = (await server.GetAsync($"/api/incidents/{id}/timeline?at=2026-03-01T12:01:00Z")).GetProperty("items").EnumerateArray();
        Assert.EndsWith("not answered yet", Text(lines.Single(l => Text(l, "type") == "page-decided"), "text"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_unseen_says_why_it_waits_and_can_be_asked_for_by_that()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("Backup", "info");
        await server.DecideAsync((number, at) => new Input.Acted(new Act.SetSilence(
            new("s1", [new("alertname", "Planned", false, true)], at, at.AddHours(1), "kim", "moving racks", at))) { Number = number, At = at });
        await server.FireAsync("Planned", "warning", ("host", "h9"));
        await server.FireAsync("DbDown");
        // The first page of an incident goes at once; what is not urgent waits for company.
        await server.FireAsync("QueueFull", "warning");

        var items = (await server.GetAsync("/api/unseen")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(
            [("QueueFull", "gathering"), ("DbDown", "owed"), ("Planned", "silenced"), ("Backup", "info")],
            items.Select(i => (Text(i.GetProperty("change").GetProperty("labels"), "alertname"), i.GetProperty("why")[0].GetString())));
        Assert.All(items, i => Assert.StartsWith("NOT SEEN; ", Text(i.GetProperty("change").GetProperty("exposure"), "text"), StringComparison.Ordinal));
        var silenced = Assert.Single((await server.GetAsync("/api/unseen?why=silenced")).GetProperty("items").EnumerateArray()).GetProperty("change");
        Assert.Equal("silenced", Text(silenced, "reason"));
        Assert.Equal("silenced by kim until 2026-03-01 13:00:00 UTC: moving racks", Text(silenced, "why"));
        Assert.Equal(400, (int)(await server.Http.GetAsync("/api/unseen?why=laziness")).StatusCode);
    }

    [Fact]
    public async Task The_page_for_people_says_of_each_change_who_was_shown_it_and_that_news_opened_it_again()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("DbDown");
        var id = await server.IncidentAsync();
        await server.PostAsync($"/api/incidents/{id}/acknowledge", new { by = "ann" });
        server.Time.Advance(TimeSpan.FromSeconds(30));
        await server.FireAsync("QueueFull");
        var page = await PageAsync("");
        Assert.Contains("<b>open</b>", page, StringComparison.Ordinal);
        Assert.Contains("That does not cover 1 change that came after, so it is open again.", page, StringComparison.Ordinal);
        Assert.Contains("<span class=\"unseen\">NOT SEEN; not told ops: in no page yet", page, StringComparison.Ordinal);
        Assert.Contains("<span class=\"shown\">acknowledged by ann 03-01 12:00:00", page, StringComparison.Ordinal);
        Assert.Contains("DbDown on shop", page, StringComparison.Ordinal);
        var since = await PageAsync("?since=ack");
        Assert.Contains("<h2>Firing that joined since</h2>", since, StringComparison.Ordinal);
        Assert.Contains("QueueFull on shop", since, StringComparison.Ordinal);
        Assert.DoesNotContain("critical DbDown", since, StringComparison.Ordinal);

        async Task<string> PageAsync(string query)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/incidents/{id}{query}");
            request.Headers.Accept.Add(new("text/html"));
            using var answer = await server.Http.SendAsync(request);
            return await answer.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task An_incident_is_another_one_to_a_cache_once_a_page_of_it_was_answered()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("DbDown");
        var id = await server.IncidentAsync();
        var page = Text((await ExposureAsync(server, id)).GetProperty("told")[0], "page")!;
        var tags = new List<string>();
        foreach (var state in (PageState[])[PageState.Owed, PageState.Failing, PageState.Undeliverable])
        {
            Answers(server, page, state, $"{state}");
            server.Time.Advance(TimeSpan.FromSeconds(1));
            using var answer = await server.Http.GetAsync($"/api/incidents/{id}");
            tags.Add(answer.Headers.ETag!.ToString());
        }
        Assert.Equal(3, tags.Distinct().Count());
    }

    private static void Answers(ApiServer server, string page, PageState state, string answer) =>
        server.Views.Fold(new OutcomeRecord(page, "ops", state, server.Time.GetUtcNow(), 1, answer));

    private static async Task<JsonElement> ExposureAsync(ApiServer server, string id, string query = "") =>
        (await server.GetAsync($"/api/incidents/{id}{query}")).GetProperty("changes")[0].GetProperty("exposure");

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();
}
