using System.Text;
using Pipeline.Importing;
using Pipeline.Tests.Ingest;
using Xunit;

namespace Pipeline.Tests.Importing;

/// <summary>Icinga 2's stream and what Alertmanager sends and records.</summary>
public sealed class StreamImportTests
{
    private const string Body = """{"version":"4","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"Down","instance":"db-1"},"startsAt":"2026-01-31T12:00:00Z","endsAt":"0001-01-01T00:00:00Z"}]}""";
    private const string Over = """{"version":"4","status":"resolved","alerts":[{"status":"resolved","labels":{"alertname":"Down","instance":"db-1"},"startsAt":"2026-01-31T12:00:00Z","endsAt":"2026-01-31T12:05:00Z"}]}""";

    [Fact]
    public async Task An_icinga_stream_is_replayed_by_its_own_times()
    {
        const string Stream = """
            {"type":"StateChange","timestamp":1769860800.25,"host":"db-1","service":"disk","state":2,"state_type":0,"check_result":{"output":"4%","state":2}}
            {"type":"StateChange","timestamp":1769860860,"host":"db-1","service":"disk","state":2,"state_type":1,"check_result":{"output":"4%","state":2}}
            {"type":"CommentAdded","timestamp":1769860870,"comment":{"text":"foo"}}
            {"type":"AcknowledgementSet","timestamp":1769860900,"host":"db-1","service":"disk","state":2,"state_type":1,"author":"ann","comment":"on it"}
            {"type":"StateChange","timestamp":1769860960,"host":"db-1","service":"disk","state":0,"state_type":1,"check_result":{"output":"fine","state":0}}
            """;
        Assert.Equal(["00:00", "01:00", "01:10", "01:40", "02:40"], Imports.Bodies("icinga2", Stream).Select(b => b[..5]));
        var replayed = await Imports.ReplayAsync("icinga2", Stream);
        Assert.Equal("opened", replayed.Dispositions[0]);
        Assert.Equal("resolved", replayed.Dispositions[^1]);
        Assert.Equal(0, replayed.Result.Rejected);
    }

    [Fact]
    public void A_bad_event_is_named_by_line_and_field() =>
        Assert.Equal(
            ["file1:2: timestamp: is missing or no time; Icinga 2 writes seconds since 1970", "file1:3: type: is missing; an event of Icinga 2 has a type, such as StateChange", "file1:4: : is torn off in the middle of its JSON"],
            Imports.Unread("icinga2", "{\"type\":\"Flapping\",\"timestamp\":1769860800}\n{\"type\":\"Flapping\"}\n{\"timestamp\":1769860800}\n{\"type\":"));

    [Theory]
    [InlineData("{0}\n{1}")]
    [InlineData("{0}{1}")]
    [InlineData("[{0},\n{1}]")]
    public void A_captured_body_without_a_time_is_taken_at_the_latest_that_it_tells_of(string form) =>
        Assert.Equal(["00:00 alertmanager " + Body, "05:00 alertmanager " + Over], Imports.Bodies("alertmanager-capture", form.Replace("{0}", Body, StringComparison.Ordinal).Replace("{1}", Over, StringComparison.Ordinal)));

    [Theory]
    [InlineData("2026-01-31T12:07:00Z {0}")]
    [InlineData("[2026-01-31 12:07:00] {0}")]
    [InlineData("1769861220 {0}")]
    [InlineData("{\"receivedAt\":\"2026-01-31T12:07:00Z\",\"body\":{0}}")]
    [InlineData("{\"ts\":1769861220.0,\"request\":{\"headers\":{},\"payload\":{0}}}")]
    [InlineData("{\"time\":\"2026-01-31T12:07:00Z\",\"content\":{quoted}}")]
    public void A_time_beside_the_body_counts(string form)
    {
        var text = form.Replace("{0}", Body, StringComparison.Ordinal).Replace("{quoted}", System.Text.Json.JsonSerializer.Serialize(Body), StringComparison.Ordinal);
        Assert.Equal(["07:00 alertmanager " + Body], Imports.Bodies("alertmanager-capture", text));
    }

    [Fact]
    public void A_pretty_body_is_one_body_and_a_repeat_keeps_its_place()
    {
        var pretty = System.Text.Json.Nodes.JsonNode.Parse(Body)!.ToJsonString(new() { WriteIndented = true });
        Assert.Equal(["05:00", "05:00"], Imports.Bodies("alertmanager-capture", Over + "\n" + pretty).Select(b => b[..5]));
    }

    [Fact]
    public void What_is_no_body_is_named() =>
        Assert.Equal(
            ["file1:1: : \"soon\" before the body is no time", "file1:2: alerts", "file1:3: alerts[0].startsAt"],
            Imports.Unread("alertmanager-capture", "soon " + Body + "\n{\"a\":1}\n{\"alerts\":[{\"labels\":{\"a\":\"b\"}}]}").Select((u, i) => i == 0 ? u : u[..u.IndexOf(": is missing", StringComparison.Ordinal)]));

    [Theory]
    [InlineData("alerta-v3-firing.json")]
    [InlineData("prombot-production_example.json")]
    public void Captured_bodies_are_understood(string file)
    {
        var text = Encoding.UTF8.GetString(Parsing.Shared("payloads/alertmanager/" + file));
        Assert.Empty(Imports.Unread("alertmanager-capture", text));
        Assert.Single(Imports.Bodies("alertmanager-capture", text));
    }

    [Theory]
    [InlineData("""{"labels":[{"key":"alertname","value":"Down"},{"key":"instance","value":"db-1"}]}""", """{"hash":"7","details":<alert>}""")]
    [InlineData("""{"alertname":"Down","instance":"db-1"}""", """<alert>""")]
    public async Task Recorded_events_are_read_in_both_forms(string labels, string grouped)
    {
        var alert = $$"""{"fingerprint":"123","name":"Down","labels":{{labels}},"annotations":{},"startsAt":"2026-01-31T12:00:00Z","endsAt":"2026-01-31T12:09:00Z"}""";
        var member = grouped.Replace("<alert>", alert, StringComparison.Ordinal);
        var ended = grouped.Replace("<alert>", alert[..^1] + ",\"resolved\":true}", StringComparison.Ordinal);
        string[] events =
        [
            """{"@timestamp":"2026-01-31T11:59:00Z","instance":"am-0","data":{"alertmanagerStartupEvent":{"version":"0.33.1"}}}""",
            """{"@timestamp":"2026-01-31T12:00:01Z", "instance":"am-0", "data":{"alertCreated":{"alert":ALERT}}}""",
            """{"@timestamp":"2026-01-31T12:00:02Z","data":{"alertGrouped":{"alert":MEMBER,"groupInfo":{"receiverName":"oncall"}}}}""",
            """{"@timestamp":"2026-01-31T12:00:31Z","data":{"notification":{"alerts":[MEMBER],"groupInfo":{"receiverName":"oncall"},"reason":"NOTIFY_REASON_FIRST_NOTIFICATION"}}}""",
            """{"@timestamp":"2026-01-31T12:09:30Z","data":{"alertResolved":{"alert":ENDED}}}""",
        ];
        var file = string.Join('\n', events).Replace("ALERT", alert, StringComparison.Ordinal).Replace("MEMBER", member, StringComparison.Ordinal).Replace("ENDED", ended, StringComparison.Ordinal);
        Assert.Equal(
            [
                """00:01 alertmanager {"alerts":[{"status":"firing","labels":{"alertname":"Down","instance":"db-1"},"annotations":{},"startsAt":"2026-01-31T12:00:00Z"}]}""",
                """00:31 alertmanager {"alerts":[{"status":"firing","labels":{"alertname":"Down","instance":"db-1"},"annotations":{},"startsAt":"2026-01-31T12:00:00Z"}]}""",
                """09:30 alertmanager {"alerts":[{"status":"resolved","labels":{"alertname":"Down","instance":"db-1"},"annotations":{},"startsAt":"2026-01-31T12:00:00Z","endsAt":"2026-01-31T12:09:00Z"}]}""",
            ],
            Imports.Bodies("alertmanager-events", file));
        var told = new List<string>();
        Imports.Lines("alertmanager-events", new(Tell: told.Add), Encoding.UTF8.GetBytes(file));
        Assert.Equal(["Alertmanager sent 1 notification"], told);
        Assert.Equal(["opened", "repeat", "resolved"], (await Imports.ReplayAsync("alertmanager-events", file)).Dispositions);
    }

    [Fact]
    public async Task A_recorded_silence_silences()
    {
        const string Events = """
            {"@timestamp":"2026-01-31T12:00:00Z","data":{"silenceCreated":{"silence":{"id":"s1","matchers":[{"type":"TYPE_REGEXP","name":"instance","pattern":"db-.*"}],"startsAt":"2026-01-31T12:00:00Z","endsAt":"2026-01-31T14:00:00Z","createdBy":"ann","comment":"work"}}}}
            {"@timestamp":"2026-01-31T12:00:10Z","data":{"alertCreated":{"alert":{"labels":{"alertname":"Down","instance":"db-1"},"startsAt":"2026-01-31T12:00:09Z"}}}}
            """;
        var replayed = await Imports.ReplayAsync("alertmanager-events", Events);
        Assert.Equal(["silenced"], replayed.Dispositions);
        Assert.Equal(0, replayed.Result.Summary.Pages);
    }

    [Fact]
    public void A_bad_recorded_event_is_named_by_line_and_field() =>
        Assert.Equal(
            ["file1:1: @timestamp", "file1:2: data", "file1:3: data.alertCreated.alert.labels", "file1:4: data.silenceUpdated.silence.matchers"],
            Imports.Unread("alertmanager-events", """
                {"data":{"alertCreated":{}}}
                {"@timestamp":"2026-01-31T12:00:00Z","data":{}}
                {"@timestamp":"2026-01-31T12:00:00Z","data":{"alertCreated":{"alert":{}}}}
                {"@timestamp":"2026-01-31T12:00:00Z","data":{"silenceUpdated":{"silence":{"id":"s","startsAt":"2026-01-31T12:00:00Z","endsAt":"2026-01-31T12:00:00Z","matchers":[{"type":"TYPE_REGEXP","name":"a","pattern":"("}]}}}}
                """).Select(u => string.Join(':', u.Split(':')[..3])));
}
