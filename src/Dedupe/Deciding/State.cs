using Dedupe.Grouping;
using Dedupe.Surfacing;
using Dedupe.Templates;
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
    public List<RecordedChange> Changes { get; } = [];

    /// <summary>Changes that have yet to show effect, in the order in which they were recorded.</summary>
    public List<SettleWindow> Settling { get; } = [];

    /// <summary>What came of changes before.</summary>
    public Precedents Precedents { get; } = new();
    public LogReading Logs { get; } = new();
    public Copies Copies { get; } = new();
    public LastBegun LastBegun { get; } = new();
    public Hearts Hearts { get; } = new();
    public FiresTogether Together { get; } = new();

    /// <summary>Sources that have told of an end.</summary>
    public HashSet<string> TellingEnds { get; } = new(StringComparer.Ordinal);
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
        statistics.Identities++;
        var identity = new IdentityState(fingerprint, labels, statistics, NextIdentity);
        NextIdentity += 2;
        Identities[fingerprint] = identity;
        return identity;
    }

    private Dictionary<Fingerprint, List<IdentityState>>? stems;

    /// <summary>Labels that make an identity and did not always: those known from before lack them.</summary>
    public IReadOnlyList<string> Lacking { get; private set; } = [];

    /// <summary>Labels that do not count any more, and such as do from now on: whatever is known so far lacks the latter.</summary>
    public void Lack(IReadOnlyList<string> without, IReadOnlyList<string> lacking)
    {
        Lacking = [.. Lacking.Except(without).Union(lacking).Order(StringComparer.Ordinal)];
        stems = null;
        Logs.Templates.Rename();
        if (Lacking.Count > 0 && lacking.Count == 0) return;
        foreach (var identity in Identities.Values) identity.Lacks = Lacking.Count > 0;
    }

    /// <summary>Identities known from before that are this one, less what they lack.</summary>
    public List<IdentityState>? OfStem(Fingerprint stem)
    {
        // Found again by whoever asks first: rules change seldom.
        stems ??= Identities.Values.Where(i => i is { Lacks: true, IsKeyedByLabels: true }).GroupBy(StemOf).ToDictionary(g => g.Key, g => g.ToList());
        return stems.GetValueOrDefault(stem);
    }

    public void ForgetStem(IdentityState identity)
    {
        if (!identity.Lacks || stems is null || !stems.TryGetValue(StemOf(identity), out var list)) return;
        if (list.Remove(identity) && list.Count == 0) stems.Remove(StemOf(identity));
    }

    private Fingerprint StemOf(IdentityState identity) => Fingerprint.Of(identity.Labels.Without(Lacking));

    /// <summary>How much of the time from <paramref name="since"/> on we did not listen, in milliseconds.</summary>
    public long BlindSince(long since)
    {
        var sum = 0L;
        foreach (var (from, to) in Blind) sum += Math.Max(0, to - Math.Max(from, since));
        return sum;
    }
}

/// <summary>The time that something has to show effect.</summary>
internal sealed record SettleWindow(Change Change, long From, string Cure);

/// <summary>A change, and when we learned of it: its own clock may say anything.</summary>
/// <param name="Cure">What kind of way out it is: <c>rollback</c>, <c>restart</c>; null where none.</param>
/// <param name="OfServices">What came of earlier changes of its kind to its services.</param>
/// <param name="OfKind">What came of earlier changes of its kind.</param>
/// <param name="HadIncident">An incident suspected it.</param>
internal sealed record RecordedChange(Change Change, long At, string? Cure, Precedent OfServices, Precedent OfKind, bool HadIncident = false);
