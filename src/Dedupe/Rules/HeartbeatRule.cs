using Dedupe.Vocabulary;

namespace Dedupe.Rules;

/// <summary>Something that has to come again and again: an inbound dead-man's switch. Its absence is what is told.</summary>
/// <param name="Every">How often it comes.</param>
/// <param name="Grace">How much longer it may take: unheard for both together, it is missing.</param>
/// <param name="Match">Labels of the alert that is the heartbeat: each identity that carries them is waited for, and is no incident while it comes.</param>
/// <param name="Source">Instead: whatever comes from this source is a sign of life, and is decided as ever.</param>
/// <param name="Observer">Instead: whatever this observer has seen.</param>
/// <param name="Severity">How bad its absence is.</param>
public sealed record HeartbeatRule(
    string Name, TimeSpan Every, TimeSpan Grace, LabelSet? Match = null, string? Source = null, string? Observer = null, Severity Severity = Severity.Critical)
{
    /// <summary>A beat of this one. Log lines say that something happened: they are no heartbeat, but a sign of their source's life.</summary>
    public bool Is(Alert alert) =>
        Match is not null && alert is { Status: AlertStatus.Firing, Acknowledges: false, LogMessage: null } && alert.Identity.Labels.Matches(Match);

    /// <summary>A sign of life of this one: of a source whatever comes from it, of an observer whatever it has seen.</summary>
    internal bool Hears(string source, IReadOnlyList<Alert> alerts) =>
        Match is null && (Source == source || (Observer is not null && alerts.Any(a => a.Identity.Observers.Contains(Observer))));

    /// <summary>The labels under which it waits before anything came: of those that it matches such as make an identity.</summary>
    internal LabelSet Awaited(IdentityRules identity) => Match?.Without(identity.Volatile) ?? LabelSet.Empty;

    /// <summary>True where what waits under these labels is still waited for.</summary>
    internal bool Covers(LabelSet labels, IdentityRules identity) => Match is null ? labels.Count == 0 : labels.Matches(Awaited(identity));
}

public static class HeartbeatRules
{
    /// <summary>Which heartbeat an alert is a beat of, the first that takes it; null for an alert like any other.</summary>
    public static HeartbeatRule? Of(this IReadOnlyList<HeartbeatRule> heartbeats, Alert alert)
    {
        for (var i = 0; i < heartbeats.Count; i++)
            if (heartbeats[i].Is(alert)) return heartbeats[i];
        return null;
    }

    public static HeartbeatRule? Named(this IReadOnlyList<HeartbeatRule> heartbeats, string name)
    {
        for (var i = 0; i < heartbeats.Count; i++)
            if (heartbeats[i].Name == name) return heartbeats[i];
        return null;
    }
}
