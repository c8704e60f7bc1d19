using Dedupe.Log;

namespace Pipeline.Tests.Simulation;

/// <summary>Something that must be recorded in every scope it is for, sent to the scopes' owners and sent again until each has decided it.</summary>
internal sealed class Asking(Site site, IReadOnlyList<DedupeNode> nodes, InputKind kind, byte[] body, IEnumerable<int> partitions)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly HashSet<int> open = [.. partitions];
    private DateTimeOffset askedAt;

    public bool IsDecided => open.Count == 0;

    /// <summary>Asks, or asks again where the answer is late. False when there is nothing to do but wait.</summary>
    public bool Step()
    {
        if (IsDecided || (askedAt != default && site.Now - askedAt < Patience)) return false;
        askedAt = site.Now;
        foreach (var partition in open.Order().ToList())
        {
            var owner = nodes.FirstOrDefault(n => n.Is(site.Partitions.HolderOf(partition)));
            // What comes back may be lost, however surely it was decided.
            owner?.TryAct(partition, kind, body, () =>
            {
                if (!site.Fault(5)) open.Remove(partition);
            });
        }
        return true;
    }
}
