using Dedupe.Vocabulary;
using Pipeline.Config;

namespace Pipeline.Topologies;

/// <summary>A topology while it is read from another form. What is only referred to is a component too.</summary>
internal sealed class TopologyDraft(Problems problems)
{
    private const int Most = 100_000, LongestName = 1_024;

    private readonly Dictionary<string, Part> parts = new(StringComparer.Ordinal);
    private bool full;

    private sealed class Part(string name, int line)
    {
        public string Name => name;
        public int Line { get; set; } = line;
        public Level? Level { get; set; }
        public string? PartOf { get; set; }
        public List<string> DependsOn { get; } = [];
        public HashSet<string> Needs { get; } = new(StringComparer.Ordinal);
    }

    /// <summary>The level of one that is known; null where it is not, or where nobody said.</summary>
    public Level? LevelOf(string name) => parts.GetValueOrDefault(name)?.Level;

    /// <summary>A component; the first that says its level has said it.</summary>
    public void Add(string name, Level? level, int line)
    {
        if (PartOf(name, line) is { } part) part.Level ??= level;
    }

    /// <summary>The first whole that is named holds: a component is part of one.</summary>
    public void Belongs(string name, string whole, int line)
    {
        if (PartOf(name, line) is not { } part || PartOf(whole, line) is null || part.PartOf is not null) return;
        if (name == whole) problems.Add(line, $"\"{name}\" is part of itself; take that out");
        else (part.PartOf, part.Line) = (whole, line);
    }

    public void Needs(string name, string other, int line)
    {
        if (PartOf(name, line) is not { } part || PartOf(other, line) is null) return;
        // A loop in a graph that a program drew says nothing of a cascade.
        if (name != other && part.Needs.Add(other)) part.DependsOn.Add(other);
    }

    public Topology Build()
    {
        var topology = new Topology([.. parts.Values.Select(p => new Component(p.Name, p.Level ?? Level.Service, p.PartOf, p.DependsOn))]);
        if (topology.Components.Count == 0) problems.Add(0, "names no components");
        if (topology.PartOfCycle() is { } cycle)
            problems.Add(parts[cycle[0]].Line, $"a component cannot be part of itself: {string.Join(" -> ", cycle)}; take out one of these");
        return topology;
    }

    private Part? PartOf(string name, int line)
    {
        if (parts.TryGetValue(name, out var known)) return known;
        if (full) return null;
        if (name.Length > LongestName || name.Any(char.IsControl))
        {
            problems.Add(line, name.Length > LongestName ? $"a component's name is longer than {LongestName} characters" : "a component's name holds control characters; take them out");
            return null;
        }
        if (parts.Count == Most)
        {
            full = true;
            problems.Add(line, $"names more than {Most} components");
            return null;
        }
        return parts[name] = new(name, line);
    }
}
