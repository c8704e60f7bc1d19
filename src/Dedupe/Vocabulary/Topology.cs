namespace Dedupe.Vocabulary;

public enum Level : byte
{
    Host,
    Service,
    System,
    Business,
}

public static class LevelWords
{
    private static readonly string[] All = ["host", "service", "system", "business"];

    /// <summary>The level as the contract writes it.</summary>
    public static string Word(this Level level) => All[(int)level];
}

/// <summary>One part of the world, what it belongs to and what it needs.</summary>
public sealed record Component(string Name, Level Level, string? PartOf, IReadOnlyList<string> DependsOn);

/// <summary>A system or a business that holds or needs what fires.</summary>
public sealed record Affected(Level Level, string Component);

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

    /// <summary>A component that is part of itself, by way of which others, as <c>a, b, a</c>; null where there is none.</summary>
    public IReadOnlyList<string>? PartOfCycle()
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var start in Components)
        {
            var path = new List<string>();
            var at = start;
            while (at is not null && done.Add(at.Name))
            {
                path.Add(at.Name);
                at = at.PartOf is { } whole ? Find(whole) : null;
            }
            if (at is not null && path.IndexOf(at.Name) is var from and >= 0) return [.. path[from..], at.Name];
        }
        return null;
    }

    /// <summary>The component an alert belongs to: the first of <paramref name="componentLabels"/> that it carries; null where it carries none.</summary>
    public static string? ComponentOf(LabelSet labels, IReadOnlyList<string> componentLabels)
    {
        foreach (var name in componentLabels)
            if (labels[name] is { } value) return value;
        return null;
    }
}
