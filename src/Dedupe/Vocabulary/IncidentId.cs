using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dedupe.Vocabulary;

/// <summary>An incident's id: <c>inc_</c> and 12 hexadecimal digits, a hash of scope, opening input and position in it.</summary>
[JsonConverter(typeof(IncidentIdJson))]
public readonly record struct IncidentId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>A string. Public so that other projects' generated JSON can use it.</summary>
public sealed class IncidentIdJson : JsonConverter<IncidentId>
{
    public override IncidentId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString() ?? throw new JsonException("an incident id is a string"));

    public override void Write(Utf8JsonWriter writer, IncidentId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);

    public override IncidentId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, IncidentId value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value.Value);
}
