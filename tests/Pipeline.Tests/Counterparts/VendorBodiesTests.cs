using System.Text;
using System.Text.Json;
using Pipeline.Tests.Ingest;
using Xunit;

namespace Pipeline.Tests.Counterparts;

/// <summary>Bodies as the vendors' programs post them, to the running server: each is taken, and its identities can be read.</summary>
public sealed class VendorBodiesTests
{
    // Grafana is not in Debian; for the others these are versions that Debian does not have.
    public static readonly TheoryData<string, string, string[]> Bodies = new()
    {
        { "grafana-unified/v11-multiple-firing.json", "/ingest/grafana",
            ["High CPU usage team=blue zone=eu-1", "High memory usage team=blue zone=us-1"] },
        { "grafana-unified/keep-grafana-highmemoryconsumption.json", "/ingest/grafana", ["High Memory Usage"] },
        { "grafana-legacy/alerta-test-notification.json", "/ingest/grafana", ["Load peaking! rule_id=1"] },
        { "alertmanager/alerta-v3-firing.json", "/ingest/alertmanager",
            ["failedConnect __name__=ping_success environment=Production instance=host2 job=pinger service=System timeout=600"] },
        { "alertmanager/prombot-emptyValue.json", "/ingest/alertmanager",
            ["empty_value env=prod instance=server01.int:9100 job=node service=prometheus_bot supervisor=runit"] },
        { "alertmanager/prometheus-post-alerts1.json", "/api/v2/alerts",
            [
                "DiskRunningFull dev=sda1 instance=example1", "DiskRunningFull dev=sda1 instance=example2",
                "DiskRunningFull dev=sda1 instance=example3", "DiskRunningFull dev=sda2 instance=example1",
                "DiskRunningFull dev=sdb2 instance=example2",
            ] },
        { "elastic/elastalert2-pagerduty-0.json", "/v2/enqueue", ["ping failure component=mysql group=app-stack host=mysql.host.name"] },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_vendor_s_body_is_taken_and_its_identities_are_there(string file, string route, string[] identities)
    {
        var body = Encoding.UTF8.GetString(Parsing.Shared("payloads/" + file));
        await using var pipeline = await LivePipeline.StartAsync();
        await pipeline.PostAsync(route, body);
        var found = await IdentitiesAsync(pipeline);
        Assert.Equal(identities, found);
        // The same body again is the same identities.
        await pipeline.PostAsync(route, body);
        Assert.Equal(found, await IdentitiesAsync(pipeline));
    }

    [Fact]
    public async Task A_production_group_of_eleven_is_eight_identities_and_one_page()
    {
        var body = Encoding.UTF8.GetString(Parsing.Shared("payloads/alertmanager/prombot-production_example.json"));
        await using var pipeline = await LivePipeline.StartAsync();
        await pipeline.PostAsync("/ingest/alertmanager", body);
        Assert.Equal(8, (await IdentitiesAsync(pipeline)).Length);
        // It began years before we listened.
        var page = await pipeline.PageAsync("opened");
        Assert.Contains("before we listened", page.Body.GetProperty("incident").GetProperty("title").GetString()!, StringComparison.Ordinal);
    }

    /// <summary>What is known, in words. Whatever came before the call is decided by then: a marker that is sent now is.</summary>
    private static async Task<string[]> IdentitiesAsync(LivePipeline pipeline)
    {
        const string Marker = "Marker";
        var name = $"{Marker}{(await pipeline.ListAsync("/api/alerts")).Count}";
        await pipeline.PostAsync("/ingest/generic", $$$"""{"labels":{"alertname":"{{{name}}}"},"severity":"info"}""");
        await pipeline.AlertAsync(name, _ => true);
        return
        [
            .. (await pipeline.ListAsync("/api/alerts")).Select(a => Words(a.GetProperty("labels")))
                .Where(w => !w.StartsWith(Marker, StringComparison.Ordinal)).Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>The key that we give where a PagerDuty sender gives none is a hash: it is left out.</summary>
    private static string Words(JsonElement labels) => string.Join(' ',
    [
        labels.GetProperty("alertname").GetString(),
        .. labels.EnumerateObject().Where(l => l.Name is not ("alertname" or "dedup_key")).OrderBy(l => l.Name, StringComparer.Ordinal).Select(l => $"{l.Name}={l.Value}"),
    ]);
}
