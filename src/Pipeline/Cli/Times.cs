using Pipeline.Config;
using Pipeline.Replaying;

namespace Pipeline.Cli;

/// <summary>Times on the command line.</summary>
internal static class Times
{
    public const string Help = "2026-01-31T12:00:00Z, or how long ago: 90m, 2h, 1d";

    /// <exception cref="UsageException">Neither a time nor a duration.</exception>
    public static DateTimeOffset Read(string text, string option, DateTimeOffset now)
    {
        if (Rfc3339.TryRead(text, out var time)) return time;
        if (Durations.TryParse(text, out var ago) && ago <= TimeSpan.FromDays(36_500)) return now - ago;
        throw new UsageException($"{option} \"{text}\" is not a time; write {Help}");
    }

    /// <summary>A time to come: a duration counts from now on.</summary>
    /// <exception cref="UsageException">Neither a time nor a duration.</exception>
    public static DateTimeOffset ReadAhead(string text, string option, DateTimeOffset now) =>
        Durations.TryParse(text, out var ahead) && ahead <= TimeSpan.FromDays(36_500) ? now + ahead
            : Rfc3339.TryRead(text, out var time) ? time
            : throw new UsageException($"{option} \"{text}\" is not a time; write 2026-01-31T12:00:00Z, or for how long: 30m, 2h");

    public static string Write(DateTimeOffset time)
    {
        Span<byte> utf8 = stackalloc byte[Rfc3339.Length];
        Rfc3339.Write(time, utf8);
        return System.Text.Encoding.ASCII.GetString(utf8);
    }

    public static DateTimeOffset? ReadMaybe(string? text, string option, DateTimeOffset now) => text is null ? null : Read(text, option, now);
}
