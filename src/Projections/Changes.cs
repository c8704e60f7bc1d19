using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;

namespace Projections;

/// <summary>What people changed, newest first; one that every scope recorded is one.</summary>
public sealed class Changes : IView
{
    private const int Most = 10_000;

    private sealed class Entry
    {
        public required Change Change;
        public Place Place;
    }

    private readonly Dictionary<string, Entry> byId = [];
    private readonly Series<Entry> inOrder = new();

    string IView.Name => "changes";

    public Listed<Change> Page(Slice slice) => inOrder.Page(slice, newestFirst: true, static e => e.Change);

    void IView.Fold(int scope, DecisionRecord record, Decision decision)
    {
        if (decision is not Decision.ChangeRecorded { Change: var change }) return;
        if (byId.TryGetValue(change.Id, out var entry))
        {
            entry.Change = change;
            return;
        }
        byId[change.Id] = entry = new() { Change = change };
        entry.Place = inOrder.Add(scope, decision.At, record.Version, entry);
        if (inOrder.Count > Most) Remove(inOrder.Walk().First().Value);
    }

    void IView.Trim(DateTimeOffset before)
    {
        foreach (var entry in byId.Values)
            if (entry.Place.Ticks < before.UtcTicks) Remove(entry);
    }

    private void Remove(Entry entry)
    {
        byId.Remove(entry.Change.Id);
        inOrder.Remove(entry.Place);
    }
}
