using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;
using Pipeline.Cluster;
using Pipeline.Config;
using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Pagers;
using Xunit;

namespace Pipeline.Tests.Cluster;

/// <summary>Which node says what of pages, by the shares that it holds.</summary>
public sealed class PagerSharesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_to_a_pager_that_is_configured_no_more_is_undeliverable_even_where_it_was_decided_before_the_share_began()
    {
        await using var station = await Station.StartAsync(new PagerSettings("ops", PagerType.Log));
        var shares = new PagerShares(station.Pagers, station.Log, station, new() { Time = station.Time });
        shares.Fold(new Decision.PageDecided("pg_old", "gone", new IncidentId("inc_1"), "opened", true, [], "{}") { At = station.Time.GetUtcNow() });
        await shares.StartAsync(0, Cancel);
        var outcome = await Wait.ForAsync("an outcome", async () =>
        {
            await foreach (var written in station.Log.ReadOutcomesAsync(Cancel)) return written;
            return null;
        }, () => "the page is owed for ever");
        await shares.StopAsync(0);
        Assert.Equal(("pg_old", PageState.Undeliverable), (outcome.PageId, outcome.State));
    }
}
