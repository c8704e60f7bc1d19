using System.Buffers.Text;
using Dedupe.Vocabulary;
using Ingest;
using Pipeline.Config;

namespace Pipeline.Replaying;

/// <summary>Nagios' own log: <c>[1337847018] SERVICE ALERT: web1;HTTP;CRITICAL;HARD;3;Connection refused</c>.</summary>
/// <remarks>Lines that are about Nagios itself (start, rotation, passive checks) are no alerts and get no row.</remarks>
internal sealed class NagiosLogLines(Settings settings) : ILineFormat
{
    private const string SourceName = "nagios-log";

    private readonly Identities identities = new(settings.Rules.Identity);

    public bool Read(ReadOnlyMemory<byte> line, ref ReplayEntry entry)
    {
        entry.Source = SourceName;
        if (!TryTime(line.Span, out var time))
        {
            entry.Kind = EntryKind.Rejected;
            entry.Problem = new(0, "", "a nagios.log line begins with [seconds since 1970]");
            return true;
        }
        entry.At = entry.ReceivedAt = time;
        var parsed = Sources.Find(SourceName)!.Parse(line, new(identities, settings.Limits, time));
        entry.Parsed = parsed;
        entry.Problem = parsed.Problem;
        entry.Kind = parsed.Problem is null ? EntryKind.Delivery : EntryKind.Rejected;
        return parsed.Problem is not null || parsed.Alerts.Count + parsed.Changes.Count + parsed.Rejected.Count > 0;
    }

    private static bool TryTime(ReadOnlySpan<byte> line, out DateTimeOffset time)
    {
        time = default;
        if (line is not [(byte)'[', ..] || !Utf8Parser.TryParse(line[1..], out long seconds, out var used)) return false;
        if (line.Length <= used + 1 || line[used + 1] != ']' || seconds is < 0 or > 7_000_000_000) return false;
        time = DateTimeOffset.FromUnixTimeSeconds(seconds);
        return true;
    }
}
