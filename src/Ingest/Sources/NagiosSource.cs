using System.Globalization;
using Ingest.Reading;

namespace Ingest;

/// <summary>Nagios' notifications, as <c>integrations/nagios</c> posts their macros. Nagios XI, Naemon and Icinga 1 run the same script.</summary>
/// <example><code>
/// {"type":"PROBLEM","host":"db-1","service":"Disk /var","state":"CRITICAL","monitoring_server":"nagios-a","contact":"ops",
///  "output":"DISK CRITICAL - free space: /var 812 MB (4%)","perfdata":"/var=19188MB;18000;19000;0;20000","since":"1769860800"}
/// </code>One or an array. Macro names work as well: <c>HOSTNAME</c>, <c>NAGIOS_SERVICEDESC</c>, <c>SERVICESTATE</c>, ...</example>
internal sealed class NagiosSource : ISource
{
    public string Name => "nagios";

    public Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context) =>
        NagiosLogSource.LooksLikeLog(body.Span) ? NagiosLogSource.ParseLog(body.Span, context) : ObjectBody.Parse(body, context, Read, spell: Spell);

    private static bool Read(Fields fields, ParseContext context, Found found, out Flaw flaw)
    {
        if (!First(fields, out var host, out flaw, "host", "hostname") || !First(fields, out var service, out flaw, "service", "servicedesc", "servicedescription")) return false;
        if (!First(fields, out var state, out flaw, "state", service is null ? "hoststate" : "servicestate")) return false;
        if (host is null || state is null || !NagiosCheck.IsState(state))
        {
            flaw = host is null ? new("host", "is missing; send the macro $HOSTNAME$")
                : new("state", "is missing or no state of Nagios; send $SERVICESTATE$ or $HOSTSTATE$");
            return false;
        }
        if (!First(fields, out var server, out flaw, "monitoringserver", "server") || !fields.List("contact", out var contacts, out flaw)) return false;
        if (contacts.Count == 0 && First(fields, out var contact, out flaw, "contactname") && contact is not null) contacts.Add(contact);
        if (!fields.Text("type", out var type, out flaw)) return false;
        if (type is null && !fields.Text("notificationtype", out type, out flaw)) return false;
        if (!Text(fields, out var output, out flaw, "output", "serviceoutput", "hostoutput") || !fields.Text("url", out var url, out flaw)) return false;
        if (!Text(fields, out var perfdata, out flaw, "perfdata", "serviceperfdata", "hostperfdata") || !Since(fields, out var since, out flaw)) return false;
        var check = new NagiosCheck(host, service, state, type)
        {
            MonitoringServer = server, Contacts = contacts, Output = output ?? "", Value = NagiosCheck.Measured(perfdata), Since = since, Url = url,
        };
        found.Alerts.Add(check.Alert(context.Identities));
        return true;
    }

    // Nagios counts seconds since 1970, and 0 is "never".
    private static bool Since(Fields fields, out DateTimeOffset? since, out Flaw flaw)
    {
        since = null;
        if (!fields.Text("since", out var text, out flaw) || text is null) return flaw.Problem is null;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return fields.Date("since", out since, out flaw);
        if (seconds is > 0 and < 100_000_000_000) since = DateTimeOffset.FromUnixTimeSeconds(seconds);
        return true;
    }

    private static bool First(Fields fields, out string? text, out Flaw flaw, params ReadOnlySpan<string> names)
    {
        (text, flaw) = (null, default);
        foreach (var name in names)
            if (!fields.Label(name, out text, out flaw) || text is not null) break;
        return flaw.Problem is null;
    }

    private static bool Text(Fields fields, out string? text, out Flaw flaw, params ReadOnlySpan<string> names)
    {
        (text, flaw) = (null, default);
        foreach (var name in names)
            if (!fields.Text(name, out text, out flaw) || text is not null) break;
        return flaw.Problem is null;
    }

    private static string Spell(string name)
    {
        var plain = name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
        return plain.StartsWith("nagios", StringComparison.Ordinal) ? plain["nagios".Length..] : plain;
    }
}
