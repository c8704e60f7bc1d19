using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Pipeline.Config;
using Xunit;

namespace Pipeline.Tests.Api;

/// <summary>Authorisation, health, the stream, metrics and the description.</summary>
public sealed class EdgeApiTests
{
    [Theory]
    [InlineData("/api/incidents")]
    [InlineData("/api/v2/alerts")]
    [InlineData("/api/stream")]
    [InlineData("/metrics")]
    [InlineData("/openapi.json")]
    public async Task With_tokens_set_reading_needs_one(string path)
    {
        await using var server = await ApiServer.StartAsync(new() { Auth = new() { Api = ["one", "two"] } });
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, path, null));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, path, "three"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, path, "two"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "/healthz", null));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "/readyz", null));
    }

    [Fact]
    public async Task Not_ready_says_what_is_missing()
    {
        await using var server = await ApiServer.StartAsync();
        server.StateRecovered = false;
        using var answer = await server.Http.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        var body = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
        Assert.False(body.GetProperty("stateRecovered").GetBoolean());
        Assert.True(body.GetProperty("logOpen").GetBoolean());
    }

    [Fact]
    public async Task The_description_holds_every_route_with_a_summary()
    {
        await using var server = await ApiServer.StartAsync();
        var paths = (await server.GetAsync("/openapi.json")).GetProperty("paths");
        string[] some =
            ["/api/incidents", "/api/incidents/{id}/acknowledge", "/api/stream", "/api/v2/silence/{id}", "/readyz", "/api/page-test"];
        foreach (var path in some)
            Assert.True(paths.TryGetProperty(path, out _), path);
        Assert.All(
            paths.EnumerateObject().SelectMany(p => p.Value.EnumerateObject()), o =>
                Assert.True(o.Value.TryGetProperty("summary", out _), o.Value.ToString()));
    }

    [Fact]
    public async Task Metrics_are_in_the_text_format_of_Prometheus()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("DbDown");
        var text = await server.Http.GetStringAsync("/metrics");
        Assert.Matches("(?m)^pipeline_identities(\\{.*\\})? 1( |$)", text);
        Assert.Contains("# TYPE pipeline_incidents gauge", text, StringComparison.Ordinal);
        Assert.Contains("dotnet_gc", text, StringComparison.Ordinal);
        Assert.Contains("service_name=\"pipeline\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_stream_tells_what_is_decided_and_a_reader_who_comes_back_has_missed_nothing()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("Before");
        using var give = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        string last;
        using (var first = await OpenAsync(server, null, give.Token))
        {
            await server.FireAsync("While");
            var lines = await ReadAsync(first, l => l.Contains("While", StringComparison.Ordinal), give.Token);
            Assert.DoesNotContain(lines, l => l.Contains("Before is bad", StringComparison.Ordinal));
            last = lines.Last(l => l.StartsWith("id: ", StringComparison.Ordinal))[4..];
        }
        await server.FireAsync("Between");
        using var second = await OpenAsync(server, last, give.Token);
        var missed = await ReadAsync(second, l => l.Contains("Between", StringComparison.Ordinal), give.Token);
        await server.FireAsync("After");
        var live = await ReadAsync(second, l => l.Contains("After", StringComparison.Ordinal), give.Token);
        var ids = missed.Concat(live).Where(l => l.StartsWith("id: ", StringComparison.Ordinal)).ToList();
        Assert.Equal(ids.Distinct(), ids);
        Assert.DoesNotContain(last, ids.Select(i => i[4..]));
    }

    [Fact]
    public async Task An_id_that_the_stream_never_gave_is_refused()
    {
        await using var server = await ApiServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/stream") { Headers = { { "Last-Event-ID", "yesterday" } } };
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Http.SendAsync(request)).StatusCode);
    }

    private static async Task<StreamReader> OpenAsync(ApiServer server, string? last, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/stream");
        if (last is not null) request.Headers.Add("Last-Event-ID", last);
        var answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancel));
        await ReadAsync(reader, l => l == ": hello", cancel);
        return reader;
    }

    private static async Task<List<string>> ReadAsync(StreamReader reader, Func<string, bool> until, CancellationToken cancel)
    {
        var lines = new List<string>();
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            lines.Add(line);
            if (until(line)) return lines;
        }
        throw new EndOfStreamException(string.Join('\n', lines));
    }

    private static async Task<HttpStatusCode> StatusAsync(ApiServer server, string path, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return answer.StatusCode;
    }
}
