using Dedupe.Vocabulary;
using Ingest;
using Xunit;
using static Pipeline.Tests.Ingest.Parsing;

namespace Pipeline.Tests.Ingest;

public sealed class ChangesAndLogsTests
{
    [Fact]
    public void A_change_is_read_whole()
    {
        var parsed = Parse("changes", """{"id":"c1","at":"2026-01-31T11:00:00Z","kind":"rollback","summary":"back","services":["a","b"],"reverts":"c0","url":"http://x"}""");
        Assert.Empty(parsed.Alerts);
        var change = Assert.Single(parsed.Changes);
        Assert.Equal(("c1", Now.AddHours(-1), "rollback", "back", "c0", "http://x"), (change.Id, change.At, change.Kind, change.Summary, change.Reverts, change.Url));
        Assert.Equal(["a", "b"], change.Services);
    }

    [Fact]
    public void A_change_without_id_and_time_has_the_same_id_again_and_happened_now()
    {
        var (first, second) = (Parse("changes", """{"kind":"deploy"}""").Changes[0], Parse("changes", """[{"kind":"deploy"}]""").Changes[0]);
        Assert.Equal((first.Id, Now), (second.Id, first.At));
        Assert.NotEqual(first.Id, Parse("changes", """{"kind":"deploy","services":["x"]}""").Changes[0].Id);
    }

    [Theory]
    [InlineData("{}", "kind")]
    [InlineData("""[{"kind":"deploy"},{"kind":"x","at":"soon"}]""", "[1].at")]
    [InlineData("""{"changes":[{"kind":"x","services":[1]}]}""", "changes[0].services[0]")]
    [InlineData("""[7]""", "[0]")]
    public void A_bad_change_is_named(string body, string field) => Assert.Equal(field, Assert.Single(Parse("changes", body).Rejected).Field);

    [Fact]
    public void Every_log_line_is_an_alert_and_below_error_it_only_trains()
    {
        var parsed = Parse("logs", """
            {"time":"2026-01-31T11:59:59Z","service":"shop","level":"error","message":"no thread for order 4711"}

            {"service":"shop","level":"WARN","message":"slow"}
            {"service":"shop","level":"info","message":"done"}
            {"level":"fatal","message":"out"}
            """);
        Assert.Empty(parsed.Rejected);
        Assert.Equal([false, true, true, false], parsed.Alerts.Select(a => a.TrainsOnly));
        Assert.Equal([Severity.Critical, Severity.Warning, Severity.Info, Severity.Critical], parsed.Alerts.Select(a => a.Severity));
        Assert.Equal(LabelSet.Of(("alertname", "LogError"), ("service", "shop")), parsed.Alerts[0].Identity.Labels);
        Assert.Same(parsed.Alerts[0].Identity, parsed.Alerts[2].Identity);
        Assert.Equal("no thread for order 4711", parsed.Alerts[0].LogMessage);
        Assert.Equal(LabelSet.Of(("alertname", "LogError")), parsed.Alerts[3].Identity.Labels);
    }

    [Fact]
    public void A_bad_line_is_named_and_the_others_count()
    {
        var parsed = Parse("logs", """
            {"service":"a","level":"error","message":"m"}
            not json
            {"service":"a","level":"loud","message":"m"}
            {"service":"a","level":"error"}
            {"service":1,"level":"error","message":"m","time":"x"}
            ["a"]
            """);
        Assert.Single(parsed.Alerts);
        Assert.Equal(["lines[1]", "lines[2].level", "lines[3].message", "lines[4].time", "lines[5]"], parsed.Rejected.Select(r => r.Field));
    }

    [Fact]
    public void No_lines_are_a_problem() => Assert.Equal("body", Problem("logs", "\n \n").Field);

    [Fact]
    public void Every_source_in_the_folder_is_in_the_list() =>
        Assert.Equal(
            typeof(Sources).Assembly.GetTypes().Where(t => t.IsClass && t.IsAssignableTo(typeof(ISource))).Select(t => t.Name).Order(),
            Sources.All.Select(s => s.GetType().Name).Order());

    [Fact]
    public void No_source_throws_at_what_it_does_not_know()
    {
        string[] bodies = ["", "x", "[", "{}", "[]", "[{}]", "null", "7", "\"\\ud800\"", "{\"alerts\":null}", "{\"\\ud800\":1}", "{\"payload\":{\"custom_details\":[]}}",
            "[1] x", "[1427925690] SERVICE ALERT: ", "{\"labels\":{\"\\ud800\":\"x\"}}", "{\"ruleName\":\"\\ud800\",\"state\":\"ok\"}", new string('{', 5000), "\u0000"];
        foreach (var source in Sources.All)
        {
            foreach (var body in bodies)
            {
                var parsed = Parse(source.Name, body);
                Assert.True(parsed.Problem is not null || parsed.Rejected.Count == 0 || parsed.Alerts.Count + parsed.Changes.Count > 0, $"{source.Name}: {body}");
            }
        }
    }
}
