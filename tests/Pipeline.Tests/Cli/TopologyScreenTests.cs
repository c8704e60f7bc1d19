using System.Text.Json;
using Pipeline.Client;
using Xunit;

namespace Pipeline.Tests.Cli;

public sealed class TopologyScreenTests
{
    [Fact]
    public void What_is_declared_and_what_is_learned_stand_apart()
    {
        var text = Shown("""
            {"components":[{"name":"api","level":"service","partOf":"shop","dependsOn":["db"]}],"learnedCount":2,"unanswered":[],
             "learned":[{"between":["api","db"],"scope":"default","times":5,"of":6,"lastSeen":"2026-03-01T12:00:00Z","declared":true},
                        {"between":["api","mail"],"scope":"default","times":3,"of":4,"lastSeen":"2026-03-01T11:00:00Z","declared":false}]}
            """);
        var (declared, learned) = (text[..text.IndexOf("LEARNED", StringComparison.Ordinal)], text[text.IndexOf("LEARNED", StringComparison.Ordinal)..]);
        Assert.Contains("DECLARED: 1 component (1 service)", declared);
        Assert.Contains("api service shop db", declared);
        Assert.DoesNotContain("mail", declared);
        Assert.Contains("5 6 03-01 12:00:00 api and db (declared too)", learned);
        Assert.Contains("3 4 03-01 11:00:00 api and mail", learned);
        Assert.DoesNotContain("and mail (declared", learned);
    }

    [Fact]
    public void Where_there_is_none_it_says_how_each_comes_about()
    {
        var text = Shown("""{"components":[],"learned":[],"learnedCount":0,"unanswered":[]}""");
        Assert.Contains("DECLARED: nothing. ./pipeline topology FILE declares", text);
        Assert.Contains("LEARNED: nothing yet.", text);
        Assert.Contains("three times", text);
    }

    [Fact]
    public void What_nobody_answered_is_not_said_to_be_nothing()
    {
        var text = Shown("""{"components":[],"learned":[],"learnedCount":0,"unanswered":["default"]}""");
        Assert.Contains("LEARNED: not known of default", text);
        Assert.DoesNotContain("nothing yet", text);
    }

    private static string Shown(string answer)
    {
        using var json = JsonDocument.Parse(answer);
        using var screen = new StringWriter();
        TopologyScreen.Show(Terminal.On(screen), json.RootElement);
        return string.Join(' ', screen.ToString().Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));
    }
}
