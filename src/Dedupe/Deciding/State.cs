using Dedupe.Grouping;
using Dedupe.Surfacing;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>What a scope knows. <see cref="Fold"/> changes facts by decisions, <see cref="Statistics"/> learns from inputs.</summary>
internal sealed class State(IncidentIndex index)
{
    public Dictionary<Fingerprint, IdentityState> Identities { get; } = [];
    public Dictionary<string, IncidentState> Incidents { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, Silence> Silences { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, NameStatistics> Names { get; } = new(StringComparer.Ordinal);
    public HashSet<string> FailingPagers { get; } = new(StringComparer.Ordinal);

    /// <summary>When a pager answered again after a failure: what waited since before is late.</summary>
    public Dictionary<string, long> RecoveredAt { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, long> PagesOf { get; } = new(StringComparer.Ordinal);
    public List<(long From, long To)> Blind { get; } = [];
    public List<Change> Changes { get; } = [];
    public LogTemplates Templates { get; set; } = new();
    public Copies Copies { get; } = new();
    public IncidentIndex Index { get; } = index;

    /// <summary>Identities with repeats not yet counted in a decision.</summary>
    public List<IdentityState> Uncounted { get; } = [];
    public long UncountedSince { get; set; } = Clock.Never;

    /// <summary>Orders of creation: even for identities, odd for incidents, so that neither depends on when the other came.</summary>
    public long NextIdentity { get; set; } = 2;
    public long NextIncident { get; set; } = 1;
    public long NextOrdinal { get; set; } = 1;

    /// <summary>Time of the first delivery ever; Never before it.</summary>
    public long FirstDeliveryAt { get; set; } = Clock.Never;

    /// <summary>The incident that gathers what began before we listened.</summary>
    public IncidentState? Preexisting { get; set; }

    /// <summary>The identity, made if it is new.</summary>
    public IdentityState Identity(Fingerprint fingerprint, LabelSet labels)
    {
        if (Identities.TryGetValue(fingerprint, out var known)) return known;
        var name = labels["alertname"] ?? "";
        if (!Names.TryGetValue(name, out var statistics)) Names[name] = statistics = new(name);
        var identity = new IdentityState(fingerprint, labels, statistics, NextIdentity);
        NextIdentity += 2;
        Identities[fingerprint] = identity;
        return identity;
    }

    /// <summary>How much of the time from <paramref name="since"/> on we did not listen, in milliseconds.</summary>
    public long BlindSince(long since)
    {
        var sum = 0L;
        foreach (var (from, to) in Blind) sum += Math.Max(0, to - Math.Max(from, since));
        return sum;
    }
}
