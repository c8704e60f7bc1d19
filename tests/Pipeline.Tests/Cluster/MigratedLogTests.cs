using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Faults;
using Pipeline.Tests.Stores;
using Xunit;

namespace Pipeline.Tests.Cluster;

/// <summary>From one machine to several, as README.md says it.</summary>
[Collection(nameof(OneAtATime)), Trait("needs", "server")]
public sealed class MigratedLogTests
{
    [Fact]
    public async Task An_incident_of_one_machine_is_acknowledged_on_the_cluster_before_anything_new_comes()
    {
        await using var rig = await ClusterRig.StartAsync();
        using var folder = new TemporaryFolder();
        var (data, config) = (Path.Combine(folder.Path, "data"), Path.Combine(folder.Path, "pipeline.yaml"));
        await File.WriteAllTextAsync(config, $"pagers: [{"{"}name: ops, type: webhook, url: {rig.Pager.Url}{"}"}]", TestContext.Current.CancellationToken);
        string incident;
        await using (var alone = await ServedProcess.StartAsync(data, config))
        {
            await rig.PostAsync(alone, "/ingest/generic", ClusterRig.Alert("HostDown", "db-1"));
            await rig.Pager.WaitForAsync(1);
            incident = (await rig.GetAsync(alone, "/api/incidents")).GetProperty("items")[0].GetProperty("id").GetString()!;
            Assert.Equal(0, (await alone.TerminateAsync()).ExitCode);
        }
        var migrated = await Product.RunAsync("migrate", "--from", data, "--to", rig.Store);
        Assert.True(migrated.Code == 0, migrated.Error);

        var roles = await Task.WhenAll(rig.NodeAsync("dedupe"), rig.NodeAsync("project"), rig.NodeAsync("pager"));
        await rig.HolderAsync("default");
        var taken = await rig.PostAsync(roles[1], $"/api/incidents/{incident}/acknowledge", new { by = "kim" });
        Assert.Equal("acknowledged", taken.GetProperty("state").GetString());
        // What was paged on one machine is not paged again by the cluster.
        Assert.Single(await rig.Pager.WaitForAsync(1));
    }
}
