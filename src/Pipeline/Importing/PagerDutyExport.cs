namespace Pipeline.Importing;

/// <summary>What PagerDuty gives out of its past: the REST API's incidents or log entries as JSON, or the reports' incidents as CSV.</summary>
/// <remarks>Each becomes the events of its Events API that would have brought it about: trigger, acknowledge, resolve.</remarks>
internal sealed class PagerDutyExport : IImporter
{
    public string Name => "pagerduty";

    public string Reads => "PagerDuty's incidents or log entries (JSON), or its incidents report (CSV)";

    public IEnumerable<Imported> Read(Stream content, ImportOptions options)
    {
        var text = new BufferedStream(content, 64 * 1024);
        var first = FirstByte(text, out var start);
        if (first < 0) return [];
        var all = new Rewound(start, text);
        return first is '{' or '[' ? PagerDutyJson.Read(all, options.Tell) : PagerDutyCsv.Read(all);
    }

    private static int FirstByte(Stream stream, out byte[] start)
    {
        var seen = new List<byte>();
        for (int c; (c = stream.ReadByte()) >= 0;)
        {
            seen.Add((byte)c);
            // Blanks and a byte order mark.
            if (c is > ' ' and not (0xEF or 0xBB or 0xBF))
            {
                start = [.. seen];
                return c;
            }
        }
        start = [.. seen];
        return -1;
    }
}
