using Xunit;

namespace Pipeline.Tests.Counterparts;

/// <summary>Debian's Alertmanager, with us as its webhook receiver, and its own amtool.</summary>
[Trait("needs", "server")]
public sealed class AlertmanagerTests
{
    [Fact]
    public async Task An_alert_that_it_forwards_pages_and_resolves()
    {
        await using var pipeline = await LivePipeline.StartAsync();
        var folder = Directory.CreateDirectory(Path.Combine(pipeline.Folder.Path, "alertmanager")).FullName;
        File.WriteAllText(Path.Combine(folder, "alertmanager.yml"), $$"""
            route: {receiver: pipeline, group_by: [service], group_wait: 100ms, group_interval: 500ms, repeat_interval: 1s}
            receivers:
              - name: pipeline
                webhook_configs: [{url: "{{pipeline.Url}}/ingest/alertmanager", send_resolved: true}]
            """);
        var url = new Uri($"http://127.0.0.1:{Counterpart.FreePort()}");
        await using var alertmanager = Counterpart.Start("/usr/bin/prometheus-alertmanager", "prometheus-alertmanager", folder,
            ["--config.file=alertmanager.yml", "--storage.path=data", $"--web.listen-address={url.Authority}", "--cluster.listen-address="]);
        await Wait.ReadyAsync(pipeline.Http, new(url, "/-/ready"), alertmanager);

        await Amtool.RunAsync(url, "alert", "add", "DiskFull", "severity=critical", "service=orders", "--annotation=summary=no room left");
        await Amtool.RunAsync(url, "alert", "add", "DiskFull", "severity=critical", "service=orders", "replica=b", "--annotation=summary=no room left");
        var opened = await pipeline.PageAsync("opened", p => p.Says("opened", "DiskFull"), () => alertmanager.Output);
        Assert.Contains("no room left", opened.Text, StringComparison.Ordinal);
        // The group is sent again and again, the copy of another replica in it.
        var again = await pipeline.AlertAsync("DiskFull", a => a.GetProperty("repeats").GetInt64() >= 3, () => alertmanager.Output);
        Assert.Equal("b", Assert.Single(again.Json.GetProperty("observers").EnumerateArray()).GetString());
        Assert.Single(pipeline.Pages);

        var now = TimeProvider.System.GetUtcNow().ToString("O");
        foreach (var copy in new string[][] { [], ["replica=b"] })
            await Amtool.RunAsync(url, ["alert", "add", "DiskFull", "severity=critical", "service=orders", $"--end={now}", .. copy]);
        var resolved = await pipeline.PageAsync("resolved", instead: () => alertmanager.Output);
        Assert.Equal((opened.Incident, "resolved"), (resolved.Incident, resolved.IncidentState));
        Assert.Equal("resolved", (await pipeline.AlertAsync("DiskFull", _ => true)).Text("state"));
        Assert.Equal(["opened", "resolved"], pipeline.Pages.Select(p => p.Kind));
    }
}
