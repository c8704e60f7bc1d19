using System.Globalization;
using Pipeline.Replaying;

namespace Pipeline.Importing;

/// <summary>The incidents that PagerDuty's reports give as CSV. Their columns have had several names; they are known whatever their case and separators.</summary>
/// <example><code>
/// id,incident_number,description,service_id,service_name,created_on,resolved_on,seconds_to_first_ack,seconds_to_resolve,urgency
/// P1,12,disk full on db-1,S1,shop,2026-01-31T12:00:00Z,2026-01-31T12:30:00Z,120,1800,high
/// </code></example>
internal static class PagerDutyCsv
{
    public static IEnumerable<Imported> Read(Stream content)
    {
        using var table = new CsvRows(content);
        var created = table.Find("created_on", "created_at", "created", "incident_created_at", "triggered_at", "start");
        var title = table.Find("description", "title", "incident_description", "incident_title", "summary");
        if (created < 0 || title < 0)
        {
            throw new ReplayInputException(
                $"this is no export of PagerDuty's incidents: it has no column {(created < 0 ? "created_on" : "description")}, only {string.Join(", ", table.Columns.Take(30))}; " +
                "for any other table use --format csv");
        }
        var unread = new List<Imported>();
        var steps = new List<PagerDutyStep>();
        foreach (var row in table.Rows())
        {
            if (row.Problem is { } problem) unread.Add(new Imported.Unread(row.Line, "", problem));
            else if (ImportTimes.TryRead(row.Cells[created], out var at)) steps.AddRange(Course(table, row, at, row.Cells[title]));
            else unread.Add(new Imported.Unread(row.Line, table.Columns[created], $"\"{row.Cells[created]}\" is not a time; PagerDuty writes 2026-01-31T12:00:00Z"));
        }
        return [.. unread, .. PagerDutyEvents.Of(steps)];
    }

    private static IEnumerable<PagerDutyStep> Course(CsvRows table, CsvRow row, DateTimeOffset created, string title)
    {
        string? Cell(params ReadOnlySpan<string> names) => table.Find(names) is >= 0 and var i && row.Cells[i].Length > 0 ? row.Cells[i] : null;
        var id = Cell("id", "incident_id", "incident_number", "number") ?? row.Line.ToString(CultureInfo.InvariantCulture);
        yield return new(row.Line, created, "trigger", id, Cell("incident_key", "dedup_key", "alert_key"))
        {
            Title = title.Length > 0 ? title : $"incident {id}",
            Service = Cell("service_name", "service"),
            Severity = PagerDutyStep.SeverityOf(Cell("priority_name", "priority"), Cell("urgency")),
            Url = Cell("html_url", "url"),
        };
        if (After(created, Cell("acknowledged_on", "acknowledged_at", "first_acknowledged_at"), Cell("seconds_to_first_ack", "time_to_first_ack_seconds")) is { } taken)
            yield return new(row.Line, taken, "acknowledge", id);
        if (After(created, Cell("resolved_on", "resolved_at", "resolved"), Cell("seconds_to_resolve", "time_to_resolve_seconds")) is { } ended)
            yield return new(row.Line, ended, "resolve", id);
    }

    /// <summary>A time that is written, or so many seconds after the beginning; 0 is "never".</summary>
    private static DateTimeOffset? After(DateTimeOffset created, string? time, string? seconds)
    {
        if (time is not null && ImportTimes.TryRead(time, out var read)) return read;
        return double.TryParse(seconds, NumberStyles.Float, CultureInfo.InvariantCulture, out var later) && later is > 0 and < 1e9 ? created.AddSeconds(later) : null;
    }
}
