namespace Dedupe.Vocabulary;

public enum Level : byte
{
    Host,
    Service,
    System,
    Business,
}

/// <summary>One part of the world, what it belongs to and what it needs.</summary>
public sealed record Component(string Name, Level Level, string? PartOf, IReadOnlyList<string> DependsOn);

/// <summary>The declared components.</summary>
public sealed record Topology(IReadOnlyList<Component> Components)
{
    public static readonly Topology None = new([]);

    private Dictionary<string, Component>? byName;

    public Component? Find(string name)
    {
        byName ??= Components.DistinctBy(c => c.Name).ToDictionary(c => c.Name, StringComparer.Ordinal);
        return byName.GetValueOrDefault(name);
    }

    /// <summary>The component an alert belongs to: the first of <paramref name="componentLabels"/> that it carries; null where it carries none.</summary>
    public static string? ComponentOf(LabelSet labels, IReadOnlyList<string> componentLabels)
    {
        foreach (var name in componentLabels)
            if (labels[name] is { } value) return value;
        return null;
    }
}
