using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pipeline.Api;
using Xunit;

namespace Pipeline.Tests.Api;

/// <summary>What is refused outside our routes' own code is said in words too.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("GET", "/nowhere", 404, "nothing is at /nowhere")]
    [InlineData("GET", "/api/act", 405, "/api/act does not take GET but POST")]
    [InlineData("POST", "/api/act", 415, "content-type: application/json")]
    [InlineData("POST", "/api/away", 503, "the disk is gone; ask again")]
    public async Task A_refusal_says_what_to_do(string method, string path, int status, string says)
    {
        await using var app = await StartAsync();
        using var http = new HttpClient { BaseAddress = new(app.Urls.Single()) };
        using var request = new HttpRequestMessage(new(method), path);
        // As curl -d sends it.
        if (method == "POST") request.Content = new StringContent("{}", Encoding.UTF8, "application/x-www-form-urlencoded");
        using var answer = await http.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var body = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
        Assert.Contains(says, body.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task An_imitated_api_answers_as_the_one_it_imitates()
    {
        await using var app = await StartAsync();
        using var http = new HttpClient { BaseAddress = new(app.Urls.Single()) };
        using var answer = await http.GetAsync("/api/v2/nowhere");
        Assert.Equal((HttpStatusCode.NotFound, ""), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData("GET", "/nowhere", 404, "--role project")]
    [InlineData("GET", "/api/v2/nowhere", 404, "--role project")]
    [InlineData("GET", "/api/act", 405, "/api/act does not take GET but POST")]
    [InlineData("POST", "/api/act", 415, "content-type: application/json")]
    public async Task A_role_says_what_is_another_s_to_answer_and_of_its_own_what_was_wrong(string method, string path, int status, string says)
    {
        await using var app = await StartAsync("project");
        using var http = new HttpClient { BaseAddress = new(app.Urls.Single()) };
        using var request = new HttpRequestMessage(new(method), path);
        if (method == "POST") request.Content = new StringContent("{}", Encoding.UTF8, "application/x-www-form-urlencoded");
        using var answer = await http.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(says, JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("detail").GetString());
    }

    private static async Task<WebApplication> StartAsync(string? role = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        BareAnswers.Explain(app, role);
        var api = app.MapGroup("/api");
        StoreAway.Answer(api);
        api.MapPost("/act", () => "done").Accepts<string>("application/json");
        api.MapPost("/away", string () => throw new IOException("the disk is gone"));
        await app.StartAsync();
        return app;
    }
}
