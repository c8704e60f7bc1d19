using System.Text;
using System.Text.Json;
using Pipeline.Pagers;
using Xunit;

namespace Pipeline.Tests.Pagers;

/// <summary>What Slack and the terminal make of a page.</summary>
public sealed class SaidInTheirOwnWordsTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static byte[] Frozen(string text, string kind = "changed") => Encoding.UTF8.GetBytes(SamplePage.Body("pg_1", "ops", "inc_1", kind, text, At));

    [Fact]
    public void Slack_gets_the_text_first_then_what_is_new_then_where_to_look()
    {
        using var json = JsonDocument.Parse(SlackPager.Write(Frozen("disk of <db-1> & friends is full <!channel>")));
        Assert.Equal("disk of &lt;db-1&gt; &amp; friends is full &lt;!channel&gt;", json.RootElement.GetProperty("text").GetString());
        var blocks = json.RootElement.GetProperty("blocks").EnumerateArray().ToList();
        Assert.Equal("*disk of &lt;db-1&gt; &amp; friends is full &lt;!channel&gt;*", blocks[0].GetProperty("text").GetProperty("text").GetString());
        Assert.Equal(
            "• severity-rose warning to critical: DiskFull (host=db-1): disk &lt;sda&gt; &amp; co full [first time in 30 days]\n" +
            "• new-alert: 180 more HostDown\n" +
            "• suspect: deploy of orders [same service, 4 min before]",
            blocks[1].GetProperty("text").GetProperty("text").GetString());
        Assert.Equal(
            "changed, urgency high | severity critical | 3 unseen | <http://127.0.0.1:8080/incidents/inc_1?a=1&amp;b=2|inc_1>",
            blocks[2].GetProperty("elements")[0].GetProperty("text").GetString());
    }

    [Fact]
    public void Slack_sections_stay_within_its_limit_and_say_what_was_left_out()
    {
        var change = """{"reason":"new-alert","labels":{"alertname":"&&&&"},"severity":"critical","summary":"SUMMARY"}""".Replace("SUMMARY", new('&', 500));
        var page = Encoding.UTF8.GetBytes($$"""{"id":"pg_1","text":"{{new string('<', 5000)}}","changes":[{{string.Join(',', Enumerable.Repeat(change, 100))}}]}""");
        using var json = JsonDocument.Parse(SlackPager.Write(page));
        var sections = json.RootElement.GetProperty("blocks").EnumerateArray().Where(b => b.GetProperty("type").GetString() == "section")
            .Select(b => b.GetProperty("text").GetProperty("text").GetString()!).ToList();
        Assert.All(sections, text => Assert.True(text.Length <= 3000, $"{text.Length} characters"));
        Assert.EndsWith(" more", sections[1]);
    }

    [Fact]
    public async Task The_terminal_shows_a_line_for_the_page_and_one_for_each_change()
    {
        using var terminal = new StringWriter { NewLine = "\n" };
        var two = Encoding.UTF8.GetString(Frozen("orders are down", "opened"))
            .Replace("\"changes\":[", """
                "changes":[{"reason":"new-alert","severity":"warning","labels":{"alertname":"QueueFull"}},
                """, StringComparison.Ordinal);
        var answer = await new LogPager(terminal, colour: false)
            .SendAsync(new("pg_1", "default", "inc_1", "opened", Encoding.UTF8.GetBytes(two)), default);
        Assert.Equal(PagerVerdict.Accepted, answer.Verdict);
        Assert.Equal(
            """
            2026-03-01 12:00:00Z  OPENED  high  orders are down
                new-alert warning: QueueFull
                severity-rose warning to critical: DiskFull (host=db-1): disk <sda> & co full [first time in 30 days]
                new-alert: 180 more HostDown
                suspect: deploy of orders [same service, 4 min before]
                http://127.0.0.1:8080/incidents/inc_1?a=1&b=2

            """.ReplaceLineEndings("\n"), terminal.ToString());
    }

    [Theory]
    [InlineData("changed", false)]
    [InlineData("resolved", true)]
    public async Task The_only_change_of_a_page_is_not_said_twice(string kind, bool hasOwnLine)
    {
        using var terminal = new StringWriter();
        await new LogPager(terminal, colour: false).SendAsync(new("pg_1", "default", "inc_1", kind, Frozen(hasOwnLine ? SamplePage.LateNews : "orders are down", kind)), default);
        Assert.Equal(hasOwnLine, terminal.ToString().Contains("first time in 30 days", StringComparison.Ordinal));
        Assert.Contains("    http://127.0.0.1:8080/incidents/inc_1", terminal.ToString());
    }

    [Fact]
    public async Task An_alert_cannot_steer_the_terminal()
    {
        using var terminal = new StringWriter();
        await new LogPager(terminal, colour: false).SendAsync(new("pg_1", "default", "inc_1", "opened", Frozen("a\e[2Jb\nFAKE LINE")), default);
        Assert.DoesNotContain('\e', terminal.ToString());
        Assert.Contains("a [2Jb FAKE LINE", terminal.ToString());
    }

    [Fact]
    public async Task Colour_is_only_for_a_terminal_that_shows_it()
    {
        using var terminal = new StringWriter();
        await new LogPager(terminal, colour: true).SendAsync(new("pg_1", "default", "inc_1", "opened", Frozen("down")), default);
        Assert.StartsWith("\e[1;31m", terminal.ToString());
    }
}
