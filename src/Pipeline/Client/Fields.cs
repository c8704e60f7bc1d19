using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Replaying;

namespace Pipeline.Client;

/// <summary>Reads answers by name, so that a server of another release is still readable: what is absent is blank.</summary>
internal static class Fields
{
    public static string? Text(this JsonElement of, string name) => of.Member(name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } other => other.GetRawText(),
        _ => null,
    };

    public static JsonElement Member(this JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var member) ? member : default;

    public static IEnumerable<JsonElement> Items(this JsonElement of, string name) =>
        of.Member(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    public static long Number(this JsonElement of, string name) =>
        of.Member(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) ? value : 0;

    /// <summary>Day and time of day in UTC, as the log has it.</summary>
    public static string Time(this JsonElement of, string name, string format = "MM-dd HH:mm:ss") =>
        of.At(name) is { } at ? at.UtcDateTime.ToString(format, CultureInfo.InvariantCulture) : "";

    public static DateTimeOffset? At(this JsonElement of, string name) =>
        of.Text(name) is { } text && Rfc3339.TryRead(text, out var at) ? at : null;

    /// <summary>The alert's name first, then the labels that tell it from others of that name.</summary>
    public static string Labels(this JsonElement of, string name)
    {
        var labels = of.Member(name);
        if (labels.ValueKind != JsonValueKind.Object) return "";
        var others = labels.EnumerateObject().Where(l => l.Name != "alertname").Select(l => $"{l.Name}={l.Value}");
        return string.Join(' ', others.Prepend(labels.Text("alertname") ?? "").Where(t => t.Length > 0));
    }
}

[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ClientJson : JsonSerializerContext;
