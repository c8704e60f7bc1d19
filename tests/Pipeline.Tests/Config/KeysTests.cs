using System.Text.Json;
using Pipeline.Config;
using Pipeline.Tests.Architecture;
using Xunit;

namespace Pipeline.Tests.Config;

/// <summary>The documentation's table, the reader and the defaults say the same.</summary>
public sealed class KeysTests
{
    // A value other than the default for each key; a key that is not here fails the test.
    private static readonly Dictionary<string, string> Other = new()
    {
        ["identity.volatile"] = "[severity]", ["identity.expire"] = "2h", ["identities.max"] = "7",
        ["severity.critical"] = "[bad]", ["severity.warning"] = "[so-so]", ["severity.info"] = "[fine]",
        ["page.gather"] = "3s", ["page.budget"] = "7", ["page.latest"] = "6m", ["page.links"] = "https://p.example.org",
        ["incident.settle"] = "2m", ["incident.reopen"] = "16m", ["incident.quiet"] = "2d",
        ["group.by"] = "[team]", ["group.near"] = "[rack]", ["group.within"] = "6m", ["group.components"] = "[app]",
        ["surface.episode"] = "11m", ["surface.settle"] = "6m", ["surface.return"] = "5h", ["surface.returnMost"] = "2d", ["surface.coldStart"] = "11m", ["surface.observerSkew"] = "11s", ["surface.storm"] = "5", ["surface.history"] = "2d",
        ["scope.label"] = "site", ["scope.max"] = "8", ["auth.ingest"] = "[t1]", ["auth.api"] = "[t2]",
        ["limits.body"] = "5MiB", ["limits.alerts"] = "5", ["limits.labels"] = "5", ["limits.value"] = "5KiB",
        ["pagers"] = "[{name: a, type: log}]", ["heartbeats"] = "[{name: a, match: {alertname: Watchdog}, every: 1m}]",
        ["heartbeat.url"] = "\"https://example.org\"", ["heartbeat.every"] = "2m",
        ["retention.deliveries"] = "31d", ["retention.decisions"] = "401d", ["retention.maxBytes"] = "10GiB",
        ["topology.components"] = "[{name: a}]",
        ["broker"] = "amqp://rabbit", ["store"] = "esdb://log:2113", ["database"] = "postgres://db/pipeline", ["queue.partitions"] = "4", ["queue.maxBytes"] = "2GiB",
    };

    // What a key says nothing without.
    private static readonly Dictionary<string, string> Beside = new()
    {
        ["heartbeat.every"] = "heartbeat.url: https://example.org", ["broker"] = "store: postgres://db/pipeline", ["store"] = "database: postgres://db/pipeline",
        ["database"] = "store: esdb://log:2113", ["queue.partitions"] = "store: postgres://db/pipeline", ["queue.maxBytes"] = "store: postgres://db/pipeline",
    };

    private static readonly string[] TakeNothingElse = ["page.first"];

    public static TheoryData<string> Names => [.. Keys.All.Select(k => k.Name)];

    [Fact]
    public void The_documentation_lists_every_key_with_its_default_and_meaning()
    {
        var rows = Keys.All.Select(k => $"| `{k.Name}` | `{k.Default}` | {k.Meaning} |");
        var table = File.ReadLines(Repository.Path("docs", "configuration.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        Assert.Equal(string.Join('\n', rows), string.Join('\n', table));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Writing_the_default_changes_nothing(string name)
    {
        var key = Keys.All.Single(k => k.Name == name);
        if (key.Default != "none") Assert.Equal(Json(""), Json($"{name}: {key.Default}"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Writing_something_else_changes_the_settings(string name)
    {
        if (TakeNothingElse.Contains(name)) Assert.NotEmpty(Reading.OfText($"{name}: 9s", "x").Problems);
        else
        {
            var beside = Beside.GetValueOrDefault(name, "");
            Assert.NotEqual(name is "store" or "database" ? Json("") : Json(beside), Json($"{name}: {Other[name]}\n{beside}"));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_a_message_proposes_can_be_written(string name)
    {
        var key = Keys.All.Single(k => k.Name == name);
        if (key.Example != "none") Assert.DoesNotContain(Reading.OfText($"{name}: {key.Example}", "x", _ => "t").Problems, p => p.Text.StartsWith(name + " \"", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_setting_has_a_key()
    {
        var all = string.Join('\n', Other.Select(o => $"{o.Key}: {o.Value}"));
        using var defaults = JsonDocument.Parse(Json(""));
        using var changed = JsonDocument.Parse(Json(all));
        // How deep JSON may nest is a bound of the reader's stack, not a choice; whose an alert is and which topology was configured are set when rules are recorded.
        Assert.Equal(["Rules.Scope.Label", "Rules.Scope.Apart", "Rules.ConfiguredTopology", "Limits.Depth"], Same(defaults.RootElement, changed.RootElement, ""));
    }

    private static IEnumerable<string> Same(JsonElement a, JsonElement b, string path) =>
        a.ValueKind == JsonValueKind.Object && b.ValueKind == JsonValueKind.Object
            ? a.EnumerateObject().SelectMany(member => Same(member.Value, b.GetProperty(member.Name), path.Length == 0 ? member.Name : $"{path}.{member.Name}"))
            : a.GetRawText() == b.GetRawText() ? [path] : [];

    private static string Json(string yaml)
    {
        var reading = Reading.OfText(yaml, "x");
        Assert.All(reading.Problems, p => Assert.Contains("without heartbeat.url", p.Text));
        return JsonSerializer.Serialize(reading.Settings);
    }
}
