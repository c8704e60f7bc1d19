using System.Text.Json;
using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Pipeline.Importing;

/// <summary>The JSON Lines of Alertmanager's event recorder (0.33 on, <c>--enable-feature=event-recorder</c>), in both of its forms.</summary>
/// <example><code>
/// {"@timestamp":"2026-01-31T12:00:00.123Z","instance":"am-0","data":{"alertCreated":{"alert":{"fingerprint":"123","name":"Down",
///   "labels":{"labels":[{"key":"alertname","value":"Down"}]},"annotations":{"labels":[]},"startsAt":"...","endsAt":"..."}}}}
/// {"@timestamp":"...","data":{"alertResolved":{"alert":{"labels":{"alertname":"Down"},"startsAt":"...","endsAt":"...","resolved":true},"groupInfo":{...}}}}
/// {"@timestamp":"...","data":{"notification":{"alerts":[{"hash":"7","details":{...}}],"groupInfo":{"receiverName":"oncall"},"reason":"..."}}}
/// {"@timestamp":"...","data":{"silenceCreated":{"silence":{"id":"...","matchers":[{"type":"TYPE_EQUAL","name":"a","pattern":"b"}],...}}}}
/// </code>
/// Up to 0.34 labels are lists of pairs and alerts of groups lie in <c>details</c>; from 0.35 on labels are objects. Alerts that were created, notified
/// and resolved become deliveries, silences become silences. That an alert was grouped or muted follows from those.
/// Source: eventrecorder.proto and events/v2/events.proto of prometheus/alertmanager, written by protojson.
/// </example>
internal sealed class AlertmanagerEvents : IImporter
{
    public string Name => "alertmanager-events";

    public string Reads => "JSON Lines of Alertmanager's event recorder (0.33 on)";

    public IEnumerable<Imported> Read(Stream content, ImportOptions options)
    {
        var notified = 0;
        foreach (var value in JsonValues.Of(content))
            foreach (var one in Read(value, ref notified)) yield return one;
        // What a replay's pages are to be compared with.
        if (notified > 0) options.Tell?.Invoke($"Alertmanager sent {notified} notification{(notified == 1 ? "" : "s")}");
    }

    private static List<Imported> Read(JsonValue value, ref int notified)
    {
        if (value.Problem is { } problem) return [new Imported.Unread(value.Line, "", problem)];
        try
        {
            using var json = JsonDocument.Parse(value.Json);
            var events = json.RootElement.ValueKind == JsonValueKind.Array ? [.. json.RootElement.EnumerateArray()] : new[] { json.RootElement };
            notified += events.Count(e => e.Member("data").Member("notification").ValueKind == JsonValueKind.Object);
            return [.. events.SelectMany(e => ReadEvent(value.Line, e))];
        }
        catch (Exception e) when (ImportJson.IsFlaw(e))
        {
            return [new Imported.Unread(value.Line, "", ImportJson.Problem(e))];
        }
    }

    private static IEnumerable<Imported> ReadEvent(long line, JsonElement one)
    {
        if (!ImportTimes.TryRead(one.Member("@timestamp"), out var at)) return [new Imported.Unread(line, "@timestamp", "is missing or no time; the event recorder writes one")];
        var data = one.Member("data");
        if (data.ValueKind != JsonValueKind.Object || data.EnumerateObject().FirstOrDefault() is not { Value.ValueKind: JsonValueKind.Object } what)
            return [new Imported.Unread(line, "data", "is missing; the event recorder writes one event in it")];
        var path = $"data.{what.Name}";
        switch (what.Name)
        {
            case "alertCreated" or "alertResolved":
                return [Alerts(line, at, [what.Value.Member("alert")], what.Name == "alertResolved", $"{path}.alert")];
            case "notification":
                var alerts = what.Value.Member("alerts");
                if (alerts.ValueKind != JsonValueKind.Array) return [new Imported.Unread(line, $"{path}.alerts", "is missing")];
                return alerts.GetArrayLength() == 0 ? [] : [Alerts(line, at, [.. alerts.EnumerateArray()], false, $"{path}.alerts")];
            case "silenceCreated" or "silenceUpdated":
                return [Silence(line, at, what.Value.Member("silence"), $"{path}.silence")];
            default:
                return [];
        }
    }

    private static Imported Alerts(long line, DateTimeOffset at, JsonElement[] alerts, bool resolved, string path)
    {
        // Up to 0.34 an alert of a group is a hash, and the alert itself its details.
        var whole = alerts.Select(a => a.Member("details") is { ValueKind: JsonValueKind.Object } details ? details : a).ToList();
        if (whole.FindIndex(a => Labels(a.Member("labels")) is not { Count: > 0 }) is var missing and >= 0)
            return new Imported.Unread(line, alerts.Length == 1 ? $"{path}.labels" : $"{path}[{missing}].labels", "is missing or empty; they say what alerts");
        return new Imported.Delivery(line, at, "alertmanager", ImportJson.Body(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("alerts");
            foreach (var alert in whole) Write(json, alert, resolved);
            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }

    private static void Write(Utf8JsonWriter json, JsonElement alert, bool resolved)
    {
        resolved |= alert.Member("resolved").ValueKind == JsonValueKind.True;
        json.WriteStartObject();
        json.WriteString("status", resolved ? "resolved" : "firing");
        Write(json, "labels", Labels(alert.Member("labels"))!);
        if (Labels(alert.Member("annotations")) is { } notes) Write(json, "annotations", notes);
        json.Optional("startsAt", alert.Text("startsAt"));
        // Of a firing alert the end lies ahead, and only says when Prometheus will be missed.
        if (resolved) json.Optional("endsAt", alert.Text("endsAt"));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, List<KeyValuePair<string, string>> labels)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in labels) json.WriteString(key, value);
        json.WriteEndObject();
    }

    /// <summary>A list of pairs under <c>labels</c>, or an object; null where it is neither.</summary>
    private static List<KeyValuePair<string, string>>? Labels(JsonElement set)
    {
        if (set.Member("labels") is { ValueKind: JsonValueKind.Array } pairs)
            return [.. pairs.EnumerateArray().Where(p => p.Text("key") is not null).Select(p => KeyValuePair.Create(p.Text("key")!, p.Text("value") ?? ""))];
        return set.ValueKind != JsonValueKind.Object ? null
            : [.. set.EnumerateObject().Where(m => m.Value.ValueKind == JsonValueKind.String).Select(m => KeyValuePair.Create(m.Name, m.Value.Text() ?? ""))];
    }

    private static Imported Silence(long line, DateTimeOffset at, JsonElement silence, string path)
    {
        if (silence.Text("id") is not { } id) return new Imported.Unread(line, $"{path}.id", "is missing");
        if (!ImportTimes.TryRead(silence.Member("startsAt"), out var starts) || !ImportTimes.TryRead(silence.Member("endsAt"), out var ends))
            return new Imported.Unread(line, $"{path}.endsAt", "or startsAt is missing or no time");
        var matchers = new List<LabelMatcher>();
        if (silence.Member("matchers") is { ValueKind: JsonValueKind.Array } all)
            foreach (var one in all.EnumerateArray())
                matchers.Add(Matcher(one));
        if (matchers.Count == 0 || matchers.Find(m => m.Problem() is not null) is not null)
            return new Imported.Unread(line, $"{path}.matchers", "are missing, or one has a pattern that cannot be used");
        return new Imported.Acted(line, at, new Act.SetSilence(new(id, matchers, starts, ends, silence.Text("createdBy") ?? "", silence.Text("comment") ?? "", at)));
    }

    private static LabelMatcher Matcher(JsonElement one)
    {
        var type = one.Text("type") ?? "";
        return new(one.Text("name") ?? "", one.Text("pattern") ?? "", type.EndsWith("REGEXP", StringComparison.Ordinal), !type.Contains("NOT", StringComparison.Ordinal));
    }
}
