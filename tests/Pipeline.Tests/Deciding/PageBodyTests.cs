using System.Text;
using System.Text.Json;
using Dedupe.Deciding;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>What a page says of more than it can name.</summary>
public sealed class PageBodyTests
{
    [Fact]
    public void Nothing_is_dropped_in_silence_however_many_names_are_rolled_up()
    {
        var story = Many(350, n => $"New{n}");
        var page = Assert.Single(story.Pages);
        var body = Body(page);
        Assert.Equal(100, body.GetProperty("changes").GetArrayLength());
        var rolledUp = body.GetProperty("rolledUp").EnumerateArray().ToList();
        Assert.Equal(250, rolledUp.Sum(g => g.GetProperty("count").GetInt32()));
        Assert.InRange(rolledUp.Count, 2, 115);
        Assert.All(rolledUp, g => Assert.Equal(["reason", "alertname", "count", "url"], g.EnumerateObject().Select(p => p.Name)));
        Assert.Contains("150 others", rolledUp[^1].GetProperty("alertname").GetString(), StringComparison.Ordinal);
        Assert.Equal(350, page.Named.Count);
    }

    [Theory]
    [InlineData('x')]
    [InlineData('\u0001')]
    [InlineData('漢')]
    public void A_page_is_at_most_256_KiB_whatever_the_labels_hold_and_counts_them_all(char letter)
    {
        var story = Many(350, n => $"{n}{new string(letter, 4_000)}");
        var page = Assert.Single(story.Pages);
        Assert.InRange(Encoding.UTF8.GetByteCount(page.Body), 1, 256 * 1024);
        var body = Body(page);
        Assert.Equal(350, body.GetProperty("changes").EnumerateArray().Concat(body.GetProperty("rolledUp").EnumerateArray()).Sum(c => c.GetProperty("count").GetInt32()));
    }

    [Fact]
    public void The_line_of_a_page_says_as_one_what_the_page_lists_as_one()
    {
        var story = new Story().Fire("Root", ("service", "shop"), ("host", "db-1")).Forget().At(5);
        story.Deliver([.. Enumerable.Range(0, 30).Select(n => story.Alert("HostDown", ("service", "shop"), ("host", $"web-{n}"))), story.Alert("DiskFull", ("service", "shop"), ("host", "db-1"))]);
        var text = Body(Assert.Single(story.At(10).Pages)).GetProperty("text").GetString();
        Assert.StartsWith("UNKNOWN NEW new-alert: 30 alerts, HostDown on shop [", text, StringComparison.Ordinal);
        Assert.Contains("] +1 more new (1 new-alert) | in: Root", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_line_of_an_opening_of_several_says_what_broke_and_where()
    {
        var story = new Story().Fire("Old", ("host", "z")).Forget().At(10);
        story.Deliver([story.Alert("SwitchDown", ("host", "sw-1")), story.Alert("SwitchDown", ("host", "sw-2"))]);
        Assert.Contains("SwitchDown on sw-1 and 1 more", Body(Assert.Single(story.Pages)).GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_opening_with_the_largest_labels_there_can_be_still_fits_a_page()
    {
        var story = new Story();
        story.Fire(new string('n', 4_096), [("host", new string('h', 4_096)), .. Enumerable.Range(0, 62).Select(i => ($"l{i}", new string('\u0002', 4_096)))]);
        var body = Assert.Single(story.Pages).Body;
        Assert.InRange(Encoding.UTF8.GetByteCount(body), 1, 256 * 1024);
        Assert.InRange(JsonDocument.Parse(body).RootElement.GetProperty("incident").GetProperty("title").GetString()!.Length, 1, 500);
    }

    /// <summary>An incident in which so many names are new in one gathering.</summary>
    private static Story Many(int count, Func<int, string> name)
    {
        var story = new Story().Fire("HostDown", ("host", "db-1")).Forget().At(10);
        return story.Deliver([.. Enumerable.Range(0, count).Select(n => story.Alert(name(n), ("host", "db-1")))]).At(20);
    }

    private static JsonElement Body(Decision.PageDecided page) => JsonDocument.Parse(page.Body).RootElement;
}
