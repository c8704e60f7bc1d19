using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pipeline.Importing;

/// <summary>Reading and writing the JSON of importers.</summary>
internal static class ImportJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A body of one line.</summary>
    public static byte[] Body(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(bytes, Options)) write(writer);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>The value as it is, on one line.</summary>
    public static byte[] OneLine(JsonElement value) => Body(value.WriteTo);

    /// <summary>True for what reading JSON throws: it is none, or a text in it is not UTF-8.</summary>
    public static bool IsFlaw(Exception e) => e is JsonException or InvalidOperationException;

    /// <summary>What is wrong with the JSON, without the reader's place in it: the line is named.</summary>
    public static string Problem(Exception e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return $"is not JSON: {(end < 0 ? e.Message : e.Message[..end])}";
    }

    /// <summary>The member of this name; undefined where there is none, or where this is no object.</summary>
    public static JsonElement Member(this JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var member) ? member : default;

    /// <summary>Text that is not empty; null for everything else, what is not UTF-8 included.</summary>
    public static string? Text(this JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public static string? Text(this JsonElement of, string name) => of.Member(name).Text();

    public static void Optional(this Utf8JsonWriter json, string name, string? text)
    {
        if (!string.IsNullOrEmpty(text)) json.WriteString(name, text);
    }
}
