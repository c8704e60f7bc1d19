using System.Net;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Pipeline.Tests.Api;

public sealed class TopologyRoutesTests
{
    private const string Yaml = """
        components:
          - {name: shop, level: business}
          - {name: api, partOf: shop, dependsOn: [db]}
          - {name: db, level: host}
        """;

    [Theory]
    [InlineData(Yaml, "application/yaml")]
    [InlineData("""{"components":[{"name":"shop","level":"business"},{"name":"api","partOf":"shop","dependsOn":["db"]},{"name":"db","level":"host"}]}""", "application/json")]
    [InlineData("""{"components":[{"name":"shop","level":"business"},{"name":"api","partOf":"shop","dependsOn":["db"]},{"name":"db","level":"host"}]}""", "application/x-www-form-urlencoded")]
    public async Task A_posted_topology_is_in_force_and_shown(string text, string type)
    {
        await using var server = await ApiServer.StartAsync();
        var (status, body) = await PostAsync(server, text, type);
        Assert.Equal(HttpStatusCode.OK, status);
        var shown = await server.GetAsync("/api/topology");
        Assert.Equal(body.GetRawText(), shown.GetRawText());
        var api = shown.GetProperty("components")[1];
        Assert.Equal(("api", "service", "shop", "db"), (
            api.GetProperty("name").GetString(), api.GetProperty("level").GetString(), api.GetProperty("partOf").GetString(), api.GetProperty("dependsOn")[0].GetString()));
        Assert.Equal(1, (await server.GetAsync("/api/summary")).GetProperty("business").GetProperty("ok").GetInt32());
    }

    [Fact]
    public async Task Every_mistake_is_named_with_its_line_and_nothing_changes()
    {
        await using var server = await ApiServer.StartAsync();
        await PostAsync(server, Yaml, "application/yaml");
        var (status, problem) = await PostAsync(server, "components:\n- {name: a, partOf: b}\n- {name: b, partOf: a}\n- {name: c, level: planet}\n", "application/yaml");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("components", problem.GetProperty("field").GetString());
        Assert.Equal([2, 4], problem.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("line").GetInt32()));
        Assert.Contains("a component cannot be part of itself: a -> b -> a", problem.GetProperty("detail").GetString());
        Assert.Equal(3, (await server.GetAsync("/api/topology")).GetProperty("components").GetArrayLength());
    }

    [Fact]
    public async Task What_is_posted_is_told_nothing_of_the_servers_environment()
    {
        await using var server = await ApiServer.StartAsync();
        var (_, body) = await PostAsync(server, "components: [{name: \"${PATH}\"}]", "application/yaml");
        Assert.Equal("${PATH}", body.GetProperty("components")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Circles_of_needs_are_taken()
    {
        await using var server = await ApiServer.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(server, "components: [{name: a, dependsOn: [b]}, {name: b, dependsOn: [a]}]", "application/yaml")).Status);
    }

    [Fact]
    public async Task One_that_is_not_decided_in_time_is_to_be_sent_again()
    {
        await using var server = await ApiServer.StartAsync();
        server.Decides = false;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(server, Yaml, "application/yaml")).Status);
    }

    [Fact]
    public async Task What_fires_together_is_shown_as_learned_beside_what_is_declared_and_says_where_it_is_both()
    {
        await using var server = await ApiServer.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            foreach (var service in (string[])["db", "api", "mail"]) await server.FireAsync("Down", "critical", ("service", service));
            server.Time.Advance(TimeSpan.FromMinutes(5));
            foreach (var service in (string[])["db", "api", "mail"]) await server.ResolveAsync("Down", ("service", service));
            server.Time.Advance(TimeSpan.FromHours(2));
        }
        Assert.Equal(0, (await server.GetAsync("/api/topology")).GetProperty("components").GetArrayLength());
        await PostAsync(server, Yaml, "application/yaml");
        var shown = await server.GetAsync("/api/topology");
        Assert.Equal(3, shown.GetProperty("components").GetArrayLength());
        Assert.Equal(3, shown.GetProperty("learnedCount").GetInt32());
        Assert.Equal(
            ["api+db True", "api+mail False", "db+mail False"],
            shown.GetProperty("learned").EnumerateArray().Select(e => $"{string.Join('+', e.GetProperty("between").EnumerateArray())} {e.GetProperty("declared")}"));
        var edge = shown.GetProperty("learned")[0];
        Assert.Equal((3, 3, 1.0, "default"), (edge.GetProperty("times").GetInt32(), edge.GetProperty("of").GetInt32(), edge.GetProperty("weight").GetDouble(), edge.GetProperty("scope").GetString()));
        Assert.Equal(ApiServer.Start.AddHours(4).AddMinutes(10), edge.GetProperty("lastSeen").GetDateTimeOffset());
        Assert.Equal(0, shown.GetProperty("unanswered").GetArrayLength());
        Assert.Contains("learned", (await server.GetAsync("/openapi.json")).GetProperty("components").GetProperty("schemas").GetProperty("TopologyBody").GetProperty("properties").EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task A_scope_whose_decider_does_not_answer_is_named_and_what_is_declared_is_shown_all_the_same()
    {
        await using var server = await ApiServer.StartAsync();
        await PostAsync(server, Yaml, "application/yaml");
        server.Decides = false;
        var shown = await server.GetAsync("/api/topology");
        Assert.Equal(3, shown.GetProperty("components").GetArrayLength());
        Assert.Equal("default", Assert.Single(shown.GetProperty("unanswered").EnumerateArray()).GetString());
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(ApiServer server, string text, string type)
    {
        using var content = new StringContent(text, Encoding.UTF8, type);
        using var answer = await server.Http.PostAsync("/api/topology", content);
        return (answer.StatusCode, JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()));
    }
}
