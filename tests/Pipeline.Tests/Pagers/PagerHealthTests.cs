using Dedupe.Log;
using Pipeline.Config;
using Pipeline.Pagers;
using Xunit;

namespace Pipeline.Tests.Pagers;

public sealed class PagerHealthTests
{
    private static Task<Station> StationAsync(ListeningPager pager) => Station.StartAsync(new PagerSettings("ops", PagerType.Webhook, pager.Url));

    [Fact]
    public async Task A_pager_failing_for_a_minute_is_reported_once_and_its_recovery_once()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await StationAsync(pager);
        pager.Reply = _ => new(503, "out of order");
        await station.PageAsync("ops", "inc_1");
        await station.PageAsync("ops", "inc_2");
        await station.Time.UntilAsync(() => station.Reports.Count > 0);
        Assert.True(station.Time.GetUtcNow() - station.Time.Start >= TimeSpan.FromSeconds(60));
        var until = station.Time.GetUtcNow().AddMinutes(10);
        await station.Time.UntilAsync(() => station.Time.GetUtcNow() > until);
        Assert.Equal([("ops", true, "503 Service Unavailable: out of order")], station.Reports);

        pager.Reply = _ => new(200);
        await station.UntilAsync("pg_1", PageState.Sent);
        await station.UntilAsync("pg_2", PageState.Sent);
        await station.Time.UntilAsync(() => station.Reports.Count > 1);
        Assert.Equal(("ops", false, "200 OK"), station.Reports[1]);
        await station.PageAsync("ops");
        await station.UntilAsync("pg_3", PageState.Sent);
        Assert.Equal(2, station.Reports.Count);
    }

    [Fact]
    public async Task A_failure_that_a_success_follows_within_the_minute_is_not_reported()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await StationAsync(pager);
        pager.Reply = _ => new(pager.Requests.Count == 1 ? 503 : 200);
        await station.PageAsync("ops");
        await station.UntilAsync("pg_1", PageState.Sent, TimeSpan.FromMilliseconds(20));
        await PassAsync(station, TimeSpan.FromMinutes(5));
        Assert.Empty(station.Reports);
    }

    [Fact]
    public async Task One_refused_page_does_not_make_a_pager_fail()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await StationAsync(pager);
        pager.Reply = _ => new(400);
        await station.PageAsync("ops");
        await station.UntilAsync("pg_1", PageState.Undeliverable);
        await PassAsync(station, TimeSpan.FromMinutes(5));
        Assert.Empty(station.Reports);
        Assert.Single(pager.Requests);
    }

    [Fact]
    public async Task A_pager_that_refuses_one_page_after_another_fails_and_is_tried_with_the_last_until_it_takes_it()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await StationAsync(pager);
        pager.Reply = _ => new(401);
        await station.PageAsync("ops");
        await station.PageAsync("ops");
        await station.Time.UntilAsync(() => station.Reports.Count > 0);
        Assert.Equal(("ops", true, "401 Unauthorized"), station.Reports[0]);
        await station.Time.UntilAsync(() => pager.Requests.Count >= 4); // nothing is owed, and yet it is tried
        pager.Reply = _ => new(200);
        await station.Time.UntilAsync(() => station.Reports.Count > 1);
        Assert.Equal(("ops", false, "200 OK"), station.Reports[1]);
        await station.UntilAsync("pg_2", PageState.Sent);
        Assert.Equal(PageState.Undeliverable, station.StateOf("pg_1"));
        Assert.Equal("pg_2", pager.Requests[^1].Id);
    }

    [Fact]
    public async Task A_pager_dead_for_longer_than_its_pages_are_owed_is_still_noticed_when_it_recovers()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await StationAsync(pager);
        pager.Reply = _ => new(503);
        await station.PageAsync("ops");
        await station.UntilAsync("pg_1", PageState.Undeliverable, TimeSpan.FromMinutes(5));
        pager.Reply = _ => new(200);
        await station.Time.UntilAsync(() => station.Reports.Count == 2);
        Assert.Equal([true, false], station.Reports.Select(r => r.Failing));
    }

    [Fact]
    public async Task A_test_page_that_arrives_is_a_recovery()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await StationAsync(pager);
        pager.Reply = request => new(request.Text.Contains("\"test\"") ? 200 : 503);
        await station.PageAsync("ops");
        await station.Time.UntilAsync(() => station.Reports.Count == 1);
        var answers = await new PageTest(station.Pagers, station.Time, station.Dispatch.Answered).TestAsync("ops", default);
        Assert.Equal([new("ops", true, "200 OK")], answers);
        await station.Time.UntilAsync(() => station.Reports.Count >= 2);
        Assert.False(station.Reports[1].Failing);
    }

    [Fact]
    public async Task A_restart_remembers_that_a_pager_failed_and_reports_only_its_recovery()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await StationAsync(pager);
        pager.Reply = _ => new(503);
        await station.PageAsync("ops");
        await station.Time.UntilAsync(() => station.Reports.Count == 1);
        await station.RestartAsync();
        await PassAsync(station, TimeSpan.FromMinutes(5));
        Assert.Single(station.Reports);
        pager.Reply = _ => new(200);
        await station.Time.UntilAsync(() => station.Reports.Count == 2);
        Assert.False(station.Reports[1].Failing);
    }

    [Fact]
    public async Task A_restart_with_nothing_owed_gives_a_failing_pager_a_fresh_chance()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await StationAsync(pager);
        await station.ReportAsync("ops", true, "503", default);
        await station.RestartAsync();
        await station.Time.UntilAsync(() => station.Reports.Count == 2);
        Assert.False(station.Reports[1].Failing);
        Assert.Empty(pager.Requests);
    }

    private static Task PassAsync(Station station, TimeSpan time)
    {
        var until = station.Time.GetUtcNow() + time;
        return station.Time.UntilAsync(() => station.Time.GetUtcNow() >= until);
    }
}
