using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dedupe.Vocabulary;

/// <summary>The stable hash of an identity's labels: 64-bit FNV-1a over the sorted names and values, each closed by 0xFF.</summary>
/// <remarks>Source: Prometheus' <c>model.LabelSet.Fingerprint</c>; an identity without volatile labels has the fingerprint Alertmanager shows.</remarks>
[JsonConverter(typeof(FingerprintJson))]
public readonly record struct Fingerprint(ulong Value) : IComparable<Fingerprint>
{
    private const ulong Offset = 14695981039346656037, Prime = 1099511628211;

    /// <summary>Hashes labels that are already sorted by name (ordinal).</summary>
    public static Fingerprint Of(LabelSet labels)
    {
        var hash = Offset;
        foreach (var (name, value) in labels)
        {
            Mix(ref hash, name);
            Mix(ref hash, value);
        }
        return new(hash);
    }

    /// <summary>Reads the 16 hexadecimal digits that <see cref="ToString"/> writes; false for anything else.</summary>
    public static bool TryParse(string? text, out Fingerprint fingerprint)
    {
        fingerprint = default;
        if (text is not { Length: 16 } || !ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)) return false;
        fingerprint = new(value);
        return true;
    }

    public int CompareTo(Fingerprint other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);

    private static void Mix(ref ulong hash, string text)
    {
        Span<byte> utf8 = stackalloc byte[256];
        if (Encoding.UTF8.TryGetBytes(text, utf8, out var written)) utf8 = utf8[..written];
        else utf8 = Encoding.UTF8.GetBytes(text);
        foreach (var b in utf8) hash = (hash ^ b) * Prime;
        hash = (hash ^ 0xFF) * Prime;
    }
}

/// <summary>Sixteen hexadecimal digits. Public so that other projects' generated JSON can use it.</summary>
public sealed class FingerprintJson : JsonConverter<Fingerprint>
{
    public override Fingerprint Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Fingerprint.TryParse(reader.GetString(), out var value) ? value : throw new JsonException("a fingerprint is 16 hexadecimal digits");

    public override void Write(Utf8JsonWriter writer, Fingerprint value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());

    public override Fingerprint ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Read(ref reader, typeToConvert, options);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, Fingerprint value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value.ToString());
}
