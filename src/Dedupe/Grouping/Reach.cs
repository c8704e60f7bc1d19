using Dedupe.Vocabulary;

namespace Dedupe.Grouping;

/// <summary>How far a component is from others along what depends on what.</summary>
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
                foreach (var needed in topology.Find(name)?.DependsOn ?? [])
                {
                    if (services.Contains(needed)) return steps;
                    if (seen.Add(needed)) next.Add(needed);
                }
            at = next;
        }
        return null;
    }

    /// <summary>All that a component needs within those steps, nearest first and at most so much.</summary>
    public static HashSet<string> Needed(Topology topology, string component, int most)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        List<string> at = [component];
        for (var steps = 1; steps <= Farthest && found.Count < most; steps++)
            at = [.. at.SelectMany(name => topology.Find(name)?.DependsOn ?? []).Where(needed => found.Count < most && found.Add(needed))];
        return found;
    }

    /// <summary>All that a change of <paramref name="services"/> reaches, in steps: they and their parts, 0, what depends on those or holds them, and so on.</summary>
    public static Dictionary<string, int> Radius(Neighbours neighbours, IEnumerable<string> services)
    {
        var reached = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var at = new Queue<string>();
        foreach (var service in services) Add(service, 0);
        // Only the parts of what is named: what holds a part is reached, its other parts are not.
        for (var parts = new Queue<string>(at); parts.TryDequeue(out var whole);)
            foreach (var part in neighbours.Parts(whole))
                if (Add(part, 0)) parts.Enqueue(part);
        while (at.TryDequeue(out var name))
            foreach (var above in neighbours.Above(name)) Add(above, reached[name] + 1);
        return reached;

        bool Add(string name, int steps)
        {
            if (!reached.TryAdd(name, steps)) return false;
            at.Enqueue(name);
            return true;
        }
    }
}
