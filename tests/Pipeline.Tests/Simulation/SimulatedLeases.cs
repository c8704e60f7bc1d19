namespace Pipeline.Tests.Simulation;

/// <summary>Who works on which numbered share, as the leases in the database have it: five seconds at a time.</summary>
internal sealed class SimulatedLeases(Site site, int count)
{
    public static readonly TimeSpan Lasts = TimeSpan.FromSeconds(5);

    private readonly Dictionary<object, DateTimeOffset> nodes = [];
    private readonly (object? Node, DateTimeOffset Until)[] held = new (object?, DateTimeOffset)[count];

    /// <summary>A sign of life: renews what the node holds and takes what is free, up to its part of all.</summary>
    public (IReadOnlyList<int> Numbers, int Share) Beat(object node)
    {
        nodes[node] = site.Now + Lasts;
        var live = nodes.Values.Count(until => until > site.Now);
        var (share, numbers) = ((count + live - 1) / live, new List<int>());
        for (var i = 0; i < count; i++)
            if (held[i].Node == node) numbers.Add(i);
        for (var i = 0; i < count && numbers.Count < share; i++)
            if (held[i].Node != node && (held[i].Node is null || held[i].Until < site.Now)) numbers.Add(i);
        foreach (var number in numbers) held[number] = (node, site.Now + Lasts);
        return (numbers, share);
    }

    public void Release(object node, int number)
    {
        if (held[number].Node == node) held[number] = default;
    }

    /// <summary>Who is said to hold it; it may be dead, or know nothing of it any more.</summary>
    public object? HolderOf(int number) => held[number].Until > site.Now ? held[number].Node : null;
}
