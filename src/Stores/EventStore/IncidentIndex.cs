using Dedupe.Log;

namespace Stores.EventStore;

/// <summary>In which blocks of a scope's decisions an incident has some: EventStoreDB finds events by number, not by content.</summary>
/// <remarks>
/// Filled by whatever this process reads or appends in order. It holds 4 bytes an incident and block of 256 decisions that it lies in, and
/// is bounded as the decisions are, by their retention.
/// </remarks>
internal sealed class IncidentIndex
{
    private const int Block = 256;

    private readonly Lock one = new();
    private readonly Dictionary<string, List<int>> blocks = new(StringComparer.Ordinal);
    private long last;

    /// <summary>The last version that is in it.</summary>
    public long Last
    {
        get
        {
            lock (one) return last;
        }
    }

    /// <summary>Takes a decision if it is the next one.</summary>
    /// <param name="previous">The version after which it is the first one there is: those between were dropped.</param>
    public void Note(long previous, DecisionRecord decision)
    {
        lock (one)
        {
            if (previous > last || decision.Version <= last) return;
            last = decision.Version;
            if (decision.Incident is not { } incident) return;
            if (!blocks.TryGetValue(incident, out var held)) blocks[incident] = held = [];
            if (held.Count == 0 || held[^1] != BlockOf(last)) held.Add(BlockOf(last));
        }
    }

    /// <summary>The versions among which the incident's are, in order; neighbouring blocks as one.</summary>
    public IReadOnlyList<(long From, long To)> Find(string incident)
    {
        var spans = new List<(long From, long To)>();
        lock (one)
            foreach (var block in blocks.GetValueOrDefault(incident) ?? [])
            {
                var (from, to) = (((long)block * Block) + 1, ((long)block + 1) * Block);
                if (spans.Count > 0 && spans[^1].To == from - 1) spans[^1] = (spans[^1].From, to);
                else spans.Add((from, to));
            }
        return spans;
    }

    /// <summary>Forgets what lies wholly before a version.</summary>
    public void Drop(long before)
    {
        lock (one)
            foreach (var (incident, held) in blocks.ToList())
            {
                held.RemoveAll(b => ((long)b + 1) * Block < before);
                if (held.Count == 0) blocks.Remove(incident);
            }
    }

    private static int BlockOf(long version) => (int)((version - 1) / Block);
}
