using System.Text.Json;
using Dedupe.Log;
using Pipeline.Config;
using Pipeline.Pagers;
using Xunit;

namespace Pipeline.Tests.Pagers;

public sealed class PagerDutyPagerTests
{
    private static Task<Station> StationAsync(ListeningPager pager) =>
        Station.StartAsync(new PagerSettings("pd", PagerType.PagerDuty, pager.Url, "R0UTE"));

    private static (string Action, string Key) Event(PagerRequest request)
    {
        using var json = JsonDocument.Parse(request.Body);
        Assert.Equal("R0UTE", json.RootElement.GetProperty("routing_key").GetString());
        return (json.RootElement.GetProperty("event_action").GetString()!, json.RootElement.GetProperty("dedup_key").GetString()!);
    }

    [Fact]
    public async Task A_page_is_a_trigger_under_its_own_key_with_the_whole_page_in_it()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await StationAsync(pager);
        pager.Reply = _ => new(202, """{"status":"success"}""");
        var page = await station.PageAsync("pd", text: new('x', 3000));
        await station.UntilAsync(page.Id, PageState.Sent);
        Assert.Equal(("trigger", page.Id), Event(pager.Requests[0]));
        using var json = JsonDocument.Parse(pager.Requests[0].Body);
        var payload = json.RootElement.GetProperty("payload");
        Assert.Equal(1024, payload.GetProperty("summary").GetString()!.Length);
        Assert.Equal("critical", payload.GetProperty("severity").GetString());
        Assert.Equal("db-1", payload.GetProperty("source").GetString());
        Assert.Equal("severity-rose", payload.GetProperty("class").GetString());
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(page.Body!).RootElement, payload.GetProperty("custom_details")));
        var link = json.RootElement.GetProperty("links")[0];
        Assert.Equal("http://127.0.0.1:8080/incidents/inc_1?a=1&b=2", link.GetProperty("href").GetString());
    }

    [Fact]
    public async Task What_only_the_resolved_page_names_is_triggered_before_it_is_resolved()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await StationAsync(pager);
        pager.Reply = _ => new(202);
        await station.PageAsync("pd", kind: "opened");
        await station.PageAsync("pd", kind: "resolved", text: SamplePage.LateNews);
        await station.UntilAsync("pg_2", PageState.Sent);
        Assert.Equal([("trigger", "pg_1"), ("trigger", "pg_2"), ("resolve", "pg_1"), ("resolve", "pg_2")], pager.Requests.Select(Event));
    }

    [Fact]
    public async Task The_resolved_page_resolves_every_key_of_its_incident_after_its_trigger_was_answered()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await StationAsync(pager);
        var failures = 2;
        pager.Reply = request => new(Event(request) == ("trigger", "pg_2") && failures-- > 0 ? 500 : 202);
        await station.PageAsync("pd", kind: "opened");
        await station.PageAsync("pd", kind: "changed");
        await station.PageAsync("pd", "inc_other", "opened");
        await station.PageAsync("pd", kind: "resolved");
        await station.UntilAsync("pg_4", PageState.Sent);
        Assert.Equal(
            [("trigger", "pg_1"), ("trigger", "pg_2"), ("trigger", "pg_2"), ("trigger", "pg_2"), ("resolve", "pg_1"), ("resolve", "pg_2")],
            pager.Requests.Select(Event).Where(e => e.Key != "pg_3"));
    }

    [Fact]
    public async Task After_a_restart_the_keys_triggered_before_it_are_resolved()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await StationAsync(pager);
        pager.Reply = _ => new(202);
        await station.PageAsync("pd", kind: "opened");
        await station.UntilAsync("pg_1", PageState.Sent);
        await station.DecideAsync("pd", kind: "changed");
        await station.DecideAsync("pd", kind: "resolved");
        await station.RestartAsync();
        await station.UntilAsync("pg_3", PageState.Sent);
        Assert.Equal([("trigger", "pg_1"), ("trigger", "pg_2"), ("resolve", "pg_1"), ("resolve", "pg_2")], pager.Requests.Select(Event));
    }

    [Fact]
    public async Task A_resolve_that_fails_midway_goes_on_where_it_stopped()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await StationAsync(pager);
        var failures = 1;
        pager.Reply = request => new(Event(request) == ("resolve", "pg_2") && failures-- > 0 ? 429 : 202);
        await station.PageAsync("pd", kind: "opened");
        await station.PageAsync("pd");
        await station.PageAsync("pd", kind: "resolved");
        await station.UntilAsync("pg_3", PageState.Sent);
        Assert.Equal(["pg_1", "pg_2", "pg_2"], pager.Requests.Select(Event).Where(e => e.Action == "resolve").Select(e => e.Key));
    }

    [Fact]
    public async Task A_page_sent_again_after_its_incident_ended_does_not_stay_open()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await StationAsync(pager);
        pager.Reply = request => new(Event(request) == ("trigger", "pg_1") ? 400 : 202);
        await station.PageAsync("pd", kind: "opened");
        await station.PageAsync("pd", kind: "resolved");
        await station.UntilAsync("pg_2", PageState.Sent);
        pager.Reply = _ => new(202);
        await station.Dispatch.ResendAsync("pg_1", default);
        await station.UntilAsync("pg_1", PageState.Sent);
        Assert.Equal([("trigger", "pg_1"), ("resolve", "pg_1")], pager.Requests.Select(Event).TakeLast(2));
    }

    [Fact]
    public void The_same_page_is_always_the_same_event()
    {
        var body = System.Text.Encoding.UTF8.GetBytes(SamplePage.Body("pg_1", "pd", "inc_1", "opened", "x", DateTimeOffset.UnixEpoch));
        Assert.Equal(PagerDutyPager.Trigger("r", "pg_1", body), PagerDutyPager.Trigger("r", "pg_1", body));
    }
}
