using Ingest.Reading;

namespace Ingest;

/// <summary>Icinga 2's event stream (<c>POST /v1/events</c>), forwarded as it comes: JSON Lines, an array, or one event. Also its objects (<c>/v1/objects/services</c>).</summary>
/// <example><code>
/// {"type":"StateChange","timestamp":1769860800.25,"host":"db-1","service":"disk","state":2,"state_type":1,"downtime_depth":0,
///  "check_result":{"output":"DISK CRITICAL - 4% free","check_source":"icinga-a","performance_data":["/var=19188MB;18000;19000"],"state":2}}
/// {"type":"Notification","timestamp":1769860801.5,"host":"db-1","service":"disk","notification_type":"PROBLEM","users":["ann"],"check_result":{...}}
/// {"type":"AcknowledgementSet","timestamp":1769860860,"host":"db-1","service":"disk","state":2,"state_type":1,"author":"ann","comment":"on it"}
/// </code>Identity is host and service, as for Nagios. SOFT states are skipped: Icinga is still retrying and tells nobody. What is in a downtime is
/// <c>info</c>, which never pages. Comments, downtimes, flapping and object events hold no alert.</example>
internal sealed class Icinga2Source : ISource
{
    private static readonly HashSet<string> Silent = new(StringComparer.Ordinal)
    {
        "AcknowledgementCleared", "CommentAdded", "CommentRemoved", "Comment", "DowntimeAdded", "DowntimeRemoved", "DowntimeStarted", "DowntimeTriggered",
        "Downtime", "Flapping", "ObjectCreated", "ObjectDeleted", "ObjectModified",
    };

    public string Name => "icinga2";

    public Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context)
    {
        if (!IsLines(body.Span)) return ObjectBody.Parse(body, context, Read, array: "results");
        var found = new Found();
        var (index, rest) = (0, body);
        while (rest.Length > 0)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (line.Span.Trim(" \t\r"u8).IsEmpty) continue;
            if (index >= context.Limits.Alerts) return JsonBody.TooMany("body", context.Limits.Alerts);
            found.Add(ObjectBody.Parse(line, context, Read), index, $"lines[{index}]");
            index++;
        }
        return found.Parsed;
    }

    /// <summary>True where a first line is whole and more follows it: an event a line, not one written over many.</summary>
    private static bool IsLines(ReadOnlySpan<byte> body)
    {
        var start = JsonBody.WithoutMark(body).TrimStart(" \t\r\n"u8);
        var end = start.IndexOf((byte)'\n');
        return end > 0 && start[0] == '{' && start[..end].TrimEnd(" \t\r"u8) is [.., (byte)'}'] && !start[end..].Trim(" \t\r\n"u8).IsEmpty;
    }

    private static bool Read(Fields fields, ParseContext context, Found found, out Flaw flaw)
    {
        if (!fields.Text("type", out var type, out flaw)) return false;
        if (type is null)
        {
            flaw = new("type", "is missing; send the event stream's events as they are, such as {\"type\":\"StateChange\",...}");
            return false;
        }
        if (Silent.Contains(type)) return true;
        switch (type)
        {
            case "StateChange" or "CheckResult" or "Notification" or "AcknowledgementSet":
                return ReadEvent(type, fields, context, found, out flaw);
            case "Host" or "Service":
                return fields.Object("attrs", out var attrs, out flaw) && ReadObject(type == "Host", attrs, context, found, out flaw);
            default:
                flaw = new("type", $"\"{LabelObject.Shown(type)}\" is no event that holds an alert; subscribe to StateChange, CheckResult, Notification and AcknowledgementSet");
                return false;
        }
    }

    private static bool ReadEvent(string type, Fields fields, ParseContext context, Found found, out Flaw flaw)
    {
        if (!Icinga2Check.TryRead(fields, "host", "service", "check_result", context, out var check, out flaw)) return false;
        if (!Icinga2Check.Whole(fields, "state", out var state, out flaw) || !Icinga2Check.Whole(fields, "state_type", out var kind, out flaw)) return false;
        if (!Icinga2Check.Time(fields, "timestamp", out var at, out flaw)) return false;
        switch (type)
        {
            case "StateChange":
                check = check with { State = state ?? check.Raised, Since = at };
                break;
            case "CheckResult":
                (check, kind) = (check with { State = check.Raised }, check.KindAfter);
                break;
            case "Notification":
                if (!fields.Text("notification_type", out var why, out flaw)) return false;
                if (!fields.List("users", out var users, out flaw)) return false;
                // Others carry no state that would be news: flapping, downtimes, custom ones.
                if (why is not ("PROBLEM" or "RECOVERY" or "ACKNOWLEDGEMENT")) return true;
                check = check with { State = why == "RECOVERY" ? 0 : check.Raised ?? 2, Type = why, Contacts = users };
                kind = Icinga2Check.Hard;
                break;
            default:
                if (!fields.Text("comment", out var comment, out flaw)) return false;
                check = check with { State = state, Type = "ACKNOWLEDGEMENT", Output = comment ?? "" };
                break;
        }
        if (check.State is null)
        {
            flaw = new(type == "CheckResult" ? "check_result.state" : "state", "is missing; send the event whole");
            return false;
        }
        if (kind != Icinga2Check.Soft) found.Alerts.Add(check.Alert(context.Identities));
        return true;
    }

    /// <summary>An object says how things are, not that they changed: it is in a hard state since <c>last_hard_state_change</c>.</summary>
    private static bool ReadObject(bool host, Fields attrs, ParseContext context, Found found, out Flaw flaw)
    {
        if (!Icinga2Check.TryRead(attrs, host ? "name" : "host_name", host ? "" : "name", "last_check_result", context, out var check, out flaw)) return false;
        if (!Icinga2Check.Whole(attrs, "state", out var state, out flaw) || !Icinga2Check.Whole(attrs, "last_hard_state", out var hard, out flaw)) return false;
        if (!Icinga2Check.Whole(attrs, "acknowledgement", out var taken, out flaw) || !Icinga2Check.Time(attrs, "last_hard_state_change", out var since, out flaw)) return false;
        if ((hard ?? state) is not { } now)
        {
            flaw = new("attrs.state", "is missing; ask for the object with its attrs");
            return false;
        }
        check = check with { State = now, Since = since };
        found.Alerts.Add(check.Alert(context.Identities));
        if (taken > 0 && now > 0) found.Alerts.Add((check with { Type = "ACKNOWLEDGEMENT" }).Alert(context.Identities));
        return true;
    }
}
