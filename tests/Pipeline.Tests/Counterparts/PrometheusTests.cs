using Xunit;

namespace Pipeline.Tests.Counterparts;

/// <summary>Debian's Prometheus, told that we are its Alertmanager.</summary>
[Trait("needs", "server")]
public sealed class PrometheusTests
{
    private const string Firing = "vector(1)";
    // Compares with nothing: the rule gives no series, so Prometheus sends the resolve.
    private const string Well = "vector(0) > 1";

    [Fact]
    public async Task A_rule_that_fires_pages_once_is_counted_when_it_is_sent_again_and_resolves()
    {
        await using var pipeline = await LivePipeline.StartAsync();
        var folder = Directory.CreateDirectory(Path.Combine(pipeline.Folder.Path, "prometheus")).FullName;
        var rules = Path.Combine(folder, "rules.yml");
        WriteRule(rules, Firing);
        File.WriteAllText(Path.Combine(folder, "prometheus.yml"), $$$"""
            global: {evaluation_interval: 500ms, external_labels: {prometheus: prom-a}}
            rule_files: [{{{rules}}}]
            alerting:
              alertmanagers:
                - api_version: v2
                  static_configs: [{targets: ["{{{new Uri(pipeline.Url).Authority}}}"]}]
            """);
        var url = new Uri($"http://127.0.0.1:{Counterpart.FreePort()}");
        await using var prometheus = Counterpart.Start("/usr/bin/prometheus", "prometheus", folder,
        [
            "--config.file=prometheus.yml", "--storage.tsdb.path=tsdb", "--web.enable-lifecycle", $"--web.listen-address={url.Authority}",
            "--rules.alert.resend-delay=1s",
        ]);

        var opened = await pipeline.PageAsync("opened", p => p.Says("opened", "QueueFull"), () => prometheus.Output);
        Assert.Contains("queue of orders is full", opened.Text, StringComparison.Ordinal);
        var again = await pipeline.AlertAsync("QueueFull", a => a.GetProperty("repeats").GetInt64() >= 3, () => prometheus.Output);
        Assert.Equal("prom-a", Assert.Single(again.Json.GetProperty("observers").EnumerateArray()).GetString());
        Assert.Equal("critical", again.Text("severity"));
        // Sent again several times, and nobody was paged for it.
        Assert.Single(pipeline.Pages);

        WriteRule(rules, Well);
        await Wait.ReadyAsync(pipeline.Http, new(url, "/-/ready"), prometheus);
        using var reloaded = await pipeline.Http.PostAsync(new Uri(url, "/-/reload"), null);
        Assert.True(reloaded.IsSuccessStatusCode, prometheus.Output);
        var resolved = await pipeline.PageAsync("resolved", instead: () => prometheus.Output);
        Assert.Equal((opened.Incident, "resolved"), (resolved.Incident, resolved.IncidentState));
        await pipeline.AlertAsync("QueueFull", a => a.GetProperty("state").GetString() == "resolved", () => prometheus.Output);
        Assert.Equal("resolved", (await pipeline.IncidentAsync(opened.Incident)).GetProperty("state").GetString());
        Assert.Equal(["opened", "resolved"], pipeline.Pages.Select(p => p.Kind));
    }

    private static void WriteRule(string file, string expression) => File.WriteAllText(file, $$"""
        groups:
          - name: shop
            rules:
              - alert: QueueFull
                expr: {{expression}}
                labels: {severity: critical, service: orders}
                annotations: {summary: the queue of orders is full}
        """);
}
