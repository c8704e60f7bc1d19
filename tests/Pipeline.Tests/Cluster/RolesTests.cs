using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Pipeline.Tests.Counterparts;
using RabbitMQ.Client;
using Xunit;

namespace Pipeline.Tests.Cluster;

/// <summary>The roles as processes of their own: an alert in by one, a page out by another, an act by a third.</summary>
[Collection(nameof(OneAtATime)), Trait("needs", "server")]
public sealed class RolesTests
{
    [Fact]
    public async Task An_alert_goes_through_every_role_and_an_act_comes_back_through_them()
    {
        await using var rig = await ClusterRig.StartAsync();
        var roles = await Task.WhenAll(rig.NodeAsync("ingest"), rig.NodeAsync("dedupe"), rig.NodeAsync("project"), rig.NodeAsync("pager"));
        var (ingest, dedupe, project) = (roles[0], roles[1], roles[2]);
        await rig.PostAsync(ingest, "/ingest/generic", ClusterRig.Alert("HostDown", "db-1"));
        var page = Assert.Single(await rig.Pager.WaitForAsync(1, within: Wait.Patience));
        Assert.Contains("HostDown on db-1", page.Text, StringComparison.Ordinal);

        var incident = await Wait.ForAsync("the incident being listed", async () =>
            (await rig.GetAsync(project, "/api/incidents")).GetProperty("items") is { } items && items.GetArrayLength() == 1 ? items[0].GetProperty("id").GetString() : null,
            () => project.Output);
        // 503 says that asking again is safe: on a busy machine the owner may take its time.
        await Wait.ForAsync("the acknowledgement", async () =>
        {
            using var taken = await rig.Http.PostAsJsonAsync(new Uri(project.Url, $"/api/incidents/{incident}/acknowledge"), new { by = "kim" });
            Assert.True(taken.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{taken.StatusCode}");
            return taken.IsSuccessStatusCode ? "taken" : null;
        }, () => project.Output + dedupe.Output);
        Assert.Equal("acknowledged", (await rig.GetAsync(project, $"/api/incidents/{incident}")).GetProperty("state").GetString());

        // What deciders have learned is asked of them, by way of the broker.
        Assert.Equal(0, (await rig.GetAsync(project, "/api/topology")).GetProperty("unanswered").GetArrayLength());

        // The same incident as a document, for who reads the database.
        await Wait.ForAsync("the incident's document", async () =>
            await rig.Postgres.RunAsync("pipeline", $"SELECT data ->> 'state' FROM pipeline.mt_doc_incidentdocument WHERE id = '{incident}'") as string == "Acknowledged" ? "there" : null,
            () => project.Output);

        // While nobody decides, what is declared is shown all the same, and which scope did not answer.
        await dedupe.TerminateAsync();
        var alone = await rig.GetAsync(project, "/api/topology");
        Assert.Equal("default", Assert.Single(alone.GetProperty("unanswered").EnumerateArray()).GetString());
        Assert.Equal(0, alone.GetProperty("learned").GetArrayLength());

        // Each role says what it does not do, and stops in order when told.
        using var wrong = await rig.Http.GetAsync(new Uri(ingest.Url, "/api/incidents"));
        Assert.Equal(HttpStatusCode.NotFound, wrong.StatusCode);
        Assert.Contains("--role ingest", await wrong.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        foreach (var node in roles.Where(r => r != dedupe))
        {
            var (exit, took) = await node.TerminateAsync();
            Assert.True(exit == 0 && took < TimeSpan.FromSeconds(10), $"exit code {exit} after {took}: {node.Output}");
        }
        Assert.DoesNotContain("fail", dedupe.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dedupe_node_that_is_killed_is_taken_over_in_under_ten_seconds()
    {
        await using var rig = await ClusterRig.StartAsync();
        await Task.WhenAll(rig.NodeAsync("dedupe"), rig.NodeAsync("dedupe"), rig.NodeAsync("pager"));
        var ingest = await rig.NodeAsync("ingest");
        await rig.PostAsync(ingest, "/ingest/generic", ClusterRig.Alert("HostDown", "db-1"));
        await rig.Pager.WaitForAsync(1);
        await (await rig.HolderAsync("default")).KillAsync();
        await rig.PostAsync(ingest, "/ingest/generic", ClusterRig.Alert("DiskFull", "db-1"));
        await rig.Pager.WaitForAsync(1, r => r.Text.Contains("DiskFull on db-1", StringComparison.Ordinal), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Messages_that_reuse_an_id_are_all_listed_as_rejected_and_none_holds_up_the_next()
    {
        await using var rig = await ClusterRig.StartAsync();
        var roles = await Task.WhenAll(rig.NodeAsync("ingest"), rig.NodeAsync("dedupe"), rig.NodeAsync("project"));
        await using var connection = await new ConnectionFactory { Uri = new(rig.Rabbit.Url) }.CreateConnectionAsync(TestContext.Current.CancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        foreach (var host in (string[])["db-1", "db-2", "db-3"])
            await channel.BasicPublishAsync("pipeline.v1.in", "generic", true, new BasicProperties { MessageId = "same" },
                JsonSerializer.SerializeToUtf8Bytes(ClusterRig.Alert("HostDown", host)), TestContext.Current.CancellationToken);
        await Wait.ForAsync("two of three being listed", async () =>
            (await rig.GetAsync(roles[2], "/api/rejected")).GetProperty("items").GetArrayLength() == 2 ? "both" : null, () => roles[1].Output);
    }
}
