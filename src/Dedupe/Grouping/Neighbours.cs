using Dedupe.Vocabulary;

namespace Dedupe.Grouping;

/// <summary>What is near a component in a declared topology: what it depends on, what depends on it, what it is part of and what is part of it.</summary>
/// <remarks>Found once a component and kept for as long as the topology is in force.</remarks>
internal sealed class Neighbours(Topology topology)
{
    /// <summary>A failure spreads farther than this, but each step of it joins what is next to it.</summary>
    private const int Farthest = 2;
    private const int Most = 500;

    private readonly Dictionary<string, IReadOnlyList<Neighbour>> known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> needs = new(StringComparer.Ordinal);
    private Dictionary<string, List<string>>? above, parts;

    public Topology Topology => topology;

    /// <summary>Nearest first; none for a component that is not declared.</summary>
    public IReadOnlyList<Neighbour> Of(string component)
    {
        if (topology.Components.Count == 0 || topology.Find(component) is null) return [];
        if (known.TryGetValue(component, out var found)) return found;
        return known[component] = Search(component);
    }

    /// <summary>What it needs, within as many steps as a cause is looked for; the nearest where that is very much. Kept, since a storm asks for it with every component that joins.</summary>
    public IReadOnlySet<string> Needed(string component) =>
        needs.TryGetValue(component, out var found) ? found : needs[component] = Reach.Needed(topology, component, Most);

    /// <summary>What it is part of, and what depends on it.</summary>
    public IEnumerable<string> Above(string component)
    {
        if (topology.Find(component)?.PartOf is { } whole) yield return whole;
        foreach (var user in (above ??= Users()).GetValueOrDefault(component) ?? []) yield return user;
    }

    /// <summary>What is part of it.</summary>
    public IEnumerable<string> Parts(string component) => (parts ??= Held()).GetValueOrDefault(component) ?? [];

    private Dictionary<string, List<string>> Users() => Inverse(topology.Components.SelectMany(c => c.DependsOn.Select(needed => (needed, c.Name))));

    private Dictionary<string, List<string>> Held() => Inverse(topology.Components.Where(c => c.PartOf is not null).Select(c => (c.PartOf!, c.Name)));

    private List<Neighbour> Search(string component)
    {
        above ??= Users();
        parts ??= Held();
        var found = new List<Neighbour>();
        var seen = new HashSet<string>(StringComparer.Ordinal) { component };
        List<(string Name, string How)> at = [(component, "")];
        for (var steps = 1; steps <= Farthest; steps++)
        {
            var next = new List<(string, string)>();
            foreach (var (name, how) in at)
            {
                var one = topology.Find(name);
                foreach (var needed in one?.DependsOn ?? []) Add(needed, "depends on");
                foreach (var user in above.GetValueOrDefault(name) ?? []) Add(user, "is needed by");
                if (one?.PartOf is { } whole) Add(whole, "is part of");
                foreach (var part in parts.GetValueOrDefault(name) ?? []) Add(part, "holds");

                void Add(string other, string way)
                {
                    if (found.Count >= Most || !seen.Add(other)) return;
                    // Two steps in one direction keep their word; a turn on the way is only near.
                    way = how.Length == 0 || how == way ? way : "is near";
                    found.Add(new(other, steps, way));
                    next.Add((other, way));
                }
            }
            at = next;
        }
        return found;
    }

    private static Dictionary<string, List<string>> Inverse(IEnumerable<(string To, string From)> edges)
    {
        var inverse = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (to, from) in edges)
        {
            if (!inverse.TryGetValue(to, out var list)) inverse[to] = list = [];
            list.Add(from);
        }
        return inverse;
    }
}

/// <param name="How">What the component does to it: <c>depends on</c>, <c>is needed by</c>, <c>is part of</c>, <c>holds</c>, <c>is near</c>.</param>
internal readonly record struct Neighbour(string Name, int Steps, string How);
