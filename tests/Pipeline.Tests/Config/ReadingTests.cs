using Dedupe.Vocabulary;
using Pipeline.Config;
using Xunit;

namespace Pipeline.Tests.Config;

/// <summary>From a file to settings; mistakes are in <see cref="MistakesTests"/>.</summary>
public sealed class ReadingTests
{
    private static Reading Read(string yaml, params (string Name, string Value)[] variables) =>
        Reading.OfText(yaml, "pipeline.yaml", name => variables.FirstOrDefault(v => v.Name == name).Value);

    private static Settings Good(string yaml, params (string Name, string Value)[] variables)
    {
        var reading = Read(yaml, variables);
        Assert.Empty(reading.Problems);
        return reading.Settings;
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but a comment\n")]
    [InlineData("---\n")]
    [InlineData("page:\n  # gather: 5s\n")]
    public void Without_keys_every_default_holds(string yaml) => Assert.Equal(TimeSpan.FromSeconds(2), Good(yaml).Rules.Page.Gather);

    [Fact]
    public void Without_pagers_one_log_pager_named_default_takes_all()
    {
        var settings = Good("");
        Assert.Equal(new PagerSettings("default", PagerType.Log), Assert.Single(settings.Pagers));
        var rule = Assert.Single(settings.Rules.Pagers);
        Assert.Equal(("default", LabelSet.Empty, Severity.Warning), (rule.Name, rule.Match, rule.From));
    }

    [Theory]
    [InlineData("page: {gather: 7s}")]
    [InlineData("page.gather: 7s")]
    [InlineData("page:\n  gather: 7s\n")]
    public void A_key_may_be_nested_or_dotted(string yaml) => Assert.Equal(TimeSpan.FromSeconds(7), Good(yaml).Rules.Page.Gather);

    [Fact]
    public void Identities_max_has_two_spellings() =>
        Assert.Equal((5, 6), (Good("identities.max: 5").Rules.Identity.Max, Good("identity: {max: 6}").Rules.Identity.Max));

    [Fact]
    public void Pagers_reach_the_rules_that_decide()
    {
        var settings = Good("""
            pagers:
              - {name: ops, type: webhook, url: "https://example.org/hook", secret: "whsec_c2VjcmV0", match: {team: x}, from: critical}
              - {name: chat, type: slack, url: "https://example.org/slack"}
              - {name: duty, type: pagerduty, secret: key}
              - {name: screen, type: log}
            """);
        Assert.Equal([PagerType.Webhook, PagerType.Slack, PagerType.PagerDuty, PagerType.Log], settings.Pagers.Select(p => p.Type));
        Assert.Equal(["ops", "chat", "duty", "screen"], settings.Rules.Pagers.Select(p => p.Name));
        Assert.Equal((LabelSet.Of(("team", "x")), Severity.Critical), (settings.Rules.Pagers[0].Match, settings.Rules.Pagers[0].From));
    }

    [Fact]
    public void A_variable_is_taken_from_the_environment_and_cannot_change_the_yaml_around_it() =>
        Assert.Equal(["a:#b]", "x-1-y"], Good("auth: {ingest: [\"${T}\", 'x-${N}-y']}", ("T", "a:#b]"), ("N", "1")).Auth.Ingest);

    [Fact]
    public void A_doubled_dollar_is_a_plain_one() =>
        Assert.Equal("${T}-1", Good("pagers: [{name: p, type: pagerduty, secret: \"$${T}-${N}\"}]", ("N", "1")).Pagers[0].Secret);

    [Fact]
    public void A_word_given_another_severity_leaves_the_default_it_was_in()
    {
        var words = Good("severity: {critical: [critical, p3]}").Rules.Identity.Severity;
        Assert.Contains("p3", words.Critical);
        Assert.DoesNotContain("p3", words.Warning);
        Assert.Contains("warn", words.Warning);
    }

    [Fact]
    public void A_heartbeat_needs_only_its_address() =>
        Assert.Equal(new HeartbeatSettings(new("https://example.org/beat"), TimeSpan.FromMinutes(1)), Good("heartbeat: {url: \"https://example.org/beat\"}").Heartbeat);

    [Fact]
    public void Components_are_read_with_their_levels()
    {
        var topology = Good("topology: {components: [{name: shop, level: business}, {name: api, partOf: shop, dependsOn: [db]}, {name: db, level: host}]}").Topology;
        Assert.Equal([Level.Business, Level.Service, Level.Host], topology.Components.Select(c => c.Level));
        Assert.Equal("shop", topology.Find("api")!.PartOf);
        Assert.Equal(["db"], topology.Find("api")!.DependsOn);
    }

    [Theory]
    [InlineData("components: [{name: api}]")]
    [InlineData("topology:\n  components: [{name: api}]")]
    [InlineData("{\"components\": [{\"name\": \"api\", \"level\": \"service\"}]}")]
    public void A_topology_file_takes_the_place_of_the_inline_one(string yaml)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, yaml);
            var reading = Read("topology: {components: [{name: other}]}").WithTopology(Reading.OfTopologyFile(file));
            Assert.Empty(reading.Problems);
            Assert.Equal("api", Assert.Single(reading.Settings.Topology.Components).Name);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Anchors_stand_for_what_they_name() =>
        Assert.Equal(["service"], Good("group:\n  by: &l [service]\n  components: *l\n").Rules.Group.ComponentLabels);

    [Fact]
    public void Label_names_may_be_of_any_script() => Assert.Equal(["служба", "app.kubernetes.io/name"], Good("group: {by: [служба, app.kubernetes.io/name]}").Rules.Group.By);
}
