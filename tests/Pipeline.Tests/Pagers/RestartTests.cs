using System.Diagnostics;
using Dedupe.Log;
using Pipeline.Config;
using Xunit;

namespace Pipeline.Tests.Pagers;

public sealed class RestartTests
{
    [Fact]
    public async Task A_crash_between_the_answer_and_its_record_sends_the_same_bytes_again()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(new PagerSettings("ops", PagerType.Webhook, pager.Url, "s"));
        var page = await station.DecideAsync("ops");
        var room = station.Log.FreeBytes;
        station.Log.FreeBytes = () => 0; // what became of it cannot be written
        station.Dispatch.Owe(page);
        await pager.WaitForAsync(1);
        await PassAsync(station, TimeSpan.FromSeconds(10));
        await station.Dispatch.DisposeAsync();
        station.Log.FreeBytes = room;
        Assert.Empty(await station.Log.ReadOutcomesAsync(default).ToListAsync());

        await station.RestartAsync();
        await station.UntilAsync(page.Id, PageState.Sent);
        var sent = pager.Requests.Where(r => r.Id == page.Id).ToList();
        Assert.Equal(2, sent.Count);
        Assert.Equal(sent[0].Body, sent[1].Body);
    }

    [Fact]
    public async Task A_disk_full_for_a_while_sends_nothing_twice()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(new PagerSettings("ops", PagerType.Webhook, pager.Url));
        var page = await station.DecideAsync("ops");
        var room = station.Log.FreeBytes;
        station.Log.FreeBytes = () => 0;
        station.Dispatch.Owe(page);
        await pager.WaitForAsync(1);
        await PassAsync(station, TimeSpan.FromMinutes(5));
        Assert.Empty(station.Outcomes);
        station.Log.FreeBytes = room;
        await station.UntilAsync(page.Id, PageState.Sent);
        Assert.Single(pager.Requests);
    }

    [Fact]
    public async Task What_is_owed_at_a_stop_stays_owed_and_goes_in_order_after_the_next_start()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(new PagerSettings("ops", PagerType.Webhook, pager.Url));
        pager.Reply = _ => new(503);
        for (var i = 0; i < 3; i++) await station.PageAsync("ops");
        await station.UntilAsync("pg_1", PageState.Failing);
        await station.Dispatch.DisposeAsync();
        var before = pager.Requests.Count;
        pager.Reply = _ => new(200);
        await station.RestartAsync();
        await station.UntilAsync("pg_3", PageState.Sent);
        Assert.Equal(["pg_1", "pg_2", "pg_3"], pager.Requests.Skip(before).Select(r => r.Id));
        Assert.True(station.Outcomes.Last(o => o.PageId == "pg_1").Attempts >= 2, "attempts before the restart count");
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_a_pager_that_never_answers()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(new PagerSettings("ops", PagerType.Webhook, pager.Url));
        pager.Reply = _ => new(200, After: new TaskCompletionSource().Task);
        await station.PageAsync("ops");
        await pager.WaitForAsync(1);
        var watch = Stopwatch.StartNew();
        await station.Dispatch.DisposeAsync();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"it took {watch.Elapsed}");
        Assert.Empty(station.Outcomes);
    }

    [Fact]
    public async Task What_was_sent_or_given_up_is_not_owed_again()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(new PagerSettings("ops", PagerType.Webhook, pager.Url));
        pager.Reply = request => new(request.Id == "pg_1" ? 400 : 200);
        await station.PageAsync("ops");
        await station.PageAsync("ops");
        await station.UntilAsync("pg_2", PageState.Sent);
        await station.RestartAsync();
        await station.PageAsync("ops");
        await station.UntilAsync("pg_3", PageState.Sent);
        Assert.Equal(["pg_1", "pg_2", "pg_3"], pager.Requests.Select(r => r.Id));
    }

    [Fact]
    public async Task An_undeliverable_page_sent_again_is_owed_for_another_day_even_over_a_restart()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(new PagerSettings("ops", PagerType.Webhook, pager.Url));
        pager.Reply = _ => new(400);
        var page = await station.PageAsync("ops");
        await station.UntilAsync(page.Id, PageState.Undeliverable);
        station.Time.Advance(TimeSpan.FromHours(30));
        pager.Reply = _ => new(503);
        Assert.True(await station.Dispatch.ResendAsync(page.Id, default));
        await station.UntilAsync(page.Id, PageState.Failing);
        await station.RestartAsync();
        pager.Reply = _ => new(200);
        await station.UntilAsync(page.Id, PageState.Sent);
        Assert.Single(pager.Requests.Select(r => r.Text).Distinct());
        Assert.Contains(station.Outcomes, o => o.State == PageState.Owed);
    }

    [Fact]
    public async Task A_page_that_the_log_does_not_have_cannot_be_sent_again()
    {
        await using var station = await Station.StartAsync();
        Assert.False(await station.Dispatch.ResendAsync("pg_none", default));
    }

    private static Task PassAsync(Station station, TimeSpan time)
    {
        var until = station.Time.GetUtcNow() + time;
        return station.Time.UntilAsync(() => station.Time.GetUtcNow() >= until);
    }
}
