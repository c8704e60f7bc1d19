using Dedupe.Rules;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>
/// The severities at which the sender fires one identity at once. To Prometheus an alert of another severity is another alert: a rule for warning and one for critical fire beside each other,
/// are sent in turn and end apart. To us they are one identity, as bad as the worst of them that stands, until the last has ended.
/// </summary>
/// <remarks>A statistic, kept only while a second severity is known. Each stands until its end, or unheard as long as an identity does.</remarks>
internal sealed class Voices
{
    private static readonly int Severities = Enum.GetValues<Severity>().Length;
    private readonly long[] heard = new long[Severities], ends = new long[Severities];

    public Voices() => Array.Fill(heard, Clock.Never);

    /// <summary>The alert as it counts for the identity, by all that its sender says of it at the moment.</summary>
    public static Alert Hear(IdentityState identity, Alert alert, long at, RuleSet rules)
    {
        if (!alert.PerSeverity || alert.Severity == Severity.Unknown) return alert;
        var firing = alert.Status == AlertStatus.Firing;
        if (identity.Voices is null && (identity.Voice == Severity.Unknown || identity.Voice == alert.Severity))
        {
            identity.Voice = firing ? alert.Severity : Severity.Unknown;
            return alert;
        }
        if (identity.Voices is not { } voices)
        {
            voices = identity.Voices = new();
            voices.Set(identity.Voice, identity.LastSeen, identity.EndsAt);
        }
        if (firing) voices.Set(alert.Severity, at, alert.EndsAt?.Ms() ?? Clock.Never);
        else voices.heard[(int)alert.Severity] = Clock.Never;
        return voices.Worst(at, rules) is { } worst ? voices.As(alert, worst) : Silent(identity, alert);
    }

    public void Write(SnapshotWriter to)
    {
        foreach (var time in (ReadOnlySpan<long>)[.. heard, .. ends]) to.Write(time);
    }

    public static Voices Read(SnapshotReader from)
    {
        var voices = new Voices();
        foreach (var times in (ReadOnlySpan<long[]>)[voices.heard, voices.ends])
            for (var i = 0; i < times.Length; i++) times[i] = from.ReadInt64();
        return voices;
    }

    private static Alert Silent(IdentityState identity, Alert alert)
    {
        (identity.Voices, identity.Voice) = (null, Severity.Unknown);
        return alert;
    }

    private void Set(Severity severity, long at, long end) => (heard[(int)severity], ends[(int)severity]) = (at, end);

    private Severity? Worst(long at, RuleSet rules)
    {
        for (var i = Severities - 1; i > (int)Severity.Unknown; i--)
            if (heard[i] != Clock.Never && ends[i] > at && at - heard[i] < rules.Identity.Expire.Ms()) return (Severity)i;
        return null;
    }

    /// <summary>What fires at its worst is what is said; the end of another severity only says that the identity is still heard.</summary>
    private Alert As(Alert alert, Severity worst)
    {
        if (alert.Severity == worst && alert.Status == AlertStatus.Firing) return alert;
        var end = ends[(int)worst];
        return alert with { Status = AlertStatus.Firing, Severity = worst, EndsAt = end == Clock.Never ? null : end.ToTime() };
    }
}
