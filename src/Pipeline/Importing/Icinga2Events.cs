using System.Text.Json;

namespace Pipeline.Importing;

/// <summary>Icinga 2's event stream as it was kept, an event a line: <c>{"type":"StateChange","timestamp":1769860800.25,"host":"db-1",...}</c>.</summary>
internal sealed class Icinga2Events : IImporter
{
    public string Name => "icinga2";

    public string Reads => "Icinga 2's event stream, an event a line";

    public IEnumerable<Imported> Read(Stream content, ImportOptions options) => JsonValues.Of(content).Select(Read);

    private static Imported Read(JsonValue value)
    {
        if (value.Problem is { } problem) return new Imported.Unread(value.Line, "", problem);
        try
        {
            using var json = JsonDocument.Parse(value.Json);
            if (json.RootElement.Member("type").ValueKind == JsonValueKind.Undefined)
                return new Imported.Unread(value.Line, "type", "is missing; an event of Icinga 2 has a type, such as StateChange");
            return ImportTimes.TryRead(json.RootElement.Member("timestamp"), out var at)
                ? new Imported.Delivery(value.Line, at, "icinga2", ImportJson.OneLine(json.RootElement))
                : new Imported.Unread(value.Line, "timestamp", "is missing or no time; Icinga 2 writes seconds since 1970");
        }
        catch (Exception e) when (ImportJson.IsFlaw(e))
        {
            return new Imported.Unread(value.Line, "", ImportJson.Problem(e));
        }
    }
}
