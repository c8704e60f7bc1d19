using Dedupe.Vocabulary;
using Xunit;
using static Pipeline.Tests.Ingest.Parsing;

namespace Pipeline.Tests.Ingest;

public sealed class GrafanaSourceTests
{
    [Fact]
    public void A_group_of_two_alertnames_is_two_alerts()
    {
        var parsed = Parse("grafana", Shared("payloads/grafana-unified/v11-multiple-firing.json"));
        Assert.Equal(["High memory usage", "High CPU usage"], parsed.Alerts.Select(a => a.Identity.Labels["alertname"]));
        Assert.Equal(["This alert was triggered for zone us-1", "This alert was triggered for zone eu-1"], parsed.Alerts.Select(a => a.Summary));
        Assert.All(parsed.Alerts, a => Assert.Equal((AlertStatus.Firing, 44.23943737541908), (a.Status, a.Value)));
        Assert.Equal(new DateTimeOffset(2021, 10, 12, 7, 51, 3, TimeSpan.Zero).AddMicroseconds(157076), parsed.Alerts[0].StartsAt);
    }

    [Fact]
    public void A_rule_posted_as_configured_is_named_by_its_title()
    {
        var alert = Assert.Single(Parse("grafana", Shared("payloads/grafana-unified/keep-grafana-highmemoryconsumption.json")).Alerts);
        Assert.Equal(LabelSet.Of(("alertname", "High Memory Usage")), alert.Identity.Labels);
        Assert.Equal((Severity.Warning, "Memory Usage High on {{ host.name }}"), (alert.Severity, alert.Summary));
        Assert.Equal(["memory"], alert.Identity.Observers);
    }

    [Fact]
    public void A_legacy_rule_shows_what_matched()
    {
        var alert = Assert.Single(Parse("grafana", Shared("payloads/grafana-legacy/alerta-alerting.json")).Alerts);
        Assert.Equal(("Zeta CPU alert", "zeta.domain"), (alert.Identity.Labels["alertname"], alert.Identity.Labels["instance"]));
        Assert.Equal((AlertStatus.Firing, "boom!", 97.007606), (alert.Status, alert.Summary, alert.Value));
    }

    [Fact]
    public void The_test_button_s_body_is_an_alert() =>
        Assert.Equal(("Load peaking!", 122.0), Assert.Single(Parse("grafana", Shared("payloads/grafana-legacy/alerta-test-notification.json")).Alerts) is var a
            ? (a.Identity.Labels["alertname"], a.Value!.Value) : default);

    [Fact]
    public void A_legacy_rule_that_is_ok_again_resolves_the_one_that_matched()
    {
        var firing = One("grafana", """{"ruleId":7,"ruleName":"CPU","state":"alerting","tags":{"team":"blue","severity":"critical"},"evalMatches":[{"value":1,"tags":{"instance":"a"}}]}""");
        var ok = One("grafana", """{"ruleId":7,"ruleName":"CPU","state":"ok","tags":{"team":"blue","severity":"critical"},"evalMatches":[]}""");
        Assert.Equal(firing.Identity.Fingerprint, ok.Identity.Fingerprint);
        Assert.Equal((AlertStatus.Resolved, Severity.Critical), (ok.Status, firing.Severity));
        Assert.NotEqual(firing.Identity.Fingerprint, One("grafana", """{"ruleId":8,"ruleName":"CPU","state":"ok","tags":{"team":"blue"}}""").Identity.Fingerprint);
    }

    [Theory]
    [InlineData("""{"ruleName":"x","state":"paused"}""", "state")]
    [InlineData("""{"ruleId":1,"state":"ok"}""", "ruleName")]
    [InlineData("""{"title":"x"}""", "labels")]
    public void What_is_missing_is_named(string body, string field) => Assert.Equal(field, Problem("grafana", body).Field);
}
