using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace Pipeline.Importing;

/// <summary>One row of a table with a header.</summary>
/// <param name="Line">Where it begins in the file, from 1.</param>
/// <param name="Problem">What is wrong with the row as a whole; null where it has every column.</param>
internal readonly record struct CsvRow(long Line, string[] Cells, string? Problem);

/// <summary>Reads CSV, whatever separates its columns: a comma, a semicolon, a tabulator or a bar.</summary>
internal sealed class CsvRows : IDisposable
{
    private static readonly string[] Separators = [",", ";", "\t", "|"];

    private readonly CsvParser parser;

    public CsvRows(Stream content)
    {
        var text = new StreamReader(content, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: true, 64 * 1024);
        var config = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            DetectDelimiter = true,
            GetDelimiter = args => Separator(args.Text),
            // A cell with a quote in its middle is taken as it is: other programs write what they like.
            BadDataFound = null,
            IgnoreBlankLines = true,
            // An unclosed quote would swallow the rest of the file.
            MaxFieldSize = 1024 * 1024,
        };
        parser = new(text, config);
        Columns = parser.Read() ? [.. (parser.Record ?? []).Select(c => c.Trim())] : [];
    }

    /// <summary>The header; empty where there is none.</summary>
    public string[] Columns { get; }

    public IEnumerable<CsvRow> Rows()
    {
        while (true)
        {
            var line = parser.RawRow + 1L;
            CsvRow row;
            try
            {
                if (!parser.Read()) yield break;
                var cells = parser.Record ?? [];
                row = new(line, cells, cells.Length == Columns.Length ? null : $"has {cells.Length} columns, and the header {Columns.Length}");
            }
            catch (MaxFieldSizeException)
            {
                row = new(line, [], "has a cell of over 1 MiB: a quote that is not closed");
            }
            yield return row;
            if (row.Cells.Length == 0) yield break;
        }
    }

    /// <summary>The place of a column by any of these spellings; -1 where there is none. Case, blanks and signs do not matter.</summary>
    public int Find(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            for (var i = 0; i < Columns.Length; i++)
                if (Plain(Columns[i]) == Plain(name)) return i;
        return -1;
    }

    public void Dispose() => parser.Dispose();

    /// <summary>The one that the header has most of: further down texts may hold any of them.</summary>
    private static string Separator(string text)
    {
        var end = text.IndexOfAny(['\r', '\n']);
        var header = end < 0 ? text : text[..end];
        return Separators.MaxBy(s => header.Count(c => c == s[0]))!;
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
}
