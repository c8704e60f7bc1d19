using Dedupe.Vocabulary;
using Xunit;
using static Pipeline.Tests.Ingest.Parsing;

namespace Pipeline.Tests.Ingest;

public sealed class AlertmanagerSourceTests
{
    [Fact]
    public void Each_alert_of_a_group_has_its_own_state()
    {
        var parsed = Parse("alertmanager", """
            {"version":"4","groupKey":"{}:{}","status":"firing","receiver":"us","groupLabels":{},"commonLabels":{"alertname":"Down"},"externalURL":"http://am",
             "alerts":[{"status":"firing","labels":{"alertname":"Down","instance":"a","severity":"critical"},"annotations":{"description":"long","summary":"short"},
                        "startsAt":"2026-01-31T11:59:00Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://p/g","fingerprint":"x"},
                       {"status":"resolved","labels":{"alertname":"Down","instance":"b"},"annotations":{"message":"m"},
                        "startsAt":"2026-01-31T11:00:00Z","endsAt":"2026-01-31T11:58:00Z","generatorURL":""}]}
            """);
        Assert.Empty(parsed.Rejected);
        Assert.Equal([AlertStatus.Firing, AlertStatus.Resolved], parsed.Alerts.Select(a => a.Status));
        Assert.Equal(["short", "m"], parsed.Alerts.Select(a => a.Summary));
        Assert.Equal([Severity.Critical, Severity.Unknown], parsed.Alerts.Select(a => a.Severity));
        Assert.Equal(["http://p/g", null], parsed.Alerts.Select(a => a.Url));
        Assert.Null(parsed.Alerts[0].EndsAt);
    }

    [Fact]
    public void To_it_another_severity_is_another_alert_and_to_a_sender_of_our_own_format_it_is_not()
    {
        const string Body = """[{"labels":{"alertname":"Load","severity":"critical"}}]""";
        Assert.True(One("alertmanager-v2", Body).PerSeverity);
        Assert.False(One("generic", Body).PerSeverity);
    }

    [Fact]
    public void The_group_s_state_counts_for_alerts_without_one()
    {
        var parsed = Parse("alertmanager", """{"alerts":[{"labels":{"a":"1"}},{"labels":{"a":"2"},"status":"firing"}],"status":"resolved"}""");
        Assert.Equal([AlertStatus.Resolved, AlertStatus.Firing], parsed.Alerts.Select(a => a.Status));
    }

    [Fact]
    public void Without_any_text_the_alertname_sums_it_up() => Assert.Equal("Down", One("alertmanager", """{"alerts":[{"labels":{"alertname":"Down"}}]}""").Summary);

    [Fact]
    public void Version_3_is_read_like_version_4()
    {
        var alert = Assert.Single(Parse("alertmanager", Shared("payloads/alertmanager/alerta-v3-firing.json")).Alerts);
        Assert.Equal("failedConnect", alert.Identity.Labels["alertname"]);
        Assert.Equal((AlertStatus.Firing, Severity.Critical, "Connect fail"), (alert.Status, alert.Severity, alert.Summary));
        Assert.Equal(["testlab"], alert.Identity.Observers);
        Assert.Equal(new DateTimeOffset(2016, 8, 1, 10, 27, 8, 8, TimeSpan.Zero), alert.StartsAt);
        Assert.Null(alert.EndsAt);
    }

    [Fact]
    public void A_real_production_group_without_version_and_status_is_read()
    {
        var parsed = Parse("alertmanager", Shared("payloads/alertmanager/prombot-production_example.json"));
        Assert.Empty(parsed.Rejected);
        Assert.Equal(11, parsed.Alerts.Count);
        Assert.All(parsed.Alerts, a => Assert.Equal(AlertStatus.Firing, a.Status));
        Assert.Equal((Severity.Critical, 122.0, new DateTimeOffset(2017, 1, 26, 13, 31, 54, 865, TimeSpan.Zero)),
            (parsed.Alerts[0].Severity, parsed.Alerts[0].Value, parsed.Alerts[0].StartsAt));
        // The same alert at two severities is one identity, three times in this group.
        Assert.Equal(8, parsed.Alerts.Select(a => a.Identity.Fingerprint).Distinct().Count());
    }

    [Theory]
    [InlineData("prombot-emptyValue.json", "empty_value", "Oops, empty value!", Severity.Warning)]
    [InlineData("keep-prometheus-highcpuusage.json", null, "CPU usage is over 90%", Severity.Critical)]
    [InlineData("keep-prometheus-mqthirdfull-message-queue-is-over-33.json", null, "Message queue is over 33% capacity", Severity.Warning)]
    public void Real_bodies_are_read(string file, string? alertname, string summary, Severity severity)
    {
        var alert = Assert.Single(Parse("alertmanager", Shared("payloads/alertmanager/" + file)).Alerts);
        Assert.Equal((alertname, summary, severity), (alert.Identity.Labels["alertname"], alert.Summary, alert.Severity));
    }

    [Fact]
    public void What_Prometheus_posts_ends_by_its_endsAt()
    {
        var parsed = Parse("alertmanager-v2", """
            [{"labels":{"alertname":"A"},"endsAt":"2026-01-31T12:04:00Z"},{"labels":{"alertname":"B"},"endsAt":"2026-01-31T11:00:00Z"},{"labels":{"alertname":"C"}},
             {"labels":{"alertname":"D"},"endsAt":"0001-01-01T00:00:00Z","status":{"state":"active"}}]
            """);
        Assert.Empty(parsed.Rejected);
        Assert.Equal([AlertStatus.Firing, AlertStatus.Resolved, AlertStatus.Firing, AlertStatus.Firing], parsed.Alerts.Select(a => a.Status));
        Assert.Equal([Now.AddMinutes(4), Now.AddHours(-1), Now.AddMinutes(5), Now.AddMinutes(5)], parsed.Alerts.Select(a => a.EndsAt));
    }

    [Fact]
    public void The_vendor_s_example_post_is_five_identities_one_of_them_at_two_severities()
    {
        var parsed = Parse("alertmanager-v2", Shared("payloads/alertmanager/prometheus-post-alerts1.json"));
        Assert.Equal(6, parsed.Alerts.Count);
        Assert.Equal(5, parsed.Alerts.Select(a => a.Identity.Fingerprint).Distinct().Count());
        Assert.Equal([Severity.Critical, Severity.Warning], parsed.Alerts.Skip(4).Select(a => a.Severity));
        Assert.All(parsed.Alerts, a => Assert.Null(a.StartsAt));
    }
}
