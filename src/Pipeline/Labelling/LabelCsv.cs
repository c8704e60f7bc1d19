using System.Globalization;
using Pipeline.Importing;
using Pipeline.Replaying;

namespace Pipeline.Labelling;

/// <summary>Labels as a table: a row a piece of news, or a set's own table.</summary>
/// <example><code>
/// name,from,to,host,alertname
/// db-1 ran out of memory,2026-01-31T12:04:00Z,2026-01-31T12:10:00Z,db-1,Memory*
/// </code>Besides <c>name</c>, <c>from</c>, <c>to</c>, <c>line</c> and <c>file</c> a column is a label; an empty cell asks for nothing.</example>
internal static class LabelCsv
{
    private static readonly string[] Own = ["name", "from", "to", "line", "file"];

    public static IReadOnlyList<News> Read(Stream content)
    {
        using var table = new CsvRows(content);
        if (table.Find("time_label") is >= 0 and var phase && table.Find("event_label") is >= 0 and var happened) return ByRow(table, "time", ("phase", phase), ("event", happened));
        if (table.Find("truth_fault_id") is >= 0 and var fault) return ByRow(table, "unix_ms", ("fault", fault));
        if (table.Find("fault_st_time") >= 0) return [.. Rows(table).Select(r => Fault(table, r))];
        if (table.Find("unix_time") >= 0 && table.Find("site") >= 0) return [.. Rows(table).Where(r => Down(table, r)).Select(r => Transition(table, r))];
        if (table.Find("name") >= 0 && (table.Find("from") >= 0 || table.Find("line") >= 0)) return [.. Rows(table).Select(r => One(table, r))];
        throw new ReplayInputException($"has no columns name and from; there are {string.Join(", ", table.Columns.Take(20))}");
    }

    private static News One(CsvRows table, CsvRow row)
    {
        var name = Cell(table, row, "name") ?? throw Wrong(row, "name", "is empty; it says what was news");
        var from = Maybe(table, row, "from");
        HashSet<long>? lines = null;
        if (Cell(table, row, "line") is { } line)
            lines = long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? [number] : throw Wrong(row, "line", $"\"{line}\" is no number of a line, which count from 1");
        if (from is null && lines is null) throw Wrong(row, "from", "is empty; it says when it began");
        var to = Maybe(table, row, "to") ?? (lines is null ? from + News.Within : null);
        if (to < from) throw Wrong(row, "to", "is before from");
        var match = new List<KeyValuePair<string, string>>();
        for (var i = 0; i < table.Columns.Length; i++)
            if (!Own.Contains(table.Columns[i], StringComparer.OrdinalIgnoreCase) && row.Cells[i].Length > 0) match.Add(new(table.Columns[i], row.Cells[i]));
        return new(name, from, to) { Match = match, Lines = lines, File = Cell(table, row, "file") is { } file ? LabelFile.Stem(file) : null };
    }

    /// <summary>ait-ads and rca: a label for each alert, whose line is its place in time; <c>false_positive</c> and <c>-</c> are no news.</summary>
    private static IReadOnlyList<News> ByRow(CsvRows table, string clock, params (string Kind, int Column)[] kinds)
    {
        var time = table.Find(clock);
        if (time < 0) throw new ReplayInputException($"has no column {clock}, which says in what order its rows are replayed");
        // A row without a time is replayed nowhere.
        var rows = Rows(table).Where(r => r.Cells[time].Length > 0).Select(r => (At: Time(table, r, time), r.Cells)).OrderBy(r => r.At).ToList();
        return
        [
            .. kinds.SelectMany(kind => rows.Select((r, i) => (r.At, Line: i + 1L, Label: r.Cells[kind.Column])).Where(r => r.Label is not ("" or "-" or "false_positive"))
                .GroupBy(r => r.Label).Select(g => new News($"{kind.Kind} {g.Key}", g.First().At, null) { Lines = g.Select(r => r.Line).ToHashSet() })),
        ];
    }

    /// <summary>rca: <c>fault_id,fault_level,fault_entity,fault_type,fault_st_time,fault_ed_time,...</c>.</summary>
    private static News Fault(CsvRows table, CsvRow row) =>
        new($"fault {Cell(table, row, "fault_id")}: {Cell(table, row, "fault_type")} of {Cell(table, row, "fault_entity")}",
            Time(table, row, table.Find("fault_st_time")), Maybe(table, row, "fault_ed_time"));

    /// <summary>upptime: <c>unix_time,site,from,to</c>; that a site is up again is no news to be named.</summary>
    private static News Transition(CsvRows table, CsvRow row)
    {
        var at = Time(table, row, table.Find("unix_time"));
        var site = Cell(table, row, "site") ?? throw Wrong(row, "site", "is empty");
        return new($"{site} {Cell(table, row, "to")}", at, at + News.Within) { Match = [new("site", site)] };
    }

    private static bool Down(CsvRows table, CsvRow row) => Cell(table, row, "to") is { } to && to != "up";

    private static IEnumerable<CsvRow> Rows(CsvRows table)
    {
        foreach (var row in table.Rows())
            yield return row.Problem is { } problem ? throw new ReplayInputException($"line {row.Line}: {problem}") : row;
    }

    private static string? Cell(CsvRows table, CsvRow row, string name) => table.Find(name) is >= 0 and var i && row.Cells[i].Length > 0 ? row.Cells[i] : null;

    private static DateTimeOffset? Maybe(CsvRows table, CsvRow row, string name) => Cell(table, row, name) is null ? null : Time(table, row, table.Find(name));

    private static DateTimeOffset Time(CsvRows table, CsvRow row, int column) =>
        ImportTimes.TryRead(row.Cells[column], out var time) ? time : throw Wrong(row, table.Columns[column], $"\"{row.Cells[column]}\" is not a time; write 2026-01-31T12:00:00Z");

    private static ReplayInputException Wrong(CsvRow row, string column, string problem) => new($"line {row.Line}: {column}: {problem}");
}
