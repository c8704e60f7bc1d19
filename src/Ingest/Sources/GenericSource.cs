using Ingest.Reading;

namespace Ingest;

/// <summary>Our own format, for anything that can post JSON.</summary>
/// <example><code>
/// [{"labels":{"alertname":"DiskFull","host":"db-1"},"status":"firing","severity":"critical","summary":"92 % of / used",
///   "value":92,"startsAt":"2026-01-31T12:00:00Z","url":"https://grafana/d/1"}]
/// </code>One object, an array, or <c>{"alerts":[...]}</c>; only <c>labels</c> is required.</example>
internal sealed class GenericSource : ISource
{
    private static readonly AlertFormat Format = new(NamesItself: false, PerSeverity: false);

    public string Name => "generic";

    public Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context) => AlertBody.Parse(body, context, Format);
}
