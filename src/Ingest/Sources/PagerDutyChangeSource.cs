using Ingest.Reading;

namespace Ingest;

/// <summary>PagerDuty's change events, <c>/v2/change/enqueue</c>.</summary>
/// <example><code>
/// {"routing_key":"...","payload":{"summary":"Deployed shop 4.2","timestamp":"2026-01-31T12:00:00Z","source":"ci",
///   "custom_details":{"kind":"deploy","service":"shop","reverts":"shop-4.1"}},"links":[{"href":"https://ci/7","text":"build"}]}
/// </code>PagerDuty has no kind, services or reverted change; they are read from custom_details where they are, else the summary is asked for a kind, and it is a
/// <c>deploy</c> where that names none.</example>
internal sealed class PagerDutyChangeSource : ISource
{
    public string Name => "pagerduty-change";

    public Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context) => ObjectBody.Parse(body, context, Read);

    private static bool Read(Fields fields, ParseContext context, Found found, out Flaw flaw)
    {
        if (!fields.Object("payload", out var payload, out flaw)) return false;
        if (!payload.Text("summary", out var summary, out flaw) || !payload.Date("timestamp", out var at, out flaw)) return false;
        if (summary is null)
        {
            flaw = new("payload.summary", "is missing or blank");
            return false;
        }
        var details = default(Fields);
        var detailed = payload["custom_details"].Type == System.Text.Json.JsonTokenType.StartObject && payload.Object("custom_details", out details, out flaw);
        var (kind, reverts, id, version, environment) = ((string?)null, (string?)null, (string?)null, (string?)null, (string?)null);
        List<string> services = [];
        if (detailed)
        {
            if (!details.Text("kind", out kind, out flaw) || !details.Text("reverts", out reverts, out flaw) || !details.Text("id", out id, out flaw)) return false;
            (version, environment) = (details.Maybe("version"), details.Maybe("environment"));
            if (!details.List(details.Has("services") ? "services" : "service", out services, out flaw)) return false;
        }
        found.Changes.Add(new(
            id ?? ChangesSource.IdOf(kind, summary, at, services), at ?? context.ReceivedAt, kind ?? ChangeWords.Kind(summary, "deploy"), summary, services, reverts,
            LinkOf(fields), version, environment));
        return true;
    }

    /// <summary>The first of its links: one address is shown of a change.</summary>
    private static string? LinkOf(Fields fields)
    {
        foreach (var link in fields.Objects("links"))
            if (fields.Inside(link).Maybe("href") is { } href) return href;
        return null;
    }
}
