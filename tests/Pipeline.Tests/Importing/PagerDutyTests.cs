using Pipeline.Importing;
using Pipeline.Replaying;
using Xunit;

namespace Pipeline.Tests.Importing;

public sealed class PagerDutyTests
{
    private const string Entries = """
        {
          "log_entries": [
            {"id": "R4", "type": "resolve_log_entry", "created_at": "2026-01-31T12:30:00Z", "incident": {"id": "P1", "summary": "[#12] disk full on db-1"}},
            {"id": "R3", "type": "notify_log_entry", "created_at": "2026-01-31T12:01:00Z", "incident": {"id": "P1"}},
            {"id": "R2", "type": "acknowledge_log_entry", "created_at": "2026-01-31T12:02:00Z", "incident": {"id": "P1"}},
            {"id": "R1", "type": "trigger_log_entry", "created_at": "2026-01-31T12:00:00Z", "service": {"id": "S1", "summary": "shop"},
             "incident": {"id": "P1", "summary": "[#12] disk full on db-1", "html_url": "https://pd.example/P1"},
             "channel": {"type": "api", "cef_details": {"dedup_key": "db-1/disk", "severity": "error", "source_origin": "db-1", "event_class": "disk", "description": "disk full on db-1"}}}
          ], "limit": 100, "offset": 0, "more": false
        }
        """;

    [Fact]
    public async Task Log_entries_become_the_events_that_they_came_from_oldest_first()
    {
        Assert.Equal(
            [
                """00:00 pagerduty {"event_action":"trigger","dedup_key":"db-1/disk","client_url":"https://pd.example/P1","payload":{"summary":"disk full on db-1","severity":"error","source":"db-1","component":"shop","class":"disk","timestamp":"2026-01-31T12:00:00+00:00"}}""",
                """02:00 pagerduty {"event_action":"acknowledge","dedup_key":"db-1/disk"}""",
                """30:00 pagerduty {"event_action":"resolve","dedup_key":"db-1/disk"}""",
            ],
            Imports.Bodies("pagerduty", Entries));
        Assert.Equal(["file1:6", "file1:5", "file1:3"], Imports.Lines("pagerduty", Entries).Select(l => l.GetProperty("origin").GetString()));
        var told = new List<string>();
        Imports.Lines("pagerduty", new(Tell: told.Add), System.Text.Encoding.UTF8.GetBytes(Entries));
        Assert.Equal(["PagerDuty notified somebody 1 time"], told);
        var replayed = await Imports.ReplayAsync("pagerduty", Entries);
        Assert.Equal("opened", replayed.Dispositions[0]);
        Assert.Equal("resolved", replayed.Dispositions[^1]);
        Assert.Equal(0, replayed.Result.Rejected);
    }

    [Fact]
    public void Incidents_tell_their_course_by_themselves()
    {
        const string Incidents = """
            {"incidents":[{"id":"P2","incident_number":13,"title":"http slow","urgency":"low","status":"triggered","created_at":"2026-01-31T12:10:00Z","service":{"summary":"shop"}},
             {"id":"P1","incident_number":12,"title":"disk full","incident_key":"db-1/disk","urgency":"high","priority":{"summary":"P2"},"status":"resolved","created_at":"2026-01-31T12:00:00Z",
              "acknowledgements":[{"at":"2026-01-31T12:03:00Z"}],"last_status_change_at":"2026-01-31T12:30:00Z","service":{"summary":"db"}}]}
            """;
        Assert.Equal(
            [
                """00:00 pagerduty {"event_action":"trigger","dedup_key":"db-1/disk","payload":{"summary":"disk full","severity":"P2","component":"db","timestamp":"2026-01-31T12:00:00+00:00"}}""",
                """03:00 pagerduty {"event_action":"acknowledge","dedup_key":"db-1/disk"}""",
                """10:00 pagerduty {"event_action":"trigger","dedup_key":"shop/http slow","payload":{"summary":"http slow","severity":"warning","component":"shop","timestamp":"2026-01-31T12:10:00+00:00"}}""",
                """30:00 pagerduty {"event_action":"resolve","dedup_key":"db-1/disk"}""",
            ],
            Imports.Bodies("pagerduty", Incidents));
        Assert.Equal(["file1:2", "file1:2", "file1:1", "file1:2"], Imports.Lines("pagerduty", Incidents).Select(l => l.GetProperty("origin").GetString()));
    }

    [Fact]
    public void Pages_one_after_another_and_fetched_twice_are_one_export()
    {
        const string Page = """{"incidents":[{"id":"P1","title":"a","created_at":"2026-01-31T12:00:00Z","status":"triggered"}],"more":true}""";
        const string Later = """{"incidents":[{"id":"P1","title":"a","created_at":"2026-01-31T12:00:00Z","status":"resolved","resolved_at":"2026-01-31T12:05:00Z"}],"more":false}""";
        Assert.Equal(["trigger", "resolve"], Actions(Page + "\n" + Page + Later));
    }

    [Fact]
    public void An_incident_says_what_its_log_entries_leave_out()
    {
        const string Both = """
            {"incidents":[{"id":"P1","title":"disk full","urgency":"high","created_at":"2026-01-31T12:00:00Z","status":"resolved","resolved_at":"2026-01-31T12:05:00Z","service":{"summary":"db"}}]}
            {"log_entries":[{"id":"R1","type":"trigger_log_entry","created_at":"2026-01-31T12:00:00Z","incident":{"id":"P1","type":"incident_reference"}},
                            {"id":"R2","type":"resolve_log_entry","created_at":"2026-01-31T12:04:00Z","incident":{"id":"P1"}}]}
            """;
        Assert.Equal(
            [
                """00:00 pagerduty {"event_action":"trigger","dedup_key":"db/disk full","payload":{"summary":"disk full","severity":"critical","component":"db","timestamp":"2026-01-31T12:00:00+00:00"}}""",
                """04:00 pagerduty {"event_action":"resolve","dedup_key":"db/disk full"}""",
            ],
            Imports.Bodies("pagerduty", Both));
    }

    [Fact]
    public void Two_incidents_under_one_key_end_with_the_second()
    {
        const string Two = """
            [{"id":"P1","title":"a","created_at":"2026-01-31T12:00:00Z","status":"resolved","resolved_at":"2026-01-31T12:05:00Z"},
             {"id":"P2","title":"a","created_at":"2026-01-31T12:01:00Z","status":"resolved","resolved_at":"2026-01-31T12:09:00Z"}]
            """;
        Assert.Equal(["00:00", "01:00", "09:00"], Imports.Bodies("pagerduty", Two).Select(b => b[..5]));
    }

    [Fact]
    public void The_incidents_report_is_read_as_well()
    {
        const string Report = """
            Id,Incident Number,Description,Service Name,Created On,Resolved On,Seconds To First Ack,Seconds To Resolve,Urgency
            P1,12,"disk full, on db-1",shop,2026-01-31T12:00:00Z,2026-01-31T12:30:00Z,120,1800,high
            P2,13,http slow,shop,2026-01-31T07:10:00-05:00,,0,0,low
            P3,14,cpu,shop,soon,,,,low
            """;
        Assert.Equal(
            [
                """00:00 pagerduty {"event_action":"trigger","dedup_key":"shop/disk full, on db-1","payload":{"summary":"disk full, on db-1","severity":"critical","component":"shop","timestamp":"2026-01-31T12:00:00+00:00"}}""",
                """02:00 pagerduty {"event_action":"acknowledge","dedup_key":"shop/disk full, on db-1"}""",
                """10:00 pagerduty {"event_action":"trigger","dedup_key":"shop/http slow","payload":{"summary":"http slow","severity":"warning","component":"shop","timestamp":"2026-01-31T12:10:00+00:00"}}""",
                """30:00 pagerduty {"event_action":"resolve","dedup_key":"shop/disk full, on db-1"}""",
            ],
            Imports.Bodies("pagerduty", Report));
        Assert.Equal(["file1:4: Created On: \"soon\" is not a time; PagerDuty writes 2026-01-31T12:00:00Z"], Imports.Unread("pagerduty", Report));
    }

    [Fact]
    public void Another_table_is_refused_with_the_way_to_read_it() =>
        Assert.Contains("--format csv", Assert.Throws<ReplayInputException>(() => Imports.Lines("pagerduty", "a,b\n1,2")).Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_neither_is_named_by_line_and_path() =>
        Assert.Equal(
            ["file1:1: incidents[0].created_at: is missing or no time", "file1:2: incidents[1]: is neither an incident nor a log entry of PagerDuty's REST API", "file1:3: log_entry.incident.id: is missing; ask for the log entries with their incidents"],
            Imports.Unread("pagerduty", """
                {"incidents":[{"id":"P1","created_at":"soon"},
                  {"name":"x"}]}
                {"log_entry":{"id":"R1","type":"trigger_log_entry","created_at":"2026-01-31T12:00:00Z"}}
                """).Order());

    private static IEnumerable<string> Actions(string text) =>
        Imports.Lines("pagerduty", text).Select(l => l.GetProperty("body").GetProperty("event_action").GetString()!);
}
