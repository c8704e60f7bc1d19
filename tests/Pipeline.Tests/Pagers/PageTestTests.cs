using System.Text.Json;
using Pipeline.Config;
using Pipeline.Pagers;
using Xunit;

namespace Pipeline.Tests.Pagers;

public sealed class PageTestTests
{
    [Fact]
    public async Task Every_pager_is_tested_and_says_what_it_answered()
    {
        await using var good = await ListeningPager.StartAsync();
        await using var bad = await ListeningPager.StartAsync();
        bad.Reply = _ => new(403, "who are you");
        await using var station = await Station.StartAsync(
            new PagerSettings("good", PagerType.Webhook, good.Url, "s"), new("bad", PagerType.Slack, bad.Url), new("here", PagerType.Log));
        var test = new PageTest(station.Pagers, station.Time, station.Dispatch.Answered);
        Assert.Equal(
            [new("bad", false, "403 Forbidden: who are you"), new("good", true, "200 OK"), new("here", true, "printed")],
            await test.TestAsync(null, default));
        using var page = JsonDocument.Parse(good.Requests.Single().Body);
        Assert.Equal("test", page.RootElement.GetProperty("kind").GetString());
        Assert.Equal(good.Requests.Single().Id, page.RootElement.GetProperty("id").GetString());
        Assert.Contains("Test page", station.Terminal.ToString());
        Assert.Empty(station.Outcomes);
    }

    [Fact]
    public async Task A_name_that_nobody_has_is_answered_with_nothing()
    {
        await using var station = await Station.StartAsync();
        var test = new PageTest(station.Pagers, station.Time, station.Dispatch.Answered);
        Assert.Empty(await test.TestAsync("nobody", default));
        Assert.Null(await new PageDesk(test, station.Dispatch, station.Log).TestAsync("nobody", default));
    }

    [Fact]
    public async Task The_desk_sends_a_page_again_only_from_its_own_version()
    {
        await using var pager = await ListeningPager.StartAsync();
        await using var station = await Station.StartAsync(new PagerSettings("ops", PagerType.Webhook, pager.Url));
        var page = await station.DecideAsync("ops");
        var desk = new PageDesk(new(station.Pagers, station.Time, station.Dispatch.Answered), station.Dispatch, station.Log);
        Assert.False(await desk.ResendAsync(1, 2, page.Id, default));
        Assert.False(await desk.ResendAsync(1, 1, "pg_other", default));
        Assert.True(await desk.ResendAsync(1, 1, page.Id, default));
        Assert.Equal(page.Body, (await pager.WaitForAsync(1))[0].Text);
    }
}
