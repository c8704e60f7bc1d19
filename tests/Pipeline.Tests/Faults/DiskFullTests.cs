using System.Diagnostics;
using Dedupe.Deciding;
using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Pagers;
using Pipeline.Tests.Servers;
using Xunit;

namespace Pipeline.Tests.Faults;

/// <summary>A disk of its own that fills up under the running server: no lie, and no restart needed once there is room.</summary>
[Trait("needs", "server")]
public sealed class DiskFullTests
{
    private const long Megabyte = 1024 * 1024;

    [Fact]
    public async Task A_full_disk_is_503_and_no_lie_and_is_over_when_there_is_room()
    {
        using var disk = await SmallDisk.MountAsync("48m");
        await using var pager = await ListeningPager.StartAsync();
        await using var server = await Restartable.StartAsync($"pagers: [{{name: ops, type: webhook, url: {pager.Url}}}]", Path.Combine(disk.Path, "data"));
        var (accepted, refused, sent) = (new List<string>(), new List<string>(), 0);
        await TakeAsync(20);
        Assert.Empty(refused);

        // As good as full: ingest stops, what was accepted is still decided and paged.
        disk.Fill(leave: 4 * Megabyte);
        await TakeAsync(20);
        Assert.NotEmpty(refused);
        Assert.Equal(503, (int)(await server.Http.GetAsync("/readyz")).StatusCode);
        foreach (var name in accepted) await server.AlertAsync(name);
        var before = refused.Count;

        // Not a byte left.
        disk.Fill(leave: 0);
        await TakeAsync(20);
        Assert.Equal(before + 20, refused.Count);

        disk.Empty();
        await Wait.ForAsync<string>("a 2xx again", async () => await TakeAsync(1) ? "" : null, () => "still 503");
        await TakeAsync(20);
        foreach (var name in accepted) await server.AlertAsync(name);
        Assert.Equal(200, (int)(await server.Http.GetAsync("/readyz")).StatusCode);
        foreach (var name in refused) Assert.Empty(await server.ListAsync($"/api/alerts?label=alertname:{name}"));
        // The clock of what falls due goes on too: the repeat is counted without anything else coming in.
        Assert.Equal(200, (await server.PostAsync("/ingest/generic", Restartable.Alert(accepted[0]))).Status);
        await server.AlertAsync(accepted[0], a => a.GetProperty("repeats").GetInt32() == 1);

        await Wait.ForAsync<string>("nothing owed", async () => (await server.ListAsync("/api/pages?state=owed")).Count == 0 ? "" : null, () => "");

        await server.StopAsync();
        var decided = await LogCheck.LiveEqualsReplayAsync(server.Folder);
        Assert.Equal(accepted.Order(StringComparer.Ordinal),
            decided.Select(d => d.Decision).OfType<Decision.AlertDecided>().Where(d => d.Labels is not null).Select(d => d.Labels!["alertname"]!).Order(StringComparer.Ordinal));
        foreach (var page in decided.Select(d => d.Decision).OfType<Decision.PageDecided>())
            Assert.Contains(pager.Requests, r => r.Id == page.Page && r.Text == page.Body);

        async Task<bool> TakeAsync(int count)
        {
            var all = true;
            for (; count > 0; count--)
            {
                var name = $"Full{++sent}";
                var (status, answer) = await server.PostAsync("/ingest/generic", Restartable.Alert(name));
                Assert.True(status is 200 or 503, $"it answered {status} {answer}");
                (status == 200 ? accepted : refused).Add(name);
                all &= status == 200;
            }
            return all;
        }
    }
}
