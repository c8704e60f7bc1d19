using System.Text.Json;

namespace Pipeline.Importing;

/// <summary>Bodies that Alertmanager posted to a webhook, as something kept them: one a line, one after another, or pretty-printed; with or without a time.</summary>
/// <example><code>
/// {"version":"4","groupKey":"...","status":"firing","alerts":[{"status":"firing","labels":{...},"startsAt":"2026-01-31T12:00:00Z",...}]}
/// 2026-01-31T12:00:05Z {"version":"4",...}
/// {"receivedAt":"2026-01-31T12:00:05Z","body":{"version":"4",...}}
/// {"time":"2026-01-31T12:00:05Z","request":{"body":"{\"version\":\"4\",...}"}}
/// </code>A body does not say when it was sent. Without a time beside it, it is taken at the latest time that it tells of, and never before the one above.</example>
internal sealed class AlertmanagerCapture : IImporter
{
    private static readonly string[] TimeNames =
        ["receivedAt", "received_at", "timestamp", "@timestamp", "time", "ts", "date", "at", "createdAt", "created_at"];

    /// <summary>A body may lie in <c>request.body</c>, not deeper.</summary>
    private const int MostWrappers = 3;

    public string Name => "alertmanager-capture";

    public string Reads => "bodies of Alertmanager's webhook, with or without times";

    public IEnumerable<Imported> Read(Stream content, ImportOptions options)
    {
        var last = DateTimeOffset.MinValue;
        foreach (var value in JsonValues.Of(content))
        {
            foreach (var one in Read(value, last))
            {
                if (one is Imported.Delivery delivery) last = delivery.At;
                yield return one;
            }
        }
    }

    private static List<Imported> Read(JsonValue value, DateTimeOffset last)
    {
        if (value.Problem is { } problem) return [new Imported.Unread(value.Line, "", problem)];
        DateTimeOffset? before = null;
        if (value.Before.Length > 0)
        {
            if (!ImportTimes.TryRead(value.Before, out var time)) return [new Imported.Unread(value.Line, "", $"\"{Shown(value.Before)}\" before the body is no time")];
            before = time;
        }
        try
        {
            using var json = JsonDocument.Parse(value.Json);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Array) return [Read(value.Line, root, before, last)];
            var all = new List<Imported>();
            foreach (var item in root.EnumerateArray())
            {
                all.Add(Read(value.Line, item, before, last));
                if (all[^1] is Imported.Delivery { At: var at }) last = at;
            }
            return all;
        }
        catch (Exception e) when (ImportJson.IsFlaw(e))
        {
            return [new Imported.Unread(value.Line, "", ImportJson.Problem(e))];
        }
    }

    private static Imported Read(long line, JsonElement outer, DateTimeOffset? time, DateTimeOffset last)
    {
        if (Body(outer, MostWrappers, ref time) is not { } body)
            return new Imported.Unread(line, "alerts", "is missing; a body of Alertmanager's webhook has an array of alerts");
        var at = time ?? Latest(body, last);
        return at is null
            ? new Imported.Unread(line, "alerts[0].startsAt", "is missing or no time, and nothing else says when the body came; put a time before it on its line")
            : new Imported.Delivery(line, at.Value, "alertmanager", ImportJson.OneLine(body));
    }

    /// <summary>The object that has alerts: this one, or one inside it, as an object or as text. A time beside it on the way is noted.</summary>
    private static JsonElement? Body(JsonElement outer, int wrappers, ref DateTimeOffset? time)
    {
        if (outer.ValueKind != JsonValueKind.Object) return null;
        if (outer.Member("alerts").ValueKind == JsonValueKind.Array) return outer;
        if (wrappers == 0) return null;
        foreach (var name in TimeNames)
        {
            if (!ImportTimes.TryRead(outer.Member(name), out var read)) continue;
            time ??= read;
            break;
        }
        foreach (var member in outer.EnumerateObject())
            if (Body(Unquoted(member.Value), wrappers - 1, ref time) is { } found) return found;
        return null;
    }

    private static JsonElement Unquoted(JsonElement value)
    {
        if (value.Text() is not { } text || !text.AsSpan().TrimStart().StartsWith("{")) return value;
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return value;
        }
    }

    private static DateTimeOffset? Latest(JsonElement body, DateTimeOffset last)
    {
        DateTimeOffset? latest = null;
        foreach (var alert in body.Member("alerts").EnumerateArray())
        {
            var resolved = (alert.Text("status") ?? body.Text("status")) == "resolved";
            // A firing alert's end lies ahead, where it has one.
            foreach (var name in resolved ? ["startsAt", "endsAt"] : (ReadOnlySpan<string>)["startsAt"])
                if (ImportTimes.TryRead(alert.Member(name), out var time) && !(time < latest)) latest = time;
        }
        return latest is null && last == DateTimeOffset.MinValue ? null : latest > last ? latest : last;
    }

    private static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
