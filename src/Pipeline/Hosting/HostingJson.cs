using System.Text.Json;
using System.Text.Json.Serialization;
using Dedupe.Deciding;

namespace Pipeline.Hosting;

/// <summary>Stored: when we did not listen.</summary>
internal sealed record BlindPeriod(DateTimeOffset From, DateTimeOffset To);

/// <summary>Stored: what was learned of a pager.</summary>
internal sealed record PagerReport(string Pager, bool Failing, string Answer);

/// <summary>The JSON of the inputs that the host itself records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(UtcMilliseconds)])]
[JsonSerializable(typeof(BlindPeriod))]
[JsonSerializable(typeof(PagerReport))]
internal sealed partial class HostingJson : JsonSerializerContext
{
    public static byte[] Write(BlindPeriod blind) => JsonSerializer.SerializeToUtf8Bytes(blind, Default.BlindPeriod);

    public static byte[] Write(PagerReport report) => JsonSerializer.SerializeToUtf8Bytes(report, Default.PagerReport);

    public static BlindPeriod ReadBlind(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Default.BlindPeriod)!;

    public static PagerReport ReadPager(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Default.PagerReport)!;
}
