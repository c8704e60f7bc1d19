using Pipeline.Config;
using Xunit;

namespace Pipeline.Tests.Config;

/// <summary>Every mistake is named, with its line and what to do.</summary>
public sealed class MistakesTests
{
    private static string[] Mistakes(string yaml) =>
        [.. Reading.OfText(yaml, "pipeline.yaml", name => name == "SECRET" ? "hunter2 hunter2" : null).Problems.Select(p => p.ToString())];

    [Theory]
    [InlineData("group.within: 5 mins", "pipeline.yaml:1: group.within \"5 mins\" is not a duration; write 5m")]
    [InlineData("page: {gather: 2}", "pipeline.yaml:1: page.gather \"2\" is not a duration; write 2s")]
    [InlineData("page: {gather: -2s}", "pipeline.yaml:1: page.gather \"-2s\" is not a duration; write 2s")]
    [InlineData("page: {latest: 2d}", "pipeline.yaml:1: page.latest \"2d\" is too long; the most is 1d")]
    [InlineData("page:\n  gathr: 2s", "pipeline.yaml:2: unknown key \"page.gathr\"; did you mean page.gather?")]
    [InlineData("gather: 2s", "pipeline.yaml:1: unknown key \"gather\"; did you mean page.gather?")]
    [InlineData("pager: []", "pipeline.yaml:1: unknown key \"pager\"; did you mean pagers?")]
    [InlineData("page: 2s", "pipeline.yaml:1: page is a single value, not a group of keys; its keys are page.first, page.gather, page.budget, page.latest, page.links")]
    [InlineData("page: {budget: many}", "pipeline.yaml:1: page.budget \"many\" is not a whole number from 1 to 10000; write 6")]
    [InlineData("page: {budget: 0}", "pipeline.yaml:1: page.budget \"0\" is too few; the least is 1")]
    [InlineData("page: {budget: }", "pipeline.yaml:1: page.budget has no value; write 6 or take the key out")]
    [InlineData("page: {gather: [2s]}", "pipeline.yaml:1: page.gather is a list, not a duration; write 2s")]
    [InlineData("page.gather: 2s\npage:\n  gather: 3s", "pipeline.yaml:3: page.gather is set on line 1 already; take one out")]
    [InlineData("page: {gather: 10m}", "pipeline.yaml:1: page.gather 10m is longer than page.latest 5m; gather at most as long as anything may wait")]
    [InlineData("group: {by: service}", "pipeline.yaml:1: group.by is a single value, not a list; write [service]")]
    [InlineData("group: {by: [a b]}", "pipeline.yaml:1: group.by[0] \"a b\" is not a label name; write the name alone, such as service")]
    [InlineData("group: {by: [a, a]}", "pipeline.yaml:1: group.by names \"a\" twice; take one out")]
    [InlineData("limits: {alerts: \"10,000\"}", "pipeline.yaml:1: limits.alerts \"10,000\" is not a whole number; write 10000")]
    [InlineData("limits: {body: big}", "pipeline.yaml:1: limits.body \"big\" is not a size; write 4MiB")]
    [InlineData("limits: {body: 9GiB}", "pipeline.yaml:1: limits.body \"9GiB\" is too large; the most is 1GiB")]
    [InlineData("scope: {max: 65}", "pipeline.yaml:1: scope.max \"65\" is too many; the most is 64")]
    [InlineData("auth: {api: [\"\"]}", "pipeline.yaml:1: auth.api[0] is empty, which would let everybody in; give it a value")]
    [InlineData("auth: {api: [\"${GONE}\"]}", "pipeline.yaml:1: environment variable GONE is not set; set it, or write $${GONE} if ${GONE} itself is meant")]
    [InlineData("auth: {api: [\"${1}\"]}", "pipeline.yaml:1: \"${1}\" has a ${ that names no environment variable; write ${NAME}, or $${ for a plain ${")]
    [InlineData("heartbeat: {every: 1m}", "pipeline.yaml:1: heartbeat.every is set without heartbeat.url; add the address to call")]
    [InlineData("broker: amqp://x", "pipeline.yaml:1: broker needs a store that every machine reaches; add store: postgres://user:password@host:5432/pipeline")]
    [InlineData("store: mysql://u:secret@x/y", "pipeline.yaml:1: store is no address that begins with postgres:// or postgresql:// or esdb:// or kurrentdb://; write postgres://user:password@host:5432/pipeline")]
    [InlineData("store: esdb://x:2113", "pipeline.yaml:1: EventStoreDB keeps no leases and no documents; add database: postgres://user:password@host:5432/pipeline")]
    [InlineData("severity: {critical: [bad], info: [bad]}", "pipeline.yaml:1: \"bad\" is in severity.critical and in severity.info; take it out of one of the two")]
    [InlineData("- a\n- b", "pipeline.yaml:1: the file holds a list; write keys such as page.gather: 2s")]
    [InlineData("page.gather: 2s\n---\npage.gather: 3s", "pipeline.yaml:2: only one YAML document is read; take out the line ---")]
    public void Each_is_named_with_its_line_and_what_to_do(string yaml, string mistake) => Assert.Equal([mistake], Mistakes(yaml));

    [Theory]
    [InlineData("{match: {alertname: W}, every: 1m}", "heartbeats[0] has no name; add name: ops")]
    [InlineData("{name: w, match: {alertname: W}}", "heartbeats[0] has no every; add every: 1m, how often it comes")]
    [InlineData("{name: w, every: 1m}", "heartbeats[0] waits for nothing; add match: {alertname: Watchdog}, source: icinga2 or observer: nagios-2")]
    [InlineData("{name: w, every: 1m, source: generic, observer: x}", "heartbeats[0] has source and observer; keep one, and write another heartbeat for the other")]
    [InlineData("{name: w, every: 1m, match: {service: shop}}", "heartbeats[0].match names no alertname; what it matches is never paged, so name the one alert, such as {alertname: Watchdog}")]
    [InlineData("{name: w, every: 1m, match: {alertname: W, replica: a}}", "heartbeat w matches \"replica\", which identity.volatile takes out of every identity; match another label")]
    [InlineData("{name: w, every: 1m, source: icinga}", "heartbeats[0].source \"icinga\" is no source; did you mean icinga2?")]
    [InlineData("{name: w, every: 1 minute, source: generic}", "heartbeats[0].every \"1 minute\" is not a duration; write 1m")]
    [InlineData("{name: w, every: 1m, source: generic, severity: info}", "heartbeats[0].severity \"info\" is not one of warning, critical")]
    [InlineData("{name: w, every: 1m, source: generic, after: 3}", "unknown key \"heartbeats[0].after\"; the keys are name, match, source, observer, every, grace, severity")]
    [InlineData("{name: w, every: 1m, source: generic}, {name: w, every: 1m, source: logs}", "heartbeats[1].name \"w\" is the name of the heartbeat on line 1 too; give each its own")]
    public void A_mistake_in_a_heartbeat_is_named(string heartbeats, string text) => Assert.Equal(text, Assert.Single(Reading.OfText($"heartbeats: [{heartbeats}]", "x").Problems).Text);

    [Fact]
    public void A_heartbeat_of_a_source_is_refused_where_there_are_scopes() =>
        Assert.Contains("may send to any scope of site", Assert.Single(Reading.OfText("heartbeats: [{name: w, every: 1m, source: generic}]\nscope.label: site", "x").Problems).Text, StringComparison.Ordinal);

    [Fact]
    public void A_heartbeat_may_be_late_by_twice_its_time_unless_told() =>
        Assert.Equal(
            [(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2)), (TimeSpan.FromMinutes(1), TimeSpan.Zero)],
            Reading.OfText("heartbeats: [{name: a, every: 1m, source: generic}, {name: b, every: 1m, grace: 0s, source: generic}]", "x").Settings.Rules.Heartbeats.Select(h => (h.Every, h.Grace)));

    [Theory]
    [InlineData("{type: log}", "pagers[0] has no name; add name: ops")]
    [InlineData("{name: p}", "pagers[0] has no type; add type: webhook, slack, pagerduty or log")]
    [InlineData("{name: p, type: webhok}", "pagers[0].type \"webhok\" is not one of webhook, slack, pagerduty, log; write webhook")]
    [InlineData("{name: p, type: webhook}", "pagers[0] is a webhook pager without url; add url: https://...")]
    [InlineData("{name: p, type: slack}", "pagers[0] is a slack pager without url; add url: https://...")]
    [InlineData("{name: p, type: pagerduty}", "pagers[0] is a pagerduty pager without secret; add secret: the integration's routing key")]
    [InlineData("{name: p, type: log, from: crit}", "pagers[0].from \"crit\" is not one of info, warning, critical; write critical")]
    [InlineData("{name: p, type: log, match: [x]}", "pagers[0].match is a list, not labels; write {team: x}")]
    [InlineData("{name: p, type: log, colour: red}", "unknown key \"pagers[0].colour\"; the keys are name, type, url, secret, match, from")]
    [InlineData("{name: p, type: webhook, url: \"ftp://h/x\"}", "pagers[0].url \"ftp://h/x\" is not an http or https address; write https://example.org/hook")]
    [InlineData("{name: a, type: log}, {name: a, type: log}", "pagers[1].name \"a\" is the name of the pager on line 1 too; give each its own")]
    public void A_pagers_mistake_is_named(string pagers, string mistake) => Assert.Equal(["pipeline.yaml:1: " + mistake], Mistakes($"pagers: [{pagers}]"));

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://169.254.1.1/")]
    [InlineData("http://2852039166/")]
    [InlineData("http://0xa9fea9fe/")]
    [InlineData("http://[fe80::1]/")]
    [InlineData("http://[::ffff:169.254.169.254]/")]
    [InlineData("http://[fd00:ec2::254]/")]
    [InlineData("http://metadata.google.internal/")]
    [InlineData("http://METADATA.google.internal./")]
    [InlineData("http://100.100.100.200/")]
    public void Link_local_and_metadata_addresses_are_refused(string url) =>
        Assert.Contains("which is refused", Assert.Single(Mistakes($"pagers: [{{name: p, type: webhook, url: \"{url}\"}}]")));

    [Theory]
    [InlineData("http://127.0.0.1:9/")]
    [InlineData("http://10.0.0.1/hook")]
    [InlineData("https://example.org/hook?a=b")]
    public void Other_addresses_are_taken(string url) => Assert.Empty(Mistakes($"pagers: [{{name: p, type: webhook, url: \"{url}\"}}]"));

    [Theory]
    [InlineData("{name: a, dependsOn: [b]}", "topology.components[0].dependsOn \"b\" is no component; did you mean a?")]
    [InlineData("{name: api, partOf: warehouse}", "topology.components[0].partOf \"warehouse\" is no component; declare it or take it out")]
    [InlineData("{name: a, partOf: b}, {name: b, partOf: a}", "topology.components[0].partOf: a component cannot be part of itself: a -> b -> a; take out one partOf")]
    [InlineData("{name: a, partOf: a}", "topology.components[0].partOf: a component cannot be part of itself: a -> a; take out one partOf")]
    [InlineData("{name: a, dependsOn: [a]}", "topology.components[0].dependsOn: \"a\" depends on itself; take it out")]
    [InlineData("{name: a}, {name: a}", "component \"a\" is on line 1 already; take one out")]
    [InlineData("{name: a, level: servce}", "topology.components[0].level \"servce\" is not one of host, service, system, business; write service")]
    [InlineData("{level: host}", "topology.components[0] has no name; add name: api")]
    public void A_topologys_mistake_is_named(string components, string mistake) =>
        Assert.Equal(["pipeline.yaml:1: " + mistake], Mistakes($"topology: {{components: [{components}]}}"));

    [Fact]
    public void A_secret_is_in_no_message()
    {
        var mistakes = Mistakes("auth: {ingest: [\"${SECRET}\", \"hunter2 plain\"]}\npagers: [{name: p, type: webhook, url: \"${SECRET}\", secret: whsec_hunter2!}]");
        Assert.Equal(4, mistakes.Length);
        Assert.DoesNotContain(mistakes, m => m.Contains("hunter2"));
    }

    [Theory]
    [InlineData("page:\n\tgather: 2s\nincident: {settle: x}\n", 2)]
    [InlineData("page: {gather: [2s\nincident: {settle: x}\n", 2)]
    [InlineData("page:\n  gather: 2s\n latest: 3s\nincident: {settle: x}\n", 3)]
    public void What_is_no_yaml_hides_no_later_mistake(string yaml, int line)
    {
        var mistakes = Mistakes(yaml);
        Assert.Contains(mistakes, m => m.StartsWith($"pipeline.yaml:{line}: is not YAML", StringComparison.Ordinal));
        Assert.Contains(mistakes, m => m.Contains("incident.settle \"x\" is not a duration; write 1m", StringComparison.Ordinal));
    }

    [Fact]
    public void Ten_mistakes_are_ten_messages_in_the_order_of_their_lines()
    {
        var mistakes = Mistakes("""
            page:
              gathr: 2s
              budget: many
            incident: {settle: 1 min}
            group: {within: "5 mins", by: service}
            colour: blue
            limits: {labels: 0}
            pagers:
              - {name: a, type: webhook}
              - {name: a, type: log}
            heartbeat: {url: "http://169.254.169.254/"}
            """);
        Assert.Equal([2, 3, 4, 5, 5, 6, 7, 9, 10, 11], mistakes.Select(m => int.Parse(m.Split(':')[1])));
    }

    [Fact]
    public void Deep_nesting_is_a_mistake_and_no_crash() =>
        Assert.Contains("nested deeper", Mistakes("page: {gather: " + new string('[', 10_000) + new string(']', 10_000) + "}")[0]);

    [Fact]
    public void Any_text_at_all_is_read_to_an_end()
    {
        var random = new Random(20240517);
        const string alphabet = "abpge.: -[]{}\"'\n\t&*|>#%!?,$~0\u0000é";
        for (var i = 0; i < 2_000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(60)).Select(_ => alphabet[random.Next(alphabet.Length)])]);
            _ = Reading.OfText("page:\n" + text, "x", _ => null);
        }
    }
}
