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

    private static async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(ApiServer server, string text, string type)
    {
        using var content = new StringContent(text, Encoding.UTF8, type);
        using var answer = await server.Http.PostAsync("/api/topology", content);
        return (answer.StatusCode, JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()));
    }
}
