using System.Text.Json;
using Dedupe.Vocabulary;
using Ingest.Reading;

namespace Ingest;

/// <summary>Grafana's webhook: unified alerting (8.x on), and legacy alerting (before 11).</summary>
/// <example><code>
/// {"receiver":"us","status":"firing","orgId":1,"alerts":[{"status":"firing","labels":{"alertname":"High CPU","zone":"eu-1"},
///   "annotations":{"summary":"..."},"startsAt":"2026-01-31T12:00:00+02:00","endsAt":"0001-01-01T00:00:00Z",
///   "generatorURL":"https://grafana/alerting/1/edit","values":{"B":44.2,"C":1}}]}
///
/// {"ruleId":7,"ruleName":"CPU","ruleUrl":"https://grafana/d/1","state":"alerting","title":"[Alerting] CPU","message":"hot",
///   "tags":{"team":"blue"},"evalMatches":[{"metric":"user","value":97.0,"tags":{"instance":"db-1"}}]}
/// </code>A legacy rule is one alert: what matched is gone when it is <c>ok</c> again, so it is shown but is no part of the identity.</example>
internal sealed class GrafanaSource : ISource
{
    private static readonly AlertFormat Unified = new(TitleNames: true);

    public string Name => "grafana";

    public Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context) =>
        IsLegacy(body.Span, context.Limits) ? ObjectBody.Parse(body, context, ReadLegacy) : AlertBody.Parse(body, context, Unified);

    // Unified bodies have a state and a message as well; a rule's name only legacy ones have.
    private static bool IsLegacy(ReadOnlySpan<byte> body, IngestLimits limits)
    {
        var legacy = false;
        try
        {
            var reader = new Utf8JsonReader(JsonBody.WithoutMark(body), new JsonReaderOptions { MaxDepth = limits.Depth });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = JsonBody.Name(ref reader);
                if (name.SequenceEqual("alerts"u8)) return false;
                legacy |= name.SequenceEqual("ruleName"u8) || name.SequenceEqual("ruleId"u8) || name.SequenceEqual("evalMatches"u8);
                reader.Read();
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            return false; // the other reader says what is wrong
        }
        return legacy;
    }

    private static bool ReadLegacy(Fields fields, ParseContext context, Found found, out Flaw flaw)
    {
        if (!fields.Label("ruleName", out var rule, out flaw) || !fields.Text("title", out var title, out flaw) || !fields.Text("state", out var state, out flaw)) return false;
        if (!fields.Text("message", out var message, out flaw) || !fields.Text("ruleUrl", out var url, out flaw) || !fields.Label("ruleId", out var id, out flaw)) return false;
        if (state is not ("alerting" or "ok" or "no_data"))
        {
            flaw = new("state", "is none of alerting, ok, no_data");
            return false;
        }
        if (rule is null)
        {
            flaw = new("ruleName", "is missing; it names the alert");
            return false;
        }
        List<KeyValuePair<string, string>> named = [new("alertname", rule)];
        if (id is not null) named.Add(new("rule_id", id));
        if (!fields.Labels("tags", named, out flaw)) return false;
        var key = context.Identities.Read(named).Labels;
        var labels = new List<KeyValuePair<string, string>>();
        var value = Matched(fields, context.Limits, labels);
        var identity = context.Identities.Read([.. labels, .. named], key);
        found.Alerts.Add(new()
        {
            Identity = identity,
            Status = state == "ok" ? AlertStatus.Resolved : AlertStatus.Firing,
            Severity = identity.LabelSeverity,
            Summary = message ?? title ?? rule,
            Value = value,
            Url = url,
        });
        return true;
    }

    /// <summary>The first match's number, and its tags where it is the only one.</summary>
    private static double? Matched(Fields fields, IngestLimits limits, List<KeyValuePair<string, string>> labels)
    {
        var matches = fields.Objects("evalMatches");
        if (matches.Count == 0) return null;
        var first = fields.Inside(matches[0]);
        // Tags that cannot be labels are left out: they are shown only.
        if (matches.Count == 1 && !first.Labels("tags", labels, out _)) labels.Clear();
        if (labels.Count > limits.Labels / 2) labels.Clear();
        return first.Number("value", out var value, out _) ? value : null;
    }
}
