using System.Net;
using System.Net.Http.Json;
using global::Stores.EventStore;
using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Faults;
using Pipeline.Tests.Stores.EventStore;
using Xunit;

namespace Pipeline.Tests.Cluster;

/// <summary>The whole cluster with its log in what speaks EventStoreDB's protocol, and leases and documents in PostgreSQL.</summary>
[Collection(nameof(OneAtATime)), Trait("needs", "server")]
public sealed class OnEventStoreTests
{
    [Fact]
    public async Task An_alert_becomes_a_page_and_a_document_and_an_act_comes_back_and_a_node_that_dies_is_taken_over()
    {
        await using var server = await FakeEventStore.StartAsync();
        await using var rig = await ClusterRig.StartAsync();
        Task<ServedProcess> Node(string role) => rig.NodeAsync(role, server.Address.ToString(), more: $"database: {rig.Store}");
        var roles = await Task.WhenAll(Node("ingest"), Node("dedupe"), Node("dedupe"), Node("project"), Node("pager"));
        var (ingest, project) = (roles[0], roles[3]);
        string Outputs() => string.Concat(roles.Select(r => r.Output));
        await rig.PostAsync(ingest, "/ingest/generic", ClusterRig.Alert("HostDown", "db-1"));
        Assert.Contains("HostDown on db-1", Assert.Single(await rig.Pager.WaitForAsync(1, within: Wait.Patience)).Text, StringComparison.Ordinal);

        var incident = await Wait.ForAsync("the incident being listed", async () =>
            (await rig.GetAsync(project, "/api/incidents")).GetProperty("items") is { } items && items.GetArrayLength() == 1 ? items[0].GetProperty("id").GetString() : null, Outputs);
        await Wait.ForAsync("the acknowledgement", async () =>
        {
            using var taken = await rig.Http.PostAsJsonAsync(new Uri(project.Url, $"/api/incidents/{incident}/acknowledge"), new { by = "kim" });
            Assert.True(taken.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{taken.StatusCode}");
            return taken.IsSuccessStatusCode ? "taken" : null;
        }, Outputs);
        await Wait.ForAsync("the incident's document", async () =>
            await rig.Postgres.RunAsync("pipeline", $"SELECT data ->> 'state' FROM pipeline.mt_doc_incidentdocument WHERE id = '{incident}'") as string == "Acknowledged" ? "there" : null, Outputs);

        await (await rig.HolderAsync("default")).KillAsync();
        await rig.PostAsync(ingest, "/ingest/generic", ClusterRig.Alert("DiskFull", "db-1"));
        await rig.Pager.WaitForAsync(1, r => r.Text.Contains("DiskFull on db-1", StringComparison.Ordinal), Wait.Patience);

        await using (var log = await EventStoreLog.OpenAsync(server.Address, TestContext.Current.CancellationToken))
            foreach (var (scope, name) in await log.ScopesAsync(TestContext.Current.CancellationToken))
                Assert.Null(await LogCheck.DifferenceAsync(log, scope, name, (_, _) => { }));
        // Every node finds the server again where it is restarted with its streams.
        var port = server.Port;
        await server.DisposeAsync();
        await using var again = await FakeEventStore.StartAsync(server.Streams, port);
        await rig.PostAsync(ingest, "/ingest/generic", ClusterRig.Alert("LinkDown", "sw-1"));
        await rig.Pager.WaitForAsync(1, r => r.Text.Contains("LinkDown on sw-1", StringComparison.Ordinal), Wait.Patience);
    }
}
