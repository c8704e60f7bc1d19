using System.Buffers.Text;
using System.Text;
using Ingest.Reading;

namespace Ingest;

/// <summary>Lines of <c>nagios.log</c>, for the replay of a recorded outage.</summary>
/// <example><code>
/// [1427925689] SERVICE ALERT: varnish;Varnish Backend Connections;CRITICAL;HARD;3;Current value: 154.0
/// [1427950229] SERVICE NOTIFICATION: nagiosadmin;varnish;Varnish Backend Connections;CRITICAL;notify-service-by-email;Current value: 337.0
/// [1429878690] HOST NOTIFICATION: nagiosadmin;127.0.0.1;DOWN;host-notify-by-email;CRITICAL - Socket timeout after 10 seconds
/// </code>SOFT states are skipped: Nagios is still retrying and tells nobody. Every other kind of line is about Nagios itself and holds no alert.</example>
internal sealed class NagiosLogSource : ISource
{
    public string Name => "nagios-log";

    public Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context) => ParseLog(body.Span, context);

    /// <summary>True for <c>[1427925689] ...</c>, which no JSON body of ours begins with.</summary>
    public static bool LooksLikeLog(ReadOnlySpan<byte> body) => TryTime(body, out _, out _);

    public static Parsed ParseLog(ReadOnlySpan<byte> body, ParseContext context)
    {
        var found = new Found();
        var index = 0;
        foreach (var range in body.Split((byte)'\n'))
        {
            var line = body[range].Trim("\r \t\0"u8);
            if (line.IsEmpty) continue;
            if (index >= context.Limits.Alerts) return JsonBody.TooMany("body", context.Limits.Alerts);
            if (!TryTime(line, out var time, out var rest)) found.Reject(index, $"lines[{index}]", "does not begin with a time such as [1427925689]");
            // Plugins write what they like: what is not UTF-8 there becomes U+FFFD instead of losing the alert.
            else if (!TryRead(Encoding.UTF8.GetString(rest).Replace('\0', '\uFFFD'), time, context, out var check, out var problem)) found.Reject(index, $"lines[{index}]", problem);
            else if (check is not null) found.Alerts.Add(check.Alert(context.Identities));
            index++;
        }
        return index == 0 ? Parsed.Failed("body", "is empty; send lines of nagios.log") : found.Parsed;
    }

    private static bool TryRead(string line, DateTimeOffset time, ParseContext context, out NagiosCheck? check, out string problem)
    {
        (check, problem) = (null, "");
        var colon = line.IndexOf(": ", StringComparison.Ordinal);
        if (colon < 0) return true;
        var rest = line[(colon + 2)..];
        switch (line[..colon])
        {
            case "SERVICE ALERT" when rest.Split(';', 6) is [var host, var service, var state, var kind, _, var output]:
                if (kind == "HARD") check = new(host, service, state) { Output = output, Since = time };
                break;
            case "HOST ALERT" when rest.Split(';', 5) is [var host, var state, var kind, _, var output]:
                if (kind == "HARD") check = new(host, null, state) { Output = output, Since = time };
                break;
            case "SERVICE NOTIFICATION" when rest.Split(';', 6) is [var contact, var host, var service, var state, _, var output]:
                check = Told(contact, host, service, state, output);
                break;
            case "HOST NOTIFICATION" when rest.Split(';', 5) is [var contact, var host, var state, _, var output]:
                check = Told(contact, host, null, state, output);
                break;
            case "SERVICE ALERT" or "HOST ALERT" or "SERVICE NOTIFICATION" or "HOST NOTIFICATION":
                problem = "has too few fields; Nagios writes them with ; between";
                return false;
        }
        if (check is null) return true;
        check = check with { Output = Bounded(check.Output, context) };
        if (check.Host.Length == 0 || !NagiosCheck.IsState(check.State)) problem = $"has no host, or \"{LabelObject.Shown(check.State)}\" is no state of Nagios";
        else if (Encoding.UTF8.GetByteCount(check.Host + check.Service) > context.Limits.ValueBytes) problem = $"names a host or service of over {context.Limits.ValueBytes} bytes";
        return problem.Length == 0;
    }

    // "ACKNOWLEDGEMENT (CRITICAL)", "FLAPPINGSTART (WARNING)"; a plain problem or recovery has only the state.
    private static NagiosCheck Told(string contact, string host, string? service, string state, string output)
    {
        var open = state.IndexOf(" (", StringComparison.Ordinal);
        var check = open > 0 && state.EndsWith(')') ? new NagiosCheck(host, service, state[(open + 2)..^1], state[..open]) : new(host, service, state);
        return check with { Contacts = contact.Length > 0 ? [contact] : [], Output = output };
    }

    private static string Bounded(string text, ParseContext context)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return utf8.Length <= context.Limits.ValueBytes ? text : Encoding.UTF8.GetString(Texts.Cut(utf8, context.Limits.ValueBytes));
    }

    private static bool TryTime(ReadOnlySpan<byte> line, out DateTimeOffset time, out ReadOnlySpan<byte> rest)
    {
        time = default;
        rest = default;
        if (line is not [(byte)'[', ..] || !Utf8Parser.TryParse(line[1..], out long seconds, out var used) || seconds is < 0 or > 100_000_000_000) return false;
        if (!line[(used + 1)..].StartsWith("] "u8)) return false;
        time = DateTimeOffset.FromUnixTimeSeconds(seconds);
        rest = line[(used + 3)..];
        return true;
    }
}
