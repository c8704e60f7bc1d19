using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Cli;
using Pipeline.Config;
using Pipeline.Tests.Architecture;
using Xunit;
using static Pipeline.Tests.Deployment.ComposeFile;

namespace Pipeline.Tests.Deployment;

/// <summary>No container engine runs here, so everything in compose/ that the program can know is held to the program.</summary>
public sealed partial class ComposeTests
{
    private readonly ComposeFile compose = new();

    [Fact]
    public void Every_variable_is_documented_and_every_documented_one_is_used()
    {
        // Docker Compose reads this one itself.
        var used = compose.Variables.Select(v => v.Name).Append("COMPOSE_PROFILES").Distinct().Order();
        Assert.Equal(compose.Example.Keys.Order(), used);
    }

    [Fact]
    public void What_has_no_value_in_the_example_must_be_set_and_the_rest_has_it_as_default()
    {
        foreach (var (name, rest) in compose.Variables)
            if (compose.Example[name].Length == 0) Assert.StartsWith(":?", rest, StringComparison.Ordinal);
            else Assert.Equal($":-{compose.Example[name]}", rest);
        foreach (var secret in compose.Example.Where(e => Secret().IsMatch(e.Key))) Assert.Equal("", secret.Value);
        Assert.True(compose.Example.Count(e => Secret().IsMatch(e.Key)) >= 5);
    }

    [Fact]
    public void No_password_stands_in_a_file()
    {
        foreach (var (service, parts) in compose.Services)
            foreach (var (name, value) in parts.TryGetValue("environment", out var environment) ? Map(environment) : [])
                if (Secret().IsMatch(name) || name.EndsWith("_PASS", StringComparison.Ordinal))
                    Assert.True(((string)value).StartsWith("${", StringComparison.Ordinal) && ((string)value).Contains(":?", StringComparison.Ordinal), $"{service}: {name}");
    }

    [Fact]
    public void Images_are_pinned()
    {
        foreach (var (service, parts) in compose.Services)
        {
            var image = compose.Filled((string)parts["image"]);
            Assert.True(image.Split(':') is [_, var tag] && tag != "latest" && Version().IsMatch(tag), $"{service}: {image}");
        }
        var version = Regex.Match(File.ReadAllText(Repository.Path("Directory.Build.props")), "<Version>(.*)</Version>").Groups[1].Value;
        Assert.Equal(version, compose.Example["PIPELINE_VERSION"]);
    }

    [Fact]
    public void Every_service_is_watched_bounded_and_started_again()
    {
        foreach (var (service, parts) in compose.Services)
        {
            foreach (var key in new[] { "restart", "healthcheck", "mem_limit", "cpus", "stop_grace_period", "logging" }) Assert.True(parts.ContainsKey(key), $"{service} has no {key}");
            Assert.Equal("unless-stopped", parts["restart"]);
            Assert.Equal("CMD", List(Map(parts["healthcheck"])["test"])[0]);
        }
    }

    [Fact]
    public void Every_role_runs_and_twice_where_its_death_must_not_be_noticed()
    {
        var roles = compose.Ours.ToLookup(s => Parsed(s.Value).GetValue<string>("--role")!, s => s.Value.TryGetValue("deploy", out var deploy) ? int.Parse((string)Map(deploy)["replicas"], CultureInfo.InvariantCulture) : 1);
        Assert.Equal(["dedupe", "ingest", "pager", "project"], roles.Select(r => r.Key).Order());
        Assert.Equal((2, 2), (roles["ingest"].Sum(), roles["dedupe"].Sum()));
        // Who is there more than once can have no port of the host's.
        foreach (var (service, parts) in compose.Ours) Assert.False(parts.ContainsKey("deploy") && parts.ContainsKey("ports"), service);
    }

    [Theory]
    [InlineData("pipeline.yaml")]
    [InlineData("pipeline.eventstore.yaml")]
    public void Command_lines_and_configurations_are_ones_that_the_program_takes(string file)
    {
        var asked = new HashSet<string>();
        foreach (var (service, parts) in compose.Ours)
        {
            var parsed = Parsed(parts);
            Assert.True(parsed.Errors.Count == 0, $"{service}: {string.Join("; ", parsed.Errors)}");
            Assert.Equal("serve", parsed.CommandResult.Command.Name);
            var environment = Map(parts["environment"]);
            var reading = Reading.OfFile(Path.Combine(Folder, file), name =>
            {
                asked.Add(name);
                return environment.TryGetValue(name, out var value) ? compose.Filled((string)value) : null;
            });
            Assert.True(reading.IsGood, $"{service}: {string.Join("; ", reading.Problems)}");
            Assert.Equal(environment.Keys.Order(), asked.Order());
            Assert.Single(Listen.Addresses(parsed.GetValue<string>("--urls")!, reading.Settings.Auth, insecure: false));
            AssertReaches(reading.Settings.Cluster!.Broker!, reading.Settings.Cluster.Store, reading.Settings.Cluster.Database);
            var mount = Mounts(parts).Single();
            Assert.Equal(mount.Target, parsed.GetValue<string>("--config"));
        }
        Assert.True(File.Exists(Path.Combine(Folder, compose.Example["PIPELINE_CONFIG"])));
    }

    [Fact]
    public void Ports_are_those_that_the_program_listens_on_and_open_to_this_machine_only()
    {
        var published = new List<string>();
        foreach (var (service, parts) in compose.Services)
        {
            if (!parts.TryGetValue("ports", out var ports)) continue;
            foreach (var port in List(ports).Select(compose.Filled))
            {
                Assert.True(port.Split(':') is ["127.0.0.1", var outside, var inside] && inside == "8080" && published.TrueForAll(p => p != outside), $"{service}: {port}");
                published.Add(port.Split(':')[1]);
            }
        }
        foreach (var (service, parts) in compose.Ours) Assert.True(new Uri(Parsed(parts).GetValue<string>("--urls")!).Port == 8080, service);
        Assert.Equal(["8080", "8081", "8082"], published.Order());
    }

    [Fact]
    public void What_is_mounted_is_there_and_what_is_waited_for_too()
    {
        var named = new List<string>();
        foreach (var (service, parts) in compose.Services)
        {
            foreach (var (source, target) in Mounts(parts))
                if (source.StartsWith("./", StringComparison.Ordinal)) Assert.True(File.Exists(Path.Combine(Folder, source)), $"{service}: {source}");
                else named.Add(source);
            if (!parts.TryGetValue("depends_on", out var needs)) continue;
            foreach (var (other, how) in Map(needs))
            {
                Assert.True(compose.Services.ContainsKey(other), $"{service} waits for {other}");
                Assert.Equal("service_healthy", Map(how)["condition"]);
                // What only a profile starts must not be needed.
                if (compose.Services[other].ContainsKey("profiles")) Assert.Equal("false", Map(how)["required"]);
            }
        }
        Assert.Equal(compose.Volumes.Order(), named.Order());
        Assert.Contains("rabbitmq_consistent_hash_exchange", File.ReadAllText(Path.Combine(Folder, "rabbitmq/enabled_plugins")), StringComparison.Ordinal);
    }

    [Fact]
    public void Alarms_are_on_metrics_that_there_are()
    {
        var known = Repository.Sources("src").SelectMany(f => Instrument().Matches(File.ReadAllText(Repository.Path(f))))
            .Select(m => m.Groups[2].Value.Replace('.', '_') + (m.Groups[1].Value == "Counter" ? "_total" : m.Groups[3].Value == "s" ? "_seconds" : "")).ToHashSet();
        var named = Regex.Matches(File.ReadAllText(Path.Combine(Folder, "README.md")), "`(pipeline_[a-z_]+)`").Select(m => m.Groups[1].Value).Distinct().ToList();
        Assert.True(named.Count > 8);
        Assert.All(named, name => Assert.Contains(name, known));
    }

    private static System.CommandLine.ParseResult Parsed(Dictionary<string, object> service) => Entry.Root().Parse(List(service["command"]));

    private IEnumerable<(string Source, string Target)> Mounts(Dictionary<string, object> service) =>
        List(service["volumes"]).Select(compose.Filled).Select(v => v.Split(':')).Select(v => (v[0], v[1]));

    /// <summary>An address in a configuration names a service here.</summary>
    private void AssertReaches(params string[] addresses)
    {
        foreach (var address in addresses) Assert.Contains(new Uri(address).Host, compose.Services.Keys);
    }

    /// <summary>How an instrument is made: its kind, its name, and its unit where one stands on the same line.</summary>
    [GeneratedRegex("""Create(Counter|UpDownCounter|ObservableGauge|Histogram)(?:<\w+>)?\(\s*"([a-z._]+)"(?:, (?:\(\) => [^"]*)?"([^"]*)")?""")]
    private static partial Regex Instrument();

    [GeneratedRegex("PASSWORD|TOKEN|SECRET")]
    private static partial Regex Secret();

    [GeneratedRegex(@"^\d+\.\d+\.\d+|^\d+\.\d+-")]
    private static partial Regex Version();
}
