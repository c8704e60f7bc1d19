using Dedupe.Vocabulary;
using Xunit;
using static Pipeline.Tests.Ingest.Parsing;

namespace Pipeline.Tests.Ingest;

public sealed class Icinga2SourceTests
{
    private const string Change = """
        {"type":"StateChange","timestamp":1769860800.25,"host":"db-1","service":"disk","state":2,"state_type":1,"downtime_depth":0,"acknowledgement":false,
         "check_result":{"output":"DISK CRITICAL - 4% free","check_source":"icinga-a","performance_data":["/var=19188.5MB;18000;19000;0;20000"],
                         "state":2,"vars_after":{"attempt":3,"reachable":true,"state":2,"state_type":1}}}
        """;

    [Fact]
    public void A_hard_state_change_is_an_alert_of_host_and_service()
    {
        var alert = One("icinga2", Change);
        Assert.Equal(LabelSet.Of(("alertname", "disk"), ("host", "db-1"), ("service", "disk")), alert.Identity.Labels);
        Assert.Equal(["icinga-a"], alert.Identity.Observers);
        Assert.Equal((AlertStatus.Firing, Severity.Critical, 19188.5, "DISK CRITICAL - 4% free"), (alert.Status, alert.Severity, alert.Value, alert.Summary));
        Assert.Equal(Now.AddMilliseconds(250), alert.StartsAt);
    }

    [Fact]
    public void Nagios_and_Icinga_speak_of_one_identity() =>
        Assert.Equal(One("nagios", """{"host":"db-1","service":"disk","state":"OK"}""").Identity.Fingerprint, One("icinga2", Change).Identity.Fingerprint);

    [Theory]
    [InlineData("\"service\":\"s\",\"state\":0", Severity.Ok, AlertStatus.Resolved)]
    [InlineData("\"service\":\"s\",\"state\":1", Severity.Warning, AlertStatus.Firing)]
    [InlineData("\"service\":\"s\",\"state\":2.0", Severity.Critical, AlertStatus.Firing)]
    [InlineData("\"service\":\"s\",\"state\":3", Severity.Unknown, AlertStatus.Firing)]
    [InlineData("\"state\":0", Severity.Ok, AlertStatus.Resolved)]
    [InlineData("\"state\":1", Severity.Critical, AlertStatus.Firing)]
    public void A_number_says_how_bad_it_is(string rest, Severity severity, AlertStatus status)
    {
        var alert = One("icinga2", "{\"type\":\"StateChange\",\"host\":\"h\",\"state_type\":1," + rest + "}");
        Assert.Equal((severity, status), (alert.Severity, alert.Status));
    }

    [Theory]
    [InlineData(1, AlertStatus.Resolved)]
    [InlineData(2, AlertStatus.Firing)]
    public void A_host_s_plugin_that_warns_means_that_it_is_up(int state, AlertStatus status) =>
        Assert.Equal(status, One("icinga2", "{\"type\":\"CheckResult\",\"host\":\"h\",\"check_result\":{\"state\":" + state + ",\"vars_after\":{\"state_type\":1}}}").Status);

    [Theory]
    [InlineData("""{"type":"StateChange","host":"h","state":2,"state_type":0}""")]
    [InlineData("""{"type":"CheckResult","host":"h","check_result":{"state":2,"vars_after":{"state_type":0}}}""")]
    [InlineData("""{"type":"Notification","host":"h","notification_type":"DOWNTIMESTART","users":[],"check_result":{"state":2}}""")]
    [InlineData("""{"type":"Flapping","host":"h","state":1,"state_type":1,"is_flapping":true}""")]
    [InlineData("""{"type":"CommentAdded","comment":{"host_name":"h","text":"foo"}}""")]
    [InlineData("""{"type":"ObjectCreated","object_name":"h!s","object_type":"Service"}""")]
    public void What_nobody_is_told_is_no_alert_and_no_mistake(string body)
    {
        var parsed = Parse("icinga2", body);
        Assert.Null(parsed.Problem);
        Assert.Empty(parsed.Alerts);
        Assert.Empty(parsed.Rejected);
    }

    [Fact]
    public void Who_was_notified_is_an_observer()
    {
        var alert = One("icinga2", """
            {"type":"Notification","timestamp":1769860801,"host":"db-1","service":"disk","notification_type":"PROBLEM","users":["ann","ben"],"author":"","text":"",
             "check_result":{"output":"4% free","check_source":"icinga-a","state":2,"performance_data":[]}}
            """);
        Assert.Equal(["ann", "ben", "icinga-a"], alert.Identity.Observers.Order());
        Assert.Equal((Severity.Critical, "4% free"), (alert.Severity, alert.Summary));
    }

    [Fact]
    public void An_acknowledgement_acknowledges() =>
        Assert.True(One("icinga2", """{"type":"AcknowledgementSet","host":"h","service":"s","state":2,"state_type":1,"author":"ann","comment":"on it"}""").Acknowledges);

    [Fact]
    public void What_is_in_a_downtime_never_pages()
    {
        var alert = One("icinga2", """{"type":"StateChange","host":"h","state":1,"state_type":1,"downtime_depth":1}""");
        Assert.Equal((AlertStatus.Firing, Severity.Info), (alert.Status, alert.Severity));
    }

    [Fact]
    public void Events_come_one_a_line_in_an_array_or_alone()
    {
        var line = """{"type":"StateChange","host":"h","state":1,"state_type":1}""";
        Assert.Equal(2, Parse("icinga2", line + "\n\n" + line + "\n").Alerts.Count);
        Assert.Equal(2, Parse("icinga2", "[" + line + ",\n" + line + "]").Alerts.Count);
        Assert.Single(Parse("icinga2", line + "\n").Alerts);
        Assert.Single(Parse("icinga2", Change).Alerts);
    }

    [Fact]
    public void A_bad_line_is_named_and_the_others_read()
    {
        var parsed = Parse("icinga2", """
            {"type":"StateChange","host":"h","state":1,"state_type":1}
            {"type":"StateChange","state":1,"state_type":1}
            {"type":"StateChange","host":"h","sta
            {"type":"Weather","host":"h"}
            """);
        Assert.Single(parsed.Alerts);
        Assert.Equal([(1, "lines[1].host"), (2, "lines[2]"), (3, "lines[3].type")], parsed.Rejected.Select(r => (r.Index, r.Field)));
    }

    [Theory]
    [InlineData("""{"host":"h"}""", "type")]
    [InlineData("""{"type":"StateChange","host":"h"}""", "state")]
    [InlineData("""{"type":"StateChange","state":1}""", "host")]
    [InlineData("""{"type":"CheckResult","host":"h","check_result":{}}""", "check_result.state")]
    [InlineData("""{"type":"StateChange","host":"h","state":"bad"}""", "state")]
    [InlineData("""{"type":"Service","attrs":{"host_name":"h","name":"s"}}""", "attrs.state")]
    public void What_is_missing_is_named(string body, string field) => Assert.Equal(field, Problem("icinga2", body).Field);

    [Theory]
    [InlineData("statechange-service-valid.json", 0)]
    [InlineData("acknowledgementset-host.json", 1)]
    [InlineData("acknowledgementcleared-host.json", 0)]
    [InlineData("service.json", 2)]
    [InlineData("host.json", 1)]
    [InlineData("commentadded-host.json", 0)]
    [InlineData("commentremoved-host.json", 0)]
    [InlineData("comment-host.json", 0)]
    [InlineData("downtimestarted-service.json", 0)]
    [InlineData("downtime-host.json", 0)]
    [InlineData("objectdeleted-service.json", 0)]
    public void Captured_events_are_understood(string file, int alerts)
    {
        var parsed = Parse("icinga2", Shared("payloads/icinga2/" + file));
        Assert.Null(parsed.Problem);
        Assert.Empty(parsed.Rejected);
        Assert.Equal(alerts, parsed.Alerts.Count);
    }

    [Fact]
    public void A_captured_service_is_critical_and_somebody_has_it()
    {
        var parsed = Parse("icinga2", Shared("payloads/icinga2/service.json"));
        Assert.Equal([false, true], parsed.Alerts.Select(a => a.Acknowledges));
        Assert.Equal((Severity.Critical, "connect to address 127.0.0.1 and port 22: Connection refused"), (parsed.Alerts[0].Severity, parsed.Alerts[0].Summary));
    }
}
