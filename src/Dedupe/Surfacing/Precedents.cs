namespace Dedupe.Surfacing;

/// <summary>How many changes there were, and how many of them had an incident near them behind them.</summary>
/// <param name="Changes">Decayed: what happened long ago counts less.</param>
/// <param name="Incidents">Decayed as well.</param>
/// <param name="Ever">The changes as they were counted, for people.</param>
internal readonly record struct Precedent(double Changes, double Incidents, int Ever, int EverIncidents)
{
    public static readonly Precedent Change = new(1, 0, 1, 0), Incident = new(0, 1, 0, 1);

    public static Precedent operator +(Precedent a, Precedent b) => new(a.Changes + b.Changes, a.Incidents + b.Incidents, a.Ever + b.Ever, a.EverIncidents + b.EverIncidents);
}

/// <summary>What came of changes before, by kind, and by kind and service.</summary>
internal sealed class Precedents
{
    private const int Most = 2_000;
    private const double HalfLifeMs = 30 * 24 * 3600_000.0;

    private readonly Dictionary<(string Kind, string Service), (Precedent Known, long At)> known = [];

    public IEnumerable<(string Kind, string Service, Precedent Known, long At)> All => known.Select(k => (k.Key.Kind, k.Key.Service, k.Value.Known, k.Value.At));

    /// <param name="service">Empty for all changes of the kind.</param>
    public Precedent At(string kind, string service, long at)
    {
        if (!known.TryGetValue(Key(kind, service), out var found)) return default;
        var left = Math.Pow(2, -Math.Max(0, at - found.At) / HalfLifeMs);
        return found.Known with { Changes = found.Known.Changes * left, Incidents = found.Known.Incidents * left };
    }

    public void Add(string kind, string service, Precedent more, long at)
    {
        if (!known.ContainsKey(Key(kind, service)) && known.Count >= Most)
            known.Remove(known.OrderBy(k => k.Value.At).ThenBy(k => k.Key).First().Key);
        known[Key(kind, service)] = (At(kind, service, at) + more, at);
    }

    public void Restore(string kind, string service, Precedent precedent, long at) => known[(kind, service)] = (precedent, at);

    private static (string, string) Key(string kind, string service) => (kind.ToLowerInvariant(), service);
}
