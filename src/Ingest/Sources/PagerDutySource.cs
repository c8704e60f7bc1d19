using Dedupe.Vocabulary;
using Ingest.Reading;

namespace Ingest;

/// <summary>PagerDuty's Events API v2, so that whatever can page PagerDuty can be pointed at us.</summary>
/// <example><code>
/// {"routing_key":"...","event_action":"trigger","dedup_key":"db-1/disk","client":"Sensu","client_url":"https://sensu/1",
///  "payload":{"summary":"Disk full on db-1","source":"db-1","severity":"error","timestamp":"2026-01-31T12:00:00.000+0000",
///             "component":"postgres","group":"prod","class":"disk","custom_details":{"free":"4%"}}}
/// </code>
/// Identity is the <c>dedup_key</c>. PagerDuty makes one up where it is absent and answers it; ours is the hash of what alerts, so that the
/// same event again is the same alert, and a resolve with the answered key finds it.
/// </example>
internal sealed class PagerDutySource : ISource
{
    /// <summary>PagerDuty's own bound.</summary>
    private const int LongestKey = 255;

    public string Name => "pagerduty";

    public Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context) => ObjectBody.Parse(body, context, Read);

    private static bool Read(Fields fields, ParseContext context, Found found, out Flaw flaw)
    {
        if (!fields.Text("event_action", out var action, out flaw) || !fields.Label("dedup_key", out var key, out flaw)) return false;
        if (key is { Length: > LongestKey }) flaw = new("dedup_key", $"is longer than {LongestKey} characters");
        else if (action is not ("trigger" or "acknowledge" or "resolve")) flaw = new("event_action", "is none of trigger, acknowledge, resolve");
        else if (action != "trigger" && key is null) flaw = new("dedup_key", $"is missing; {action} needs the dedup_key that the trigger was answered with");
        if (flaw.Problem is not null || !fields.Object("payload", out var payload, out flaw)) return false;
        if (action == "trigger" && !payload.Has("summary"))
        {
            flaw = new("payload.summary", "is missing or blank");
            return false;
        }
        if (!Labels(payload, out var labels, out flaw) || !payload.Text("summary", out var summary, out flaw) || !payload.Text("severity", out var severity, out flaw)) return false;
        if (!payload.Date("timestamp", out var starts, out flaw) || !fields.Text("client_url", out var url, out flaw)) return false;
        key ??= Fingerprint.Of(LabelSet.From(labels)).ToString();
        labels.Add(new("dedup_key", key));
        var identity = context.Identities.Read(labels, LabelSet.Of(("dedup_key", key)));
        found.Alerts.Add(new()
        {
            Identity = identity,
            Status = action == "resolve" ? AlertStatus.Resolved : AlertStatus.Firing,
            Acknowledges = action == "acknowledge",
            Severity = context.Identities.SeverityOf(severity, identity),
            Summary = summary ?? "",
            StartsAt = starts,
            Url = url,
        });
        return true;
    }

    // Without a class the summary names the alert: merging two different ones would hide the second.
    private static bool Labels(Fields payload, out List<KeyValuePair<string, string>> labels, out Flaw flaw)
    {
        labels = [];
        if (!payload.Text("summary", out var summary, out flaw)) return false;
        foreach (var (field, label) in new[] { ("class", "alertname"), ("component", "component"), ("group", "group"), ("source", "host") })
        {
            if (!payload.Label(field, out var text, out flaw)) return false;
            if (text is null && field == "class") text = summary;
            if (text is not null) labels.Add(new(label, text));
        }
        return true;
    }
}
