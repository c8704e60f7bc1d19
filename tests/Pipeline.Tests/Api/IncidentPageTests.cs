using System.Net;
using Xunit;

namespace Pipeline.Tests.Api;

/// <summary>What people get who follow a link, or type the address.</summary>
public sealed class IncidentPageTests
{
    private const string Browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

    [Fact]
    public async Task A_browser_gets_a_page_to_read_in_which_an_alert_cannot_write()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("<script>alert(1)</script>", more: ("host", "db-1"));
        var id = await server.IncidentAsync();
        await server.PostAsync($"/api/incidents/{id}/acknowledge", new { by = "ann & ben", awaiting = "restart" });
        server.Time.Advance(TimeSpan.FromMinutes(5));
        await server.FireAsync("QueueFull");
        var (type, page) = await GetAsync(server, $"/api/incidents/{id}", Browser);
        Assert.Equal("text/html", type);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt; on db-1 (shop)", page, StringComparison.Ordinal);
        Assert.Contains("Acknowledged by ann &amp; ben 5 min ago", page, StringComparison.Ordinal);
        Assert.Contains($"/api/incidents/{id}/timeline\"", page, StringComparison.Ordinal);
        var isNew = page.IndexOf("New since the acknowledgement", StringComparison.Ordinal);
        var covered = page.IndexOf("Covered by the acknowledgement", StringComparison.Ordinal);
        Assert.InRange(page.IndexOf("QueueFull on shop", StringComparison.Ordinal), isNew, covered);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("*/*")]
    [InlineData("application/json, text/html;q=0.9")]
    [InlineData("application/json, text/html")]
    [InlineData("text/html;q=0, application/json;q=0.5")]
    public async Task Whoever_does_not_prefer_html_gets_json(string? accept)
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("DbDown");
        var (type, body) = await GetAsync(server, $"/api/incidents/{await server.IncidentAsync()}", accept);
        Assert.Equal("application/json", type);
        Assert.StartsWith("{", body);
    }

    [Fact]
    public async Task The_bare_address_says_what_this_is_and_where_to_go_on()
    {
        await using var server = await ApiServer.StartAsync();
        var (type, text) = await GetAsync(server, "/", null);
        Assert.Equal("text/plain", type);
        foreach (var path in (string[])["/api/incidents", "/api/summary", "/metrics", "/openapi.json"])
        {
            Assert.Contains($"{server.Address}{path} ", text, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync(path)).StatusCode);
        }
        Assert.Contains($"curl {server.Address}/ingest/generic", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_line_of_a_timeline_names_its_alert_in_words()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("HostDown", more: ("host", "db-1"));
        await server.ResolveAsync("HostDown", ("host", "db-1"));
        var items = (await server.GetAsync($"/api/incidents/{await server.IncidentAsync()}/timeline")).GetProperty("items");
        var lines = items.EnumerateArray().Select(i => i.GetProperty("text").GetString()!).ToList();
        Assert.Equal("HostDown on db-1 (shop) resolved", lines[^1]);
        Assert.All(lines, line => Assert.DoesNotContain(items[1].GetProperty("decision").GetProperty("fingerprint").GetString()!, line));
    }

    private static async Task<(string? Type, string Body)> GetAsync(ApiServer server, string path, string? accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await server.Http.SendAsync(request);
        return (answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsStringAsync());
    }
}
