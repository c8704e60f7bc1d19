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
        public string? Cure;
        public Place Place;
    }

    private readonly Dictionary<string, Entry> byId = [];
    private readonly Series<Entry> inOrder = new();

    string IView.Name => "changes";

    public Listed<Change> Page(Slice slice) => inOrder.Page(slice, newestFirst: true, static e => e.Change);

    /// <summary>When what an acknowledgement waits for was recorded last, not before a time; null where it was not. As <c>ack-expired</c> sees it.</summary>
    /// <param name="kind"><c>restart</c>, <c>rollback</c> or <c>deploy</c>; what goes back is a rollback, whatever its kind.</param>
    public DateTimeOffset? Recorded(string kind, DateTimeOffset since)
    {
        var last = byId.Values
            .Where(e => e.Cure == kind || string.Equals(e.Change.Kind, kind, StringComparison.OrdinalIgnoreCase))
            .Select(e => e.Place.Ticks).DefaultIfEmpty(0).Max();
        return last > 0 && last >= since.UtcTicks ? new DateTimeOffset(last, TimeSpan.Zero) : null;
    }

    void IView.Fold(int scope, DecisionRecord record, Decision decision)
    {
        if (decision is not Decision.ChangeRecorded { Change: var change } recorded) return;
        if (byId.TryGetValue(change.Id, out var entry))
        {
            (entry.Change, entry.Cure) = (change, recorded.Cure);
            return;
        }
        byId[change.Id] = entry = new() { Change = change, Cure = recorded.Cure };
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
