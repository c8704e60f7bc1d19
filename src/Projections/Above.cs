using Dedupe.Vocabulary;

namespace Projections;

/// <summary>What stands above components of a topology, for as long as one question takes: what they are part of, and what needs them.</summary>
internal sealed class Above(Topology topology)
{
    /// <summary>As far as the impact that pages name.</summary>
    private const int Farthest = 8;

    private readonly ILookup<string, string> users = topology.Components.SelectMany(c => c.DependsOn.Select(needed => (needed, c.Name))).ToLookup(e => e.needed, e => e.Name, StringComparer.Ordinal);

    /// <summary>A whole is as bad as its parts, at every level; a system and a business also as what they and their parts need, which is what a page calls impact.</summary>
    public HashSet<string> From(IReadOnlyCollection<string> components)
    {
        var found = Up(components, name => Whole(name));
        foreach (var above in Up(components, name => Whole(name).Concat(users[name])))
            if (topology.Find(above) is { Level: Level.System or Level.Business }) found.Add(above);
        return found;
    }

    private IEnumerable<string> Whole(string name) => topology.Find(name)?.PartOf is { } whole ? [whole] : [];

    private static HashSet<string> Up(IReadOnlyCollection<string> from, Func<string, IEnumerable<string>> above)
    {
        var found = new HashSet<string>(from, StringComparer.Ordinal);
        List<string> at = [.. from];
        for (var steps = 0; steps < Farthest && at.Count > 0; steps++) at = [.. at.SelectMany(above).Where(found.Add)];
        return found;
    }
}
