using System.Net;
using System.Text.Json;
using Pipeline.Config;
using Xunit;

namespace Pipeline.Tests.Api;

/// <summary>The log over HTTP.</summary>
public sealed class ExportRouteTests
{
    [Fact]
    public async Task The_log_is_answered_line_by_line_with_its_size_ahead()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("A");
        await server.FireAsync("B");
        using var answer = await server.Http.GetAsync("/api/export");
        Assert.Equal((HttpStatusCode.OK, "application/x-ndjson"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Equal("2", answer.Headers.GetValues("Pipeline-Inputs").Single());
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["numbers", "source", "source"], lines.Select(l => JsonSerializer.Deserialize<JsonElement>(l).TryGetProperty("source", out _) ? "source" : "numbers"));
    }

    [Theory]
    [InlineData("from=yesterday", HttpStatusCode.BadRequest, "from")]
    [InlineData("from=2026-03-01T12:00:00Z&to=2026-03-01T11:00:00Z", HttpStatusCode.BadRequest, "from")]
    [InlineData("paged=perhaps", HttpStatusCode.BadRequest, "paged")]
    [InlineData("to=2025-03-01T12:00:00Z", HttpStatusCode.Gone, null)]
    public async Task What_cannot_be_exported_is_refused_in_words(string query, HttpStatusCode status, string? field)
    {
        await using var server = await ApiServer.StartAsync();
        using var answer = await server.Http.GetAsync($"/api/export?{query}");
        Assert.Equal(status, answer.StatusCode);
        var problem = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
        if (field is not null) Assert.Equal(field, problem.GetProperty("field").GetString());
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
    }

    [Fact]
    public async Task Only_who_may_read_gets_the_log()
    {
        await using var server = await ApiServer.StartAsync(new Settings { Auth = new() { Ingest = ["in"], Api = ["out"] } });
        using var refused = await server.Http.GetAsync("/api/export");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        server.Http.DefaultRequestHeaders.Authorization = new("Bearer", "out");
        using var allowed = await server.Http.GetAsync("/api/export");
        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
    }

    [Fact]
    public async Task Before_the_state_is_recovered_it_says_not_now()
    {
        await using var server = await ApiServer.StartAsync();
        server.StateRecovered = false;
        using var answer = await server.Http.GetAsync("/api/export");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
    }
}
