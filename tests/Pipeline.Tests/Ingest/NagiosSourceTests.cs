using System.Text;
using System.Text.Json.Nodes;
using Dedupe.Vocabulary;
using Xunit;
using static Pipeline.Tests.Ingest.Parsing;

namespace Pipeline.Tests.Ingest;

public sealed class NagiosSourceTests
{
    [Fact]
    public void A_notification_becomes_an_alert_of_host_and_service()
    {
        var alert = One("nagios", """
            {"type":"PROBLEM","host":"db-1","service":"Disk /var","state":"CRITICAL","monitoring_server":"nagios-a","contact":"ops",
             "output":"DISK CRITICAL - free space: /var 812 MB (4%)","perfdata":"/var=19188.5MB;18000;19000;0;20000","since":"1769860800"}
            """);
        Assert.Equal(LabelSet.Of(("alertname", "Disk /var"), ("host", "db-1"), ("service", "Disk /var")), alert.Identity.Labels);
        Assert.Equal(["nagios-a", "ops"], alert.Identity.Observers);
        Assert.Equal((AlertStatus.Firing, Severity.Critical, 19188.5), (alert.Status, alert.Severity, alert.Value));
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero), alert.StartsAt);
    }

    [Fact]
    public void A_host_check_has_no_service() =>
        Assert.Equal(LabelSet.Of(("alertname", "Host"), ("host", "db-1")), One("nagios", """{"host":"db-1","service":"","state":"DOWN"}""").Identity.Labels);

    [Theory]
    [InlineData("CRITICAL", Severity.Critical, AlertStatus.Firing)]
    [InlineData("DOWN", Severity.Critical, AlertStatus.Firing)]
    [InlineData("UNREACHABLE", Severity.Critical, AlertStatus.Firing)]
    [InlineData("WARNING", Severity.Warning, AlertStatus.Firing)]
    [InlineData("UNKNOWN", Severity.Unknown, AlertStatus.Firing)]
    [InlineData("OK", Severity.Ok, AlertStatus.Resolved)]
    [InlineData("UP", Severity.Ok, AlertStatus.Resolved)]
    public void A_state_says_how_bad_it_is(string state, Severity severity, AlertStatus status)
    {
        var alert = One("nagios", "{\"host\":\"h\",\"state\":\"" + state + "\"}");
        Assert.Equal((severity, status), (alert.Severity, alert.Status));
    }

    [Fact]
    public void An_acknowledgement_acknowledges() => Assert.True(One("nagios", """{"type":"ACKNOWLEDGEMENT","host":"h","state":"DOWN"}""").Acknowledges);

    [Fact]
    public void Macro_names_are_read_as_well()
    {
        var alert = One("nagios", """{"NAGIOS_HOSTNAME":"h","NAGIOS_SERVICEDESC":"s","NAGIOS_SERVICESTATE":"WARNING","NAGIOS_HOSTSTATE":"UP","NAGIOS_SERVICEOUTPUT":"o","NAGIOS_CONTACTNAME":"c"}""");
        Assert.Equal((Severity.Warning, "o", "s"), (alert.Severity, alert.Summary, alert.Identity.Labels["service"]));
        Assert.Equal(["c"], alert.Identity.Observers);
    }

    [Theory]
    [InlineData("""{"state":"DOWN"}""", "host")]
    [InlineData("""{"host":"h"}""", "state")]
    [InlineData("""{"host":"h","state":"PURPLE"}""", "state")]
    [InlineData("""{"host":"h\u0000","state":"DOWN"}""", "host")]
    [InlineData("""{"host":{},"state":"DOWN"}""", "host")]
    [InlineData("""[{"host":"","state":"DOWN"}]""", "[0].host")]
    public void What_is_missing_is_named(string body, string field) => Assert.Equal(field, Problem("nagios", body).Field);

    [Fact]
    public void The_talk_s_fifteen_rows_are_three_identities_seen_by_two_servers_and_told_to_eight_contacts()
    {
        var lines = Encoding.UTF8.GetString(Shared("talk/fusion-recent-alerts.csv")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] names = [.. lines[0].Trim().Split(',')];
        var rows = lines.Skip(1).Select(line => new JsonObject(line.Trim().Split(',', names.Length).Select((value, i) => KeyValuePair.Create(names[i], (JsonNode?)value))));
        var alerts = rows.Select(row => One("nagios", row.ToJsonString())).ToList();
        Assert.Equal(15, alerts.Count);
        Assert.Equal(3, alerts.Select(a => a.Identity.Fingerprint).Distinct().Count());
        string[] servers = ["Dev59 Core", "Dev59 XI"];
        string[] contacts = ["dummy", "nagiosadmin", "test", "test1", "test2", "test3", "testingCSS", "tscadmin"];
        Assert.Equal([.. servers, .. contacts], alerts.SelectMany(a => a.Identity.Observers).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("nagios")]
    [InlineData("nagios-log")]
    public void The_log_s_alerts_and_notifications_are_read(string source)
    {
        var parsed = Parse(source, """
            [1427925600] CURRENT HOST STATE: h;UP;HARD;1;PING OK
            [1427925689] SERVICE ALERT: varnish;Backend Connections;CRITICAL;SOFT;1;not yet
            [1427925690] SERVICE ALERT: varnish;Backend Connections;CRITICAL;HARD;3;Current value: 154.0; and more
            [1427925691] SERVICE NOTIFICATION: nagiosadmin;varnish;Backend Connections;CRITICAL;notify-service-by-email;Current value: 337.0
            [1427925692] HOST ALERT: varnish;DOWN;HARD;1;PING CRITICAL
            [1427925693] HOST NOTIFICATION: ops;varnish;ACKNOWLEDGEMENT (DOWN);host-notify-by-email;PING CRITICAL;joe;on it
            [1427925694] SERVICE ALERT: varnish;Backend Connections;OK;HARD;3;fine
            [1427925695] Warning: something: else
            """);
        Assert.Empty(parsed.Rejected);
        Assert.Equal(
            ["Current value: 154.0; and more", "Current value: 337.0", "PING CRITICAL", "PING CRITICAL;joe;on it", "fine"], parsed.Alerts.Select(a => a.Summary));
        Assert.Equal(2, parsed.Alerts.Select(a => a.Identity.Fingerprint).Distinct().Count());
        Assert.Equal([false, false, false, true, false], parsed.Alerts.Select(a => a.Acknowledges));
        Assert.Equal(AlertStatus.Resolved, parsed.Alerts[4].Status);
        Assert.Equal(["nagiosadmin"], parsed.Alerts[1].Identity.Observers);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1427925690), parsed.Alerts[0].StartsAt);
    }

    [Fact]
    public void The_log_and_the_script_speak_of_one_identity() =>
        Assert.Equal(One("nagios", """{"host":"h","service":"s","state":"OK"}""").Identity.Fingerprint,
            One("nagios-log", "[1427925690] SERVICE ALERT: h;s;CRITICAL;HARD;3;x").Identity.Fingerprint);

    [Fact]
    public void Captured_log_lines_hold_two_notifications()
    {
        var parsed = Parse("nagios-log", Shared("payloads/nagios/logstash-lines.log"));
        Assert.Empty(parsed.Rejected);
        Assert.Equal(["Varnish Backend Connections", "Host"], parsed.Alerts.Select(a => a.Identity.Labels["alertname"]));
    }

    [Fact]
    public void Bad_log_lines_are_named_and_the_others_read()
    {
        var parsed = Parse("nagios-log", "[1427925690] SERVICE ALERT: h;s\nno time\n[1427925690] HOST ALERT: h;ODD;HARD;1;x\n[1427925690] HOST ALERT: h;UP;HARD;1;x");
        Assert.Single(parsed.Alerts);
        Assert.Equal(["lines[0]", "lines[1]", "lines[2]"], parsed.Rejected.Select(r => r.Field));
    }
}
