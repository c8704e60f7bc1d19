using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Replaying;

namespace Pipeline.Importing;

/// <summary>Any table with a row an alert: its columns are mapped with <c>--map</c>, else guessed by their names and said.</summary>
/// <example><code>
/// Start,Check,Host,Level,Output
/// 2026-01-31 12:00:00,Disk,db-1,critical,92 % of / used
/// </code>with <c>--map time=Start,alertname=Check,host=Host,severity=Level,summary=Output</c>. A row with an <c>end</c> is over at that time.</example>
internal sealed partial class CsvTable : IImporter
{
    private static readonly HashSet<string> Over = new(
        ["resolved", "ok", "up", "closed", "recovered", "recovery", "normal", "clear", "cleared", "inactive", "green", "healthy", "success", "done"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Spellings of what we look for, most telling first. Only where nobody said: a guess is told.</summary>
    private static readonly (string Name, string[] Spellings)[] Guesses =
    [
        ("time", ["time", "timestamp", "datetime", "date", "received_at", "start", "started_at", "start_time", "starts_at", "begin", "created", "created_at", "created_on", "opened", "occurred_at", "first_seen"]),
        ("end", ["end", "ended_at", "end_time", "ends_at", "resolved_at", "resolved_on", "closed", "closed_at", "recovered_at"]),
        ("alertname", ["alertname", "alert", "alert_name", "check", "check_name", "rule", "trigger", "problem", "monitor", "name", "title", "event"]),
        ("host", ["host", "hostname", "host_name", "device", "server", "machine", "ci"]),
        ("instance", ["instance"]),
        ("service", ["service", "service_name", "application", "app", "component"]),
        ("severity", ["severity", "level", "priority", "urgency", "criticality"]),
        ("status", ["status", "state", "event_type"]),
        ("summary", ["summary", "description", "message", "output", "details", "text"]),
        ("value", ["value", "current_value", "metric_value"]),
        ("url", ["url", "link", "html_url"]),
    ];

    public string Name => "csv";

    public string Reads => "a table with a row an alert; --map says which column is what";

    public IEnumerable<Imported> Read(Stream content, ImportOptions options)
    {
        using var table = new CsvRows(content);
        if (table.Columns.Length == 0) yield break;
        var map = options.Map ?? Guess(table, options.Tell);
        var places = map.Columns.ToDictionary(c => c.Name, c => c.Column is null ? -1 : Place(table, c));
        foreach (var row in table.Rows())
            foreach (var one in Read(row, map, places)) yield return one;
    }

    private static IEnumerable<Imported> Read(CsvRow row, ColumnMap map, Dictionary<string, int> places)
    {
        if (row.Problem is { } problem)
        {
            yield return new Imported.Unread(row.Line, "", problem);
            yield break;
        }
        if (Time(row, map["time"]!, places, out var at) is { } noTime)
        {
            yield return noTime;
            yield break;
        }
        var status = Cell(row, map, places, "status");
        var over = status is not null && Over.Contains(status);
        yield return new Imported.Delivery(row.Line, at, "generic", Body(row, map, places, over));
        if (over || Cell(row, map, places, "end") is null) yield break;
        if (Time(row, map["end"]!, places, out var end) is { } noEnd) yield return noEnd;
        // An end before the beginning is no end.
        else if (end >= at) yield return new Imported.Delivery(row.Line, end, "generic", Body(row, map, places, resolved: true));
    }

    private static byte[] Body(CsvRow row, ColumnMap map, Dictionary<string, int> places, bool resolved) => ImportJson.Body(json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("labels");
        foreach (var label in map.Labels) json.Optional(label.Name, label.Text ?? row.Cells[places[label.Name]].Trim());
        json.WriteEndObject();
        json.WriteString("status", resolved ? "resolved" : "firing");
        json.Optional("severity", Cell(row, map, places, "severity"));
        json.Optional("summary", Cell(row, map, places, "summary"));
        if (Cell(row, map, places, "value") is { } value && Number().Match(value) is { Success: true } number) json.WriteNumber("value", double.Parse(number.ValueSpan, CultureInfo.InvariantCulture));
        json.Optional("url", Cell(row, map, places, "url"));
        json.WriteEndObject();
    });

    private static Imported.Unread? Time(CsvRow row, MappedColumn column, Dictionary<string, int> places, out DateTimeOffset time)
    {
        var text = column.Column is null ? column.Text! : row.Cells[places[column.Name]];
        if (column.Format is { } format ? ImportTimes.TryRead(text, format, out time) : ImportTimes.TryRead(text, out time)) return null;
        var hint = column.Format is null ? $"say how it is written: --map \"{column.Name}={column.Column}@dd/MM/yyyy HH:mm:ss\"" : $"it is not written as {column.Format}";
        return new(row.Line, column.Column ?? column.Name, text.Trim().Length == 0 ? "is empty; it is the time" : $"\"{text}\" is not a time that can be read in one way; {hint}");
    }

    private static string? Cell(CsvRow row, ColumnMap map, Dictionary<string, int> places, string name)
    {
        if (map[name] is not { } column) return null;
        var text = column.Text ?? row.Cells[places[name]].Trim();
        return text.Length == 0 ? null : text;
    }

    private static int Place(CsvRows table, MappedColumn column)
    {
        var exact = Array.IndexOf(table.Columns, column.Column);
        if (exact >= 0) return exact;
        return table.Find(column.Column!) is >= 0 and var near ? near
            : throw new ReplayInputException($"--map {column.Name}={column.Column}: there is no such column; there are {string.Join(", ", table.Columns)}");
    }

    private static ColumnMap Guess(CsvRows table, Action<string>? tell)
    {
        var columns = new List<MappedColumn>();
        foreach (var (name, spellings) in Guesses)
            if (table.Find(spellings) is >= 0 and var place && !columns.Exists(c => c.Column == table.Columns[place])) columns.Add(new(name, table.Columns[place]));
        var map = new ColumnMap(columns);
        if (map["time"] is null || !map.Labels.Any())
            throw new ReplayInputException($"say which column is what, such as --map {ColumnMap.Example}; there are {string.Join(", ", table.Columns)}");
        tell?.Invoke($"no --map: taken as --map \"{map}\"");
        return map;
    }

    [GeneratedRegex(@"-?[0-9]+(?:\.[0-9]+)?", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
