using Dedupe.Vocabulary;

namespace Dedupe.Grouping;

/// <summary>How near a component is to what a change names: the same, one that depends on it, one of the same system.</summary>
internal static class Reach
{
    private const int Farthest = 3;

    /// <summary>Steps along declared dependencies from <paramref name="component"/> to any of <paramref name="services"/>; null where none leads there.</summary>
    public static int? Steps(Topology topology, string component, IReadOnlyList<string> services)
    {
        if (services.Contains(component)) return 0;
        var seen = new HashSet<string>(StringComparer.Ordinal) { component };
        List<string> at = [component];
        for (var steps = 1; steps <= Farthest; steps++)
        {
            var next = new List<string>();
            foreach (var name in at)
                foreach (var needed in Needs(topology, name))
                {
                    if (services.Contains(needed)) return steps;
                    if (seen.Add(needed)) next.Add(needed);
                }
            at = next;
        }
        return null;
    }

    /// <summary>True where a change of <paramref name="services"/> reaches it: itself, what depends on it, what is part of it. None named: everything.</summary>
    public static bool Covers(Topology topology, IReadOnlyList<string> services, LabelSet labels, IReadOnlyList<string> componentLabels)
    {
        if (services.Count == 0) return true;
        foreach (var name in componentLabels)
            if (labels[name] is { } value && (Steps(topology, value, services) is not null || IsWithin(topology, value, services))) return true;
        return false;
    }

    /// <summary>True where both belong to one system.</summary>
    public static bool ShareSystem(Topology topology, string component, IReadOnlyList<string> services) =>
        topology.Find(component)?.PartOf is { } system && services.Any(s => s == system || topology.Find(s)?.PartOf == system);

    private static bool IsWithin(Topology topology, string component, IReadOnlyList<string> services)
    {
        // Bounded: a declared cycle of parts must not be walked for ever.
        for (var (part, levels) = (topology.Find(component)?.PartOf, 0); part is not null && levels < 8; part = topology.Find(part)?.PartOf, levels++)
            if (services.Contains(part)) return true;
        return false;
    }

    private static IReadOnlyList<string> Needs(Topology topology, string component) => topology.Find(component)?.DependsOn ?? [];
}
