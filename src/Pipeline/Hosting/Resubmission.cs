using Dedupe.Vocabulary;
using Ingest;

namespace Pipeline.Hosting;

/// <summary>A rejected part taken again, through its source's own parser and the intake of what comes over HTTP.</summary>
internal static class Resubmission
{
    public static async ValueTask<ResubmitAnswer> ByAsync(
        IIntake intake, string source, ReadOnlyMemory<byte> body, Identities identities, IngestLimits limits, TimeProvider time, CancellationToken cancel)
    {
        // A dead letter is submitted as what it was before it died.
        if (source.StartsWith(Sources.DeadLetter, StringComparison.Ordinal)) source = source[Sources.DeadLetter.Length..];
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        var parsed = Sources.Parse(source, body, new(identities, limits, now));
        if (parsed.Problem is { } problem) return new(400, 0, problem.Field, problem.Problem);
        var answer = await intake.AcceptAsync(new(source, now, null, body, parsed), cancel);
        return answer.Status switch
        {
            IntakeStatus.Recorded or IntakeStatus.Copy => new(200, parsed.Alerts.Count + parsed.Changes.Count),
            IntakeStatus.Busy => new(429, 0, null, answer.Detail),
            _ => new(503, 0, null, answer.Detail),
        };
    }
}
