using System.Text.Json;

namespace Pipeline.Importing;

/// <summary>Pages of PagerDuty's REST API, one or one after another: <c>GET /log_entries?include[]=channels&amp;include[]=incidents</c>, or <c>GET /incidents</c>.</summary>
/// <example><code>
/// {"log_entries":[{"id":"R1","type":"trigger_log_entry","created_at":"2026-01-31T12:00:00Z","incident":{"id":"P1","summary":"[#12] disk full"},
///   "service":{"summary":"shop"},"channel":{"type":"api","cef_details":{"dedup_key":"db-1/disk","severity":"critical","description":"disk full"}}},
///  {"id":"R2","type":"resolve_log_entry","created_at":"2026-01-31T12:30:00Z","incident":{"id":"P1"}}],"more":false}
/// {"incidents":[{"id":"P1","incident_number":12,"title":"disk full","incident_key":"db-1/disk","urgency":"high","status":"resolved",
///   "created_at":"2026-01-31T12:00:00Z","resolved_at":"2026-01-31T12:30:00Z","service":{"summary":"shop"},"acknowledgements":[{"at":"..."}]}]}
/// </code>Where both are there, an incident's log entries tell its course, and the incident what they leave out. Notifications, notes and escalations are no events of ours.</example>
internal sealed class PagerDutyJson
{
    private readonly Dictionary<string, (long Line, string Path, JsonElement Json)> incidents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Line, string Path, JsonElement Json)> entries = new(StringComparer.Ordinal);
    private readonly List<Imported> unread = [];

    /// <param name="tell">Told how often PagerDuty notified somebody, where the log entries say so: what a replay's pages are to be compared with.</param>
    public static IEnumerable<Imported> Read(Stream content, Action<string>? tell)
    {
        var export = new PagerDutyJson();
        foreach (var value in JsonValues.Of(content)) export.Take(value);
        var steps = export.Steps();
        var notified = export.entries.Values.Count(e => e.Json.Text("type") == "notify_log_entry");
        if (notified > 0) tell?.Invoke($"PagerDuty notified somebody {notified} time{(notified == 1 ? "" : "s")}");
        return [.. export.unread, .. PagerDutyEvents.Of(steps)];
    }

    private void Take(JsonValue value)
    {
        if (value.Problem is { } problem)
        {
            unread.Add(new Imported.Unread(value.Line, "", problem));
            return;
        }
        try
        {
            var root = JsonElement.Parse(value.Json.Span);
            if (root.ValueKind == JsonValueKind.Array) Take(value, root, "");
            else if (root.Member("log_entries") is { ValueKind: JsonValueKind.Array } some) Take(value, some, "log_entries");
            else if (root.Member("incidents") is { ValueKind: JsonValueKind.Array } others) Take(value, others, "incidents");
            else if (root.Member("log_entry") is { ValueKind: JsonValueKind.Object } entry) Take(value.Line, "log_entry", entry);
            else if (root.Member("incident") is { ValueKind: JsonValueKind.Object } incident && root.Text("type") is null) Take(value.Line, "incident", incident);
            else Take(value.Line, "", root);
        }
        catch (Exception e) when (ImportJson.IsFlaw(e))
        {
            unread.Add(new Imported.Unread(value.Line, "", ImportJson.Problem(e)));
        }
    }

    private void Take(JsonValue page, JsonElement array, string name)
    {
        var lines = Lines(page, name);
        var index = 0;
        foreach (var one in array.EnumerateArray()) Take(lines[index], $"{name}[{index++}]", one);
    }

    private void Take(long line, string path, JsonElement one)
    {
        // Of a page that was fetched twice, or of a later state of the same incident, the last one counts.
        if (one.Text("type")?.EndsWith("log_entry", StringComparison.Ordinal) == true) entries[one.Text("id") ?? $"{line} {path}"] = (line, path, one);
        else if (one.Text("id") is { } id && one.Member("created_at").ValueKind != JsonValueKind.Undefined) incidents[id] = (line, path, one);
        else unread.Add(new Imported.Unread(line, path, "is neither an incident nor a log entry of PagerDuty's REST API"));
    }

    private List<PagerDutyStep> Steps()
    {
        var steps = new List<PagerDutyStep>();
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (line, path, entry) in entries.Values)
        {
            if (Step(line, path, entry) is not { } step) continue;
            steps.Add(step);
            if (step.Action == "trigger") told.Add(step.Incident);
        }
        // An incident without its own log entries says itself when what happened.
        foreach (var (id, (line, path, incident)) in incidents)
            if (!told.Contains(id)) steps.AddRange(Course(line, path, incident));
        return steps;
    }

    private PagerDutyStep? Step(long line, string path, JsonElement entry)
    {
        var action = entry.Text("type") switch { "trigger_log_entry" => "trigger", "acknowledge_log_entry" => "acknowledge", "resolve_log_entry" => "resolve", _ => null };
        if (action is null) return null;
        if (Time(line, $"{path}.created_at", entry.Member("created_at")) is not { } at) return null;
        var reference = entry.Member("incident");
        if (reference.Text("id") is not { } id)
        {
            unread.Add(new Imported.Unread(line, $"{path}.incident.id", "is missing; ask for the log entries with their incidents"));
            return null;
        }
        if (action != "trigger") return new(line, at, action, id);
        var incident = reference.Text("title") is not null ? reference : incidents.TryGetValue(id, out var known) ? known.Json : reference;
        var channel = entry.Member("channel");
        var cef = channel.Member("cef_details");
        var title = cef.Text("description") ?? channel.Text("description") ?? channel.Text("subject") ?? entry.Member("event_details").Text("description") ?? TitleOf(incident);
        return new(line, at, action, id, cef.Text("dedup_key") ?? channel.Text("incident_key") ?? incident.Text("incident_key"))
        {
            Title = title ?? $"incident {id}",
            Service = entry.Member("service").Text("summary") ?? incident.Member("service").Text("summary"),
            Severity = cef.Text("severity") ?? PagerDutyStep.SeverityOf(incident.Member("priority").Text("summary"), incident.Text("urgency")),
            Host = cef.Text("source_origin"),
            Class = cef.Text("event_class"),
            Group = cef.Text("service_group"),
            Url = incident.Text("html_url"),
        };
    }

    private IEnumerable<PagerDutyStep> Course(long line, string path, JsonElement incident)
    {
        if (Time(line, $"{path}.created_at", incident.Member("created_at")) is not { } created) yield break;
        var id = incident.Text("id")!;
        yield return new(line, created, "trigger", id, incident.Text("incident_key"))
        {
            Title = TitleOf(incident) ?? $"incident {id}",
            Service = incident.Member("service").Text("summary"),
            Severity = PagerDutyStep.SeverityOf(incident.Member("priority").Text("summary"), incident.Text("urgency")),
            Url = incident.Text("html_url"),
        };
        if (incident.Member("acknowledgements") is { ValueKind: JsonValueKind.Array } taken)
            foreach (var one in taken.EnumerateArray())
                if (ImportTimes.TryRead(one.Member("at"), out var at)) yield return new(line, at, "acknowledge", id);
        // resolved_at is of 2021; before it only the last change of state says when.
        if (incident.Text("status") is "resolved" && (ImportTimes.TryRead(incident.Member("resolved_at"), out var ended) || ImportTimes.TryRead(incident.Member("last_status_change_at"), out ended)))
            yield return new(line, ended, "resolve", id);
    }

    private DateTimeOffset? Time(long line, string path, JsonElement value)
    {
        if (ImportTimes.TryRead(value, out var time)) return time;
        unread.Add(new Imported.Unread(line, path, "is missing or no time"));
        return null;
    }

    /// <summary>The title; a summary is the same behind the incident's number.</summary>
    private static string? TitleOf(JsonElement incident)
    {
        if ((incident.Text("title") ?? incident.Text("description")) is { } title) return title;
        if (incident.Text("summary") is not { } summary) return null;
        var end = summary.StartsWith("[#", StringComparison.Ordinal) ? summary.IndexOf("] ", StringComparison.Ordinal) : -1;
        return end < 0 ? summary : summary[(end + 2)..];
    }

    /// <summary>The line of each item of an array, which the parsed document no longer knows.</summary>
    /// <param name="name">The member that holds it; empty where the value is the array.</param>
    private static List<long> Lines(JsonValue page, string name)
    {
        var lines = new List<long>();
        var reader = new Utf8JsonReader(page.Json.Span);
        var (line, counted, inside) = (page.Line, 0, name.Length == 0);
        var depth = inside ? 0 : 1;
        while (reader.Read())
        {
            if (!inside && reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName) inside = reader.ValueTextEquals(name);
            else if (inside && reader.CurrentDepth == depth && reader.TokenType == JsonTokenType.EndArray) return lines;
            else if (inside && reader.CurrentDepth == depth + 1)
            {
                line += page.Json.Span[counted..(int)reader.TokenStartIndex].Count((byte)'\n');
                counted = (int)reader.TokenStartIndex;
                lines.Add(line);
                reader.Skip();
            }
        }
        return lines;
    }
}
