using System.Text.Json;
using Pipeline.Client;
using Xunit;

namespace Pipeline.Tests.Cli;

public sealed class IncidentScreensTests
{
    [Fact]
    public void A_list_says_since_when()
    {
        using var incident = JsonDocument.Parse("""{"id":"inc_1","state":"open","openedAt":"2026-03-01T03:12:45.600Z"}""");
        using var screen = new StringWriter();
        IncidentScreens.List(Terminal.On(screen), [incident.RootElement]);
        Assert.Contains("03-01 03:12  open", screen.ToString());
    }

    [Fact]
    public void A_title_without_room_beside_the_columns_stands_whole_below_them()
    {
        using var incident = JsonDocument.Parse(
            """{"id":"inc_36113611bc8b","state":"acknowledged","severity":"critical","title":"Varnish Backend Connections on varnish","openedAt":"2026-03-01T03:12:45.600Z"}""");
        using var screen = new StringWriter();
        IncidentScreens.List(Terminal.On(screen), [incident.RootElement]);
        var lines = screen.ToString().ReplaceLineEndings("\n").TrimEnd().Split('\n');
        Assert.Equal(["INCIDENT          OPENED       STATE         SEVERITY  FIRING  UNSEEN",
            "inc_36113611bc8b  03-01 03:12  acknowledged  critical       0       0", "  Varnish Backend Connections on varnish"], lines);
    }

    [Fact]
    public void A_summary_that_only_repeats_the_name_is_not_said_again_and_one_is_singular()
    {
        using var incident = JsonDocument.Parse(
            """
            {"id":"inc_1","state":"open","openedAt":"2026-03-01T03:12:45.600Z","pages":1,"alerts":{"firing":1,"repeats":1},
             "members":[{"state":"firing","labels":{"alertname":"Host_Down","host":"db-1"},"summary":"Host_Down"}]}
            """);
        using var screen = new StringWriter();
        IncidentScreens.Show(Terminal.On(screen), incident.RootElement);
        var shown = screen.ToString();
        Assert.DoesNotContain(": Host_Down", shown, StringComparison.Ordinal);
        Assert.Contains("1 repeat, 1 page,", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_it_began_whom_it_reaches_and_what_is_suspect_stand_in_the_list_and_with_the_incident()
    {
        using var incident = JsonDocument.Parse(
            """
            {"id":"inc_1","state":"open","title":"Slow","openedAt":"2026-03-01T03:12:45.600Z","origin":"db-1","impact":[{"level":"business","component":"orders"}],
             "suspects":[{"change":"d-1","summary":"db 1.5","score":0.8,"why":"same service, 4 min before"}]}
            """);
        var list = Shown(console => IncidentScreens.List(console, [incident.RootElement]));
        Assert.Contains("origin db-1", list, StringComparison.Ordinal);
        Assert.Contains("impact orders", list, StringComparison.Ordinal);
        Assert.Contains("suspect db 1.5", list, StringComparison.Ordinal);
        var one = Shown(console => IncidentScreens.Show(console, incident.RootElement));
        Assert.Contains("likely origin: db-1; impact: orders (business)", one, StringComparison.Ordinal);
        Assert.Contains("suspect 0.8: db 1.5 (d-1): same service, 4 min before", one, StringComparison.Ordinal);

        static string Shown(Action<Spectre.Console.IAnsiConsole> show)
        {
            using var screen = new StringWriter();
            show(Terminal.On(screen));
            return string.Join(' ', screen.ToString().Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));
        }
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public void What_a_star_means_is_said_where_there_is_one(int version, bool isNew)
    {
        using var incident = JsonDocument.Parse(
            $$$"""
            {"id":"inc_1","acknowledgement":{"by":"ann","seen":3},"changes":[{"reason":"new-alert","version":{{{version}}},"labels":{"alertname":"DbDown"}}]}
            """);
        using var screen = new StringWriter();
        IncidentScreens.Show(Terminal.On(screen), incident.RootElement);
        Assert.Equal(isNew, screen.ToString().Contains("* new-alert", StringComparison.Ordinal));
        Assert.Equal(isNew, screen.ToString().Contains("* after the acknowledgement", StringComparison.Ordinal));
    }

    [Fact]
    public void Under_each_change_stands_who_was_shown_it_and_an_acknowledgement_with_news_after_it_says_so()
    {
        using var incident = JsonDocument.Parse(
            """
            {"id":"inc_1","state":"open","seen":3,"news":2,"acknowledgement":{"by":"ann","until":"2026-03-01T13:00:00Z","seen":3},
             "changes":[{"reason":"opened","version":3,"labels":{"alertname":"DbDown"},"exposure":{"seen":true,"text":"told ops 12:00:05 (pg_1)"}}]}
            """);
        using var screen = new StringWriter();
        IncidentScreens.Show(Terminal.On(screen), incident.RootElement);
        Assert.Contains("told ops 12:00:05 (pg_1)", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("OPEN AGAIN: 2 changes came after that", screen.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1, "nobody has acknowledged any of it")]
    [InlineData(3, 1, "this is what came after what was acknowledged")]
    [InlineData(3, 0, "nothing was surfaced after what was acknowledged")]
    public void What_was_asked_for_since_an_acknowledgement_says_what_it_is(int seen, int changes, string says)
    {
        using var incident = JsonDocument.Parse(
            $$$"""{"id":"inc_1","state":"open","seen":{{{seen}}},"changes":[{{{(changes > 0 ? """{"reason":"new-alert","version":9}""" : "")}}}]}""");
        using var screen = new StringWriter();
        IncidentScreens.Show(Terminal.On(screen), incident.RootElement, sinceAck: true);
        Assert.Contains(says, screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_unseen_is_listed_with_why()
    {
        using var answer = JsonDocument.Parse(
            """
            {"items":[{"incident":"inc_1","why":["failing"],"change":{"reason":"new-alert","at":"2026-03-01T12:00:00Z","labels":{"alertname":"DbDown"},
             "exposure":{"waiting":[{"why":"failing","pager":"ops","text":"it fails since 03-01 12:00:00 UTC"}]}}}],"next":null}
            """);
        using var screen = new StringWriter();
        IncidentScreens.Unseen(Terminal.On(screen), answer.RootElement);
        var text = string.Join(' ', screen.ToString().Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("new-alert DbDown", text, StringComparison.Ordinal);
        Assert.Contains("not told ops: it fails since 03-01 12:00:00 UTC", text, StringComparison.Ordinal);
        Assert.Contains("in inc_1", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null", ", awaiting a restart")]
    [InlineData("\"2026-03-01T12:30:00Z\"", "; the awaited restart was recorded at ")]
    public void What_is_awaited_is_awaited_until_it_was_recorded(string at, string says)
    {
        using var incident = JsonDocument.Parse(
            $$$"""{"id":"inc_1","acknowledgement":{"by":"ann","until":"2026-03-01T13:00:00Z","awaiting":"restart","awaitedAt":{{{at}}}}}""");
        using var screen = new StringWriter();
        IncidentScreens.Show(Terminal.On(screen), incident.RootElement);
        Assert.Contains(says, screen.ToString().ReplaceLineEndings(" "));
    }
}
