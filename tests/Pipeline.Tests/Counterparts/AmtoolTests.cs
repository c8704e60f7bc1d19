using Xunit;

namespace Pipeline.Tests.Counterparts;

/// <summary>People with amtool in their hands, and us as the Alertmanager that they talk to.</summary>
[Trait("needs", "server")]
public sealed class AmtoolTests
{
    [Fact]
    public async Task An_alert_that_it_adds_pages_and_is_found_by_a_query()
    {
        await using var pipeline = await LivePipeline.StartAsync();
        var us = new Uri(pipeline.Url);
        await Amtool.RunAsync(us, "alert", "add", "DbDown", "severity=critical", "service=db", "--annotation=summary=db-1 does not answer");
        await pipeline.PageAsync("opened", p => p.Says("opened", "DbDown"));
        Assert.Contains("db-1 does not answer", await Amtool.RunAsync(us, "alert", "query", "service=db"), StringComparison.Ordinal);
        Assert.DoesNotContain("DbDown", await Amtool.RunAsync(us, "alert", "query", "service=web"), StringComparison.Ordinal);
        Assert.Contains("service=\"db\"", await Amtool.RunAsync(us, "-o", "extended", "alert", "query"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silenced_alert_pages_nobody_until_its_silence_is_expired()
    {
        // That a silence is over is not urgent: it is said with the next page, or after page.latest.
        await using var pipeline = await LivePipeline.StartAsync("page.latest: 2s");
        var us = new Uri(pipeline.Url);
        var id = (await Amtool.RunAsync(us, "silence", "add", "--author=ann", "--comment=disks are swapped", "--duration=1h", "alertname=DbDown")).Trim();
        Assert.Contains("disks are swapped", await Amtool.RunAsync(us, "silence", "query"), StringComparison.Ordinal);

        await Amtool.RunAsync(us, "alert", "add", "DbDown", "severity=warning", "service=db");
        await pipeline.AlertAsync("DbDown", a => a.GetProperty("state").GetString() == "silenced");
        // What is not silenced comes through, and would not overtake a page about what is.
        await Amtool.RunAsync(us, "alert", "add", "WebDown", "severity=critical", "service=web");
        var web = await pipeline.PageAsync("opened");
        Assert.True(web.Says("opened", "WebDown"), pipeline.Told);
        Assert.DoesNotContain(pipeline.Pages, p => p.Text.Contains("DbDown", StringComparison.Ordinal));
        Assert.Contains("DbDown", await Amtool.RunAsync(us, "alert", "query", "--silenced"), StringComparison.Ordinal);

        await Amtool.RunAsync(us, "silence", "expire", id);
        await Wait.ForAsync("a page that says unsilenced", () => Task.FromResult(pipeline.Pages.FirstOrDefault(p => p.Says("unsilenced", "DbDown"))), () => pipeline.Told);
        Assert.DoesNotContain(id, await Amtool.RunAsync(us, "silence", "query"), StringComparison.Ordinal);
        Assert.Contains(id, await Amtool.RunAsync(us, "silence", "query", "--expired"), StringComparison.Ordinal);
    }
}
