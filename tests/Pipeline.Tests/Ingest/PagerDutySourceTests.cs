using Dedupe.Vocabulary;
using Xunit;
using static Pipeline.Tests.Ingest.Parsing;

namespace Pipeline.Tests.Ingest;

public sealed class PagerDutySourceTests
{
    [Fact]
    public void The_key_is_the_identity_whatever_the_rest_says()
    {
        var trigger = One("pagerduty", """
            {"routing_key":"r1","event_action":"trigger","dedup_key":"db-1/disk","client_url":"https://s/1",
             "payload":{"summary":"Disk 92 %","source":"db-1","severity":"error","timestamp":"2015-07-17T08:42:58.315+0000","component":"postgres","class":"disk"}}
            """);
        var later = One("pagerduty", """{"routing_key":"r2","event_action":"trigger","dedup_key":"db-1/disk","payload":{"summary":"Disk 95 %","source":"x","severity":"info"}}""");
        Assert.Equal(trigger.Identity.Fingerprint, later.Identity.Fingerprint);
        Assert.Equal(LabelSet.Of(("alertname", "disk"), ("component", "postgres"), ("host", "db-1"), ("dedup_key", "db-1/disk")), trigger.Identity.Labels);
        Assert.Equal((Severity.Critical, "Disk 92 %", "https://s/1"), (trigger.Severity, trigger.Summary, trigger.Url));
        Assert.Equal(new DateTimeOffset(2015, 7, 17, 8, 42, 58, 315, TimeSpan.Zero), trigger.StartsAt);
    }

    [Fact]
    public void Acknowledge_and_resolve_need_only_the_key()
    {
        var trigger = One("pagerduty", """{"event_action":"trigger","dedup_key":"k","payload":{"summary":"s"}}""");
        var acknowledge = One("pagerduty", """{"event_action":"acknowledge","dedup_key":"k"}""");
        var resolve = One("pagerduty", """{"event_action":"resolve","dedup_key":"k"}""");
        Assert.Equal((true, AlertStatus.Firing), (acknowledge.Acknowledges, acknowledge.Status));
        Assert.Equal((false, AlertStatus.Resolved), (resolve.Acknowledges, resolve.Status));
        Assert.All([acknowledge, resolve], a => Assert.Equal(trigger.Identity.Fingerprint, a.Identity.Fingerprint));
    }

    [Fact]
    public void Without_a_key_one_is_made_of_what_alerts_and_resolves_it()
    {
        var body = """{"event_action":"trigger","dedup_key":"","payload":{"summary":"s","source":"a","severity":"warning"}}""";
        var trigger = One("pagerduty", body);
        Assert.Equal(trigger.Identity.Fingerprint, One("pagerduty", body).Identity.Fingerprint);
        Assert.NotEqual(trigger.Identity.Fingerprint, One("pagerduty", body.Replace("\"s\"", "\"t\"", StringComparison.Ordinal)).Identity.Fingerprint);
        var key = trigger.Identity.Key["dedup_key"];
        Assert.Equal(trigger.Identity.Fingerprint, One("pagerduty", "{\"event_action\":\"resolve\",\"dedup_key\":\"" + key + "\"}").Identity.Fingerprint);
    }

    [Fact]
    public void A_vendor_s_body_with_an_empty_key_is_read()
    {
        var alert = Assert.Single(Parse("pagerduty", Shared("payloads/elastic/elastalert2-pagerduty-0.json")).Alerts);
        Assert.Equal(("ping failure", "mysql", "mysql.host.name"),
            (alert.Identity.Labels["alertname"], alert.Identity.Labels["component"], alert.Identity.Labels["host"]));
        Assert.Equal((Severity.Critical, new DateTimeOffset(2017, 1, 1, 0, 0, 0, TimeSpan.Zero)), (alert.Severity, alert.StartsAt));
    }

    [Theory]
    [InlineData("""{"event_action":"trigger"}""", "payload.summary")]
    [InlineData("""{"event_action":"trigger","payload":7}""", "payload")]
    [InlineData("""{"event_action":"trigger","payload":{"summary":"s","timestamp":"noon"}}""", "payload.timestamp")]
    [InlineData("""{"event_action":"boom","dedup_key":"k"}""", "event_action")]
    [InlineData("""{"payload":{"summary":"s"}}""", "event_action")]
    [InlineData("""{"event_action":"resolve"}""", "dedup_key")]
    public void What_is_missing_is_named(string body, string field) => Assert.Equal(field, Problem("pagerduty", body).Field);

    [Fact]
    public void A_change_event_is_a_change()
    {
        var parsed = Parse("pagerduty-change", """
            {"routing_key":"r","payload":{"summary":"Rolled back shop","timestamp":"2026-01-31T11:59:00Z","source":"ci",
             "custom_details":{"kind":"rollback","service":"shop","reverts":"shop-4.2"}},"links":[{"text":"no address"},{"href":"https://ci/7","text":"build"},{"href":"https://ci/8"}]}
            """);
        var change = Assert.Single(parsed.Changes);
        Assert.Equal(("rollback", "Rolled back shop", "shop-4.2", Now.AddMinutes(-1)), (change.Kind, change.Summary, change.Reverts, change.At));
        Assert.Equal(["shop"], change.Services);
        Assert.Equal("https://ci/7", change.Url);
        Assert.Equal("deploy", Assert.Single(Parse("pagerduty-change", """{"payload":{"summary":"s"}}""").Changes).Kind);
        Assert.Equal("payload.summary", Problem("pagerduty-change", """{"payload":{}}""").Field);
    }
}
