using System.Security.Cryptography;
using System.Text;
using Dedupe.Log;
using Pipeline.Config;
using Pipeline.Pagers;
using Xunit;

namespace Pipeline.Tests.Pagers;

public sealed class DispatchTests
{
    private static PagerSettings Webhook(string name, ListeningPager pager, string? secret = null) => new(name, PagerType.Webhook, pager.Url, secret);

    [Fact]
    public async Task A_page_goes_out_as_it_was_frozen_and_is_recorded_and_told()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(Webhook("ops", pager));
        var page = await station.PageAsync("ops", text: "Bestellungen ohne Datenbank: 订单");
        await station.UntilAsync(page.Id, PageState.Sent);
        var request = Assert.Single(pager.Requests);
        Assert.Equal(Encoding.UTF8.GetBytes(page.Body!), request.Body);
        Assert.Equal(page.Id, request.Id);
        Assert.Equal("application/json", request.Headers["Content-Type"]);
        Assert.DoesNotContain("webhook-signature", request.Headers.Keys);
        var outcome = Assert.Single(station.Outcomes);
        Assert.Equal((PageState.Sent, 1, "200 OK"), (outcome.State, outcome.Attempts, outcome.Answer));
        Assert.Equal([outcome], await station.Log.ReadOutcomesAsync(default).ToListAsync());
    }

    [Fact]
    public async Task A_receiver_can_verify_the_signature()
    {
        var key = RandomNumberGenerator.GetBytes(24);
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(Webhook("ops", pager, "whsec_" + Convert.ToBase64String(key)));
        await station.PageAsync("ops");
        var request = (await pager.WaitForAsync(1))[0];
        var signed = $"{request.Id}.{request.Headers["webhook-timestamp"]}.{request.Text}";
        Assert.Equal("v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(signed))), request.Headers["webhook-signature"]);
        Assert.Equal(station.Time.Start.ToUnixTimeSeconds().ToString(), request.Headers["webhook-timestamp"]);
    }

    [Fact]
    public async Task Pages_of_an_incident_go_in_order_and_a_later_one_waits_for_the_retries_of_an_earlier()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(Webhook("ops", pager));
        var failures = 3;
        pager.Reply = request => new(request.Id == "pg_1" && failures-- > 0 ? 503 : 200);
        OwedPage[] pages = [await station.PageAsync("ops"), await station.PageAsync("ops"), await station.PageAsync("ops")];
        await station.UntilAsync("pg_3", PageState.Sent);
        Assert.Equal(["pg_1", "pg_1", "pg_1", "pg_1", "pg_2", "pg_3"], pager.Requests.Select(r => r.Id));
        Assert.All(pages, page => Assert.Equal(PageState.Sent, station.StateOf(page.Id)));
    }

    [Fact]
    public async Task Another_incident_does_not_wait()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(Webhook("ops", pager));
        pager.Reply = request => new(request.Id == "pg_1" ? 500 : 200);
        await station.PageAsync("ops", "inc_1");
        await station.PageAsync("ops", "inc_1");
        var other = await station.PageAsync("ops", "inc_2");
        await station.UntilAsync(other.Id, PageState.Sent);
        Assert.DoesNotContain(pager.Requests, r => r.Id == "pg_2");
    }

    [Fact]
    public async Task More_poisoned_incidents_than_attempts_at_once_do_not_hold_up_a_healthy_one()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(Webhook("ops", pager));
        pager.Reply = request => new(request.Text.Contains("poison") ? 500 : 200);
        for (var i = 0; i < 20; i++) await station.PageAsync("ops", $"inc_{i}", text: "poison");
        var healthy = await station.PageAsync("ops", "inc_healthy");
        await station.UntilAsync(healthy.Id, PageState.Sent);
    }

    [Fact]
    public async Task No_more_than_eight_attempts_are_under_way_at_a_pager()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(Webhook("ops", pager));
        var release = new TaskCompletionSource();
        int now = 0, most = 0;
        pager.Reply = _ =>
        {
            var here = Interlocked.Increment(ref now);
            InterlockedMax(ref most, here);
            return new(200, After: release.Task.ContinueWith(_ => Interlocked.Decrement(ref now), TaskScheduler.Default));
        };
        for (var i = 0; i < 30; i++) await station.PageAsync("ops", $"inc_{i}");
        await pager.WaitForAsync(8);
        release.SetResult();
        await station.Time.UntilAsync(() => station.Outcomes.Count(o => o.State == PageState.Sent) == 30);
        Assert.Equal(8, most);
    }

    [Fact]
    public async Task Every_attempt_has_the_same_id_and_bytes_and_its_own_time()
    {
        var time = new SteppedTime();
        await using var pager = await ListeningPager.StartAsync(time);
        await using var timed = await Station.StartAsync(time, Webhook("ops", pager, "s"));
        var failures = 5;
        pager.Reply = _ => new(failures-- > 0 ? 502 : 200);
        var page = await timed.PageAsync("ops");
        await timed.UntilAsync(page.Id, PageState.Sent);
        Assert.Equal(6, pager.Requests.Count);
        Assert.Single(pager.Requests.Select(r => r.Id).Distinct());
        Assert.All(pager.Requests, r => Assert.Equal(page.Body, r.Text));
        Assert.True(pager.Requests.Select(r => r.Headers["webhook-timestamp"]).Distinct().Count() > 1);
        Assert.Equal(6, timed.Outcomes[^1].Attempts);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(410)]
    [InlineData(422)]
    public async Task A_permanent_4xx_is_undeliverable_at_once_and_blocks_nothing(int status)
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(Webhook("ops", pager));
        pager.Reply = request => request.Id == "pg_1" ? new(status, "no such\nhook") : new(200);
        await station.PageAsync("ops");
        var next = await station.PageAsync("ops");
        await station.UntilAsync(next.Id, PageState.Sent);
        Assert.Equal(["pg_1", "pg_2"], pager.Requests.Select(r => r.Id));
        var outcome = station.Outcomes.Single(o => o.PageId == "pg_1");
        Assert.Equal((PageState.Undeliverable, 1), (outcome.State, outcome.Attempts));
        Assert.StartsWith($"{status} ", outcome.Answer);
        Assert.EndsWith(": no such hook", outcome.Answer);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(425)]
    [InlineData(429)]
    [InlineData(302)]
    [InlineData(500)]
    public async Task Other_answers_are_tried_again(int status)
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(Webhook("ops", pager));
        var first = true;
        pager.Reply = _ =>
        {
            var reply = first ? new PagerReply(status, "", null, ("Location", "/elsewhere")) : new(200);
            first = false;
            return reply;
        };
        var page = await station.PageAsync("ops");
        await station.UntilAsync(page.Id, PageState.Sent);
        Assert.Equal([PageState.Failing, PageState.Sent], station.Outcomes.Select(o => o.State));
        Assert.All(pager.Requests, r => Assert.Equal("/page", r.Path));
    }

    [Fact]
    public async Task Retry_After_is_obeyed()
    {
        var time = new SteppedTime();
        await using var pager = await ListeningPager.StartAsync(time);
        await using var station = await Station.StartAsync(time, Webhook("ops", pager));
        pager.Reply = _ => pager.Requests.Count == 1 ? new(429, "slow down", null, ("Retry-After", "300")) : new(200);
        var page = await station.PageAsync("ops");
        await station.UntilAsync(page.Id, PageState.Sent);
        Assert.Equal([TimeSpan.FromSeconds(300)], time.Waits);
        Assert.True(pager.Requests[1].At - pager.Requests[0].At >= TimeSpan.FromSeconds(300));
    }

    [Fact]
    public async Task The_back_off_grows_to_a_minute_and_not_beyond()
    {
        var time = new SteppedTime();
        await using var pager = await ListeningPager.StartAsync(time);
        await using var station = await Station.StartAsync(time, Webhook("ops", pager));
        pager.Reply = _ => new(503);
        await station.PageAsync("ops");
        await time.UntilAsync(() => pager.Requests.Count >= 12);
        var waits = time.Waits.Select(wait => wait.TotalSeconds).ToList();
        Assert.True(waits[0] < 5, $"first retry after {waits[0]} s");
        Assert.All(waits, wait => Assert.True(wait <= 60, $"a retry after {wait} s"));
        Assert.True(waits.Skip(8).Average() > 40, $"late retries after {string.Join(", ", waits)} s");
    }

    [Fact]
    public async Task A_failing_page_is_recorded_at_first_and_then_at_most_once_a_minute()
    {
        var time = new SteppedTime();
        await using var pager = await ListeningPager.StartAsync(time);
        await using var station = await Station.StartAsync(time, Webhook("ops", pager));
        pager.Reply = _ => new(503);
        await station.PageAsync("ops");
        await time.UntilAsync(() => pager.Requests.Count >= 15);
        var noted = station.Outcomes.Select(o => o.At).ToList();
        Assert.Equal(1, station.Outcomes[0].Attempts);
        Assert.True(noted.Count >= 3);
        Assert.All(noted.Zip(noted.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task After_24_hours_a_page_is_undeliverable_and_the_next_one_has_its_turn()
    {
        var time = new SteppedTime();
        await using var pager = await ListeningPager.StartAsync(time);
        await using var station = await Station.StartAsync(time, Webhook("ops", pager));
        pager.Reply = request => new(request.Id == "pg_1" ? 500 : 200);
        var page = await station.PageAsync("ops");
        await time.UntilAsync(() => pager.Requests.Count > 0);
        var next = await station.PageAsync("ops");
        await station.UntilAsync(page.Id, PageState.Undeliverable, TimeSpan.FromMinutes(5));
        await station.UntilAsync(next.Id, PageState.Sent);
        var outcome = station.Outcomes.Last(o => o.PageId == page.Id);
        Assert.True(outcome.At - page.DecidedAt >= TimeSpan.FromHours(24));
        Assert.Single(pager.Requests, r => r.Id == page.Id && r.At - page.DecidedAt >= TimeSpan.FromHours(24)); // the last attempt, and no more
        Assert.StartsWith("given up after 24 h: 500", outcome.Answer);
    }

    [Fact]
    public async Task A_dead_pager_delays_nobody_else()
    {
        await using var dead = await ListeningPager.StartAsync();
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(Webhook("dead", dead), Webhook("ops", pager));
        dead.Reply = _ => new(200, After: new TaskCompletionSource().Task); // takes the request and never answers
        for (var i = 0; i < 20; i++) await station.PageAsync("dead", $"inc_{i}");
        await dead.WaitForAsync(8);
        for (var i = 0; i < 5; i++) await station.PageAsync("ops", $"inc_{i}");
        await pager.WaitForAsync(5);
        Assert.Equal(station.Time.Start, station.Time.GetUtcNow()); // and no time had to pass for it
    }

    [Fact]
    public async Task No_answer_within_ten_seconds_is_a_failure()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(Webhook("ops", pager));
        pager.Reply = _ => pager.Requests.Count == 1 ? new(200, After: new TaskCompletionSource().Task) : new(200);
        var page = await station.PageAsync("ops");
        await pager.WaitForAsync(1);
        station.Time.Advance(TimeSpan.FromSeconds(10));
        await station.UntilAsync(page.Id, PageState.Sent);
        Assert.Equal("no answer within 10 s", station.Outcomes[0].Answer);
    }

    [Fact]
    public async Task A_pager_that_nobody_configures_any_more_gets_nothing_and_its_pages_say_so()
    {
        await using var station = await Station.StartAsync(new PagerSettings("default", PagerType.Log));
        var page = await station.PageAsync("gone");
        await station.UntilAsync(page.Id, PageState.Undeliverable);
        Assert.Contains("no pager named gone", station.Outcomes.Single().Answer);
    }

    [Fact]
    public async Task A_page_owed_twice_goes_once()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(Webhook("ops", pager));
        var hold = new TaskCompletionSource();
        pager.Reply = _ => new(200, After: hold.Task);
        var page = await station.PageAsync("ops");
        station.Dispatch.Owe(page);
        await pager.WaitForAsync(1);
        hold.SetResult();
        var last = await station.PageAsync("ops");
        await station.UntilAsync(last.Id, PageState.Sent);
        Assert.Equal([page.Id, last.Id], pager.Requests.Select(r => r.Id));
    }

    [Fact]
    public async Task Beyond_the_bound_bodies_are_loaded_when_their_turn_comes_and_are_the_same()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(Webhook("ops", pager));
        await station.RestartAsync(new() { BodiesInMemory = 2 });
        List<OwedPage> pages = [];
        for (var i = 0; i < 6; i++) pages.Add(await station.PageAsync("ops"));
        await station.UntilAsync(pages[^1].Id, PageState.Sent);
        Assert.Equal(pages.Select(p => p.Body), pager.Requests.Select(r => r.Text));
    }

    [Fact]
    public async Task In_shadow_nothing_is_sent_and_nothing_recorded()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(Webhook("ops", pager));
        await station.RestartAsync(new() { Shadow = true });
        await station.PageAsync("ops");
        await station.RestartAsync(new() { Shadow = true });
        Assert.Empty(pager.Requests);
        Assert.Empty(station.Outcomes);
        await station.RestartAsync(new() { Shadow = false }); // and the page was owed all along
        await pager.WaitForAsync(1);
    }

    private static void InterlockedMax(ref int most, int here)
    {
        int seen;
        while ((seen = Volatile.Read(ref most)) < here && Interlocked.CompareExchange(ref most, here, seen) != seen)
        {
            // another request was faster; look again
        }
    }
}
