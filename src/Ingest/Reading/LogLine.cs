using System.Text;
using Dedupe.Templates;
using Dedupe.Vocabulary;

namespace Ingest.Reading;

/// <summary>A log line of any format as the contract's <c>logs</c> takes it: an alert from error on, else it only trains templates.</summary>
internal static class LogLine
{
    /// <param name="severity">From critical on it is an error; what is below only trains.</param>
    /// <param name="at">When it was written; null where nobody says.</param>
    public static bool Take(string service, Severity severity, bool isError, string? message, DateTimeOffset? at, ParseContext context, Found found, out Flaw flaw)
    {
        flaw = default;
        if (string.IsNullOrWhiteSpace(message)) flaw = new("body", "is missing or empty; it is the log message");
        else if (service.Contains('\0') || message.Contains('\0')) flaw = new("body", "holds a NUL character");
        if (flaw.Problem is not null) return false;
        var text = Cut(message!, context.Limits.ValueBytes);
        found.Alerts.Add(new()
        {
            Identity = context.Identities.Read([new("alertname", LogLabels.AlertName), new("service", Cut(service, context.Limits.ValueBytes))]),
            Severity = severity, Summary = text, LogMessage = StackTraces.Essence(text), TrainsOnly = !isError, StartsAt = at,
        });
        return true;
    }

    /// <summary>At most so many bytes of UTF-8, whole characters.</summary>
    private static string Cut(string text, int bytes)
    {
        if (text.Length * 3 <= bytes || Encoding.UTF8.GetByteCount(text) <= bytes) return text;
        var end = Math.Min(text.Length, bytes);
        while (Encoding.UTF8.GetByteCount(text.AsSpan(0, end)) > bytes) end--;
        return text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)];
    }
}
