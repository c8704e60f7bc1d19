using Ingest.Reading;

namespace Ingest;

/// <summary>What Prometheus posts to <c>/api/v2/alerts</c>, every minute or so for as long as the alert fires.</summary>
/// <example><code>
/// [{"labels":{"alertname":"Down","instance":"db-1"},"annotations":{"summary":"db-1 is down"},
///   "startsAt":"2026-01-31T12:00:00Z","endsAt":"2026-01-31T12:04:00Z","generatorURL":"http://prometheus/graph?..."}]
/// </code>There is no status: it ends with <c>endsAt</c>, without one 5 min (Alertmanager's resolve_timeout) after receipt.</example>
internal sealed class AlertmanagerApiSource : ISource
{
    private static readonly AlertFormat Format = new(AbsentEnd: TimeSpan.FromMinutes(5), ReadsStatus: false);

    public string Name => "alertmanager-v2";

    public Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context) => AlertBody.Parse(body, context, Format);
}
