using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Dedupe.Vocabulary;
using Ingest.Reading;

namespace Ingest;

/// <summary>Syslog messages over HTTP, as shippers post them: RFC 5424 and RFC 3164, a line each or octet-counted (RFC 6587).</summary>
/// <example><code>
/// &lt;11&gt;1 2026-01-31T12:00:00Z web-1 shop 4711 - - no thread for order 4711
/// &lt;11&gt;Jan 31 12:00:00 web-1 shop[4711]: no thread for order 4711
/// </code>The application is the service. Severity 0 to 3 is an alert, 4 a warning and the rest information, which only train.</example>
internal sealed class SyslogSource : ISource
{
    public string Name => "syslog";

    public Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context)
    {
        var (found, index) = (new Found(), 0);
        var rest = body.Span;
        while (!rest.IsEmpty)
        {
            var line = Next(ref rest).Trim(" \t\r\n\0"u8);
            if (line.IsEmpty) continue;
            if (index >= context.Limits.Alerts) return JsonBody.TooMany("body", context.Limits.Alerts);
            if (!System.Text.Unicode.Utf8.IsValid(line)) found.Reject(index, $"lines[{index}]", Texts.NotUtf8);
            else if (!Read(Encoding.UTF8.GetString(line), context, found, out var flaw)) found.Reject(index, $"lines[{index}]", flaw.Problem);
            index++;
        }
        return index == 0 ? Parsed.Failed("body", "is empty; send a syslog message a line") : found.Parsed;
    }

    /// <summary>A message with its length before it, else a line.</summary>
    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> rest)
    {
        if (Utf8Parser.TryParse(rest, out int length, out var digits) && digits is > 0 and < 8 && digits < rest.Length && rest[digits] == ' '
            && length > 0 && digits + 1 + length <= rest.Length && rest[digits + 1] == '<')
        {
            var counted = rest.Slice(digits + 1, length);
            rest = rest[(digits + 1 + length)..];
            return counted;
        }
        var end = rest.IndexOf((byte)'\n');
        var line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return line;
    }

    private static bool Read(string line, ParseContext context, Found found, out Flaw flaw)
    {
        // Without a priority it is user.notice, as RFC 3164 says.
        var (severity, text) = (5, line);
        if (line[0] == '<' && line.IndexOf('>') is > 1 and < 5 and var end && int.TryParse(line.AsSpan(1, end - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var priority) && priority < 192)
            (severity, text) = (priority % 8, line[(end + 1)..]);
        var (service, message, at) = text.StartsWith("1 ", StringComparison.Ordinal) ? Rfc5424(text[2..]) : Rfc3164(text);
        var (level, isError) = severity switch { <= 3 => (Severity.Critical, true), 4 => (Severity.Warning, false), _ => (Severity.Info, false) };
        return LogLine.Take(service, level, isError, message, at, context, found, out flaw);
    }

    /// <summary>TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA [MSG], each a <c>-</c> where it is not known.</summary>
    private static (string, string?, DateTimeOffset?) Rfc5424(string text)
    {
        var parts = text.Split(' ', 6);
        if (parts.Length < 6) return ("", text, null);
        var at = DateTimeOffset.TryParse(parts[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : (DateTimeOffset?)null;
        var rest = parts[5];
        if (rest.StartsWith('-')) rest = rest[1..];
        else
            // Elements in brackets; a bracket inside a value is escaped.
            while (rest.StartsWith('['))
            {
                var end = 1;
                while (end < rest.Length && rest[end] != ']') end += rest[end] == '\\' ? 2 : 1;
                rest = end + 1 >= rest.Length ? "" : rest[(end + 1)..];
            }
        return (parts[2] == "-" ? "" : parts[2], rest.TrimStart().TrimStart('\uFEFF'), at);
    }

    /// <summary>Mmm dd hh:mm:ss HOSTNAME TAG[PID]: MSG. Its time has no year and no zone, so it says nothing that receipt does not.</summary>
    private static (string, string?, DateTimeOffset?) Rfc3164(string text)
    {
        if (text.Length > 16 && text[3] == ' ' && text[9] == ':' && text[12] == ':') text = text[16..] is var rest && rest.IndexOf(' ') is > 0 and var host ? rest[(host + 1)..] : rest;
        var colon = text.IndexOf(':');
        if (colon <= 0 || text.AsSpan(0, colon).Contains(' ')) return ("", text, null);
        var tag = text[..colon];
        var bracket = tag.IndexOf('[');
        return (bracket > 0 ? tag[..bracket] : tag, text[(colon + 1)..].TrimStart(), null);
    }
}
