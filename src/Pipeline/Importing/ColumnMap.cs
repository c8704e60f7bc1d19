namespace Pipeline.Importing;

/// <summary>Which column of a table is what: <c>time=Start,alertname=Check,host=Host,severity=Level</c>.</summary>
/// <remarks>
/// The names on the left are <c>time</c>, <c>end</c>, <c>status</c>, <c>severity</c>, <c>summary</c>, <c>value</c>, <c>url</c>, and any other is a label.
/// <c>label:text</c> is the same text in every row. A time's own shape stands behind an @: <c>time=Start@dd/MM/yyyy HH:mm</c>.
/// </remarks>
internal sealed record ColumnMap(IReadOnlyList<MappedColumn> Columns)
{
    public const string Example = "time=Start,alertname=Check,host=Host,severity=Level";

    public static readonly IReadOnlyList<string> Fields = ["time", "end", "status", "severity", "summary", "value", "url"];

    public MappedColumn? this[string name] => Columns.FirstOrDefault(c => c.Name == name);

    public IEnumerable<MappedColumn> Labels => Columns.Where(c => !Fields.Contains(c.Name));

    /// <summary>Null where the text is no map; <paramref name="problem"/> then says why.</summary>
    public static ColumnMap? Parse(IEnumerable<string> texts, out string problem)
    {
        var columns = new List<MappedColumn>();
        problem = "";
        foreach (var part in texts.SelectMany(t => t.Split(',')).Select(p => p.Trim()).Where(p => p.Length > 0))
        {
            var at = part.IndexOfAny(['=', ':']);
            var name = at < 0 ? "" : part[..at].Trim();
            var value = at < 0 ? "" : part[(at + 1)..].Trim();
            if (name.Length == 0 || value.Length == 0) problem = $"\"{part}\" is no column; write {Example}";
            else if (columns.Exists(c => c.Name == name)) problem = $"{name} is given twice";
            else if (part[at] == ':') columns.Add(new(name, null, value));
            else if (name is "time" or "end" && value.IndexOf('@', StringComparison.Ordinal) is > 0 and var form) columns.Add(new(name, value[..form], null, value[(form + 1)..]));
            else columns.Add(new(name, value));
            if (problem.Length > 0) return null;
        }
        var map = new ColumnMap(columns);
        if (map["time"]?.Column is null) problem = $"it does not say which column is the time; write {Example}";
        else if (!map.Labels.Any()) problem = $"it names no label, which say what alerts; write {Example}";
        return problem.Length > 0 ? null : map;
    }

    public override string ToString() => string.Join(',', Columns.Select(c => c.Column is null ? $"{c.Name}:{c.Text}" : $"{c.Name}={c.Column}{(c.Format is null ? "" : "@" + c.Format)}"));
}

/// <summary>One field or label and where it comes from.</summary>
/// <param name="Column">The column's name; null where it is the same <paramref name="Text"/> in every row.</param>
/// <param name="Format">Of a time: its shape, as .NET writes it.</param>
internal sealed record MappedColumn(string Name, string? Column, string? Text = null, string? Format = null);
