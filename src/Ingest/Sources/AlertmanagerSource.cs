using Ingest.Reading;

namespace Ingest;

/// <summary>Alertmanager's webhook, version 4, and version 3 of before 2018 (its <c>groupKey</c> is a number; nothing that we read differs).</summary>
/// <example><code>
/// {"version":"4","groupKey":"{}:{alertname=\"Down\"}","status":"firing","receiver":"us","groupLabels":{},"commonLabels":{},"externalURL":"...",
///  "alerts":[{"status":"resolved","labels":{"alertname":"Down","instance":"db-1"},"annotations":{"summary":"db-1 is down"},
///             "startsAt":"2026-01-31T12:00:00Z","endsAt":"2026-01-31T12:05:00Z","generatorURL":"http://prometheus/graph?..."}]}
/// </code>The group's status is <c>firing</c> while one of its alerts fires, so each alert's own counts; common labels repeat what each alert has.</example>
internal sealed class AlertmanagerSource : ISource
{
    private static readonly AlertFormat Format = new();

    public string Name => "alertmanager";

    public Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context) => AlertBody.Parse(body, context, Format);
}
