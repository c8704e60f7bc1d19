using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;

namespace Projections;

/// <summary>A surfaced change that nobody has been told and nobody has acknowledged.</summary>
public sealed record UnseenLine(IncidentId Incident, SurfacedChange Change);

/// <summary>Surfaced changes in no page that was sent and in no acknowledgement's cover, newest first.</summary>
public sealed class Unseen : IView
{
    private const int Most = 100_000, MostEnded = 10_000;

    private sealed class Entry(UnseenLine line)
    {
        public readonly UnseenLine Line = line;
        public Place Place;
    }

    private sealed class OfIncident
    {
        public long Version;
        public readonly HashSet<(int Scope, long Ordinal)> Unseen = [];
    }

    private readonly Dictionary<(int Scope, long Ordinal), Entry> byOrdinal = [];
    private readonly Series<Entry> inOrder = new();
    private readonly Dictionary<IncidentId, OfIncident> incidents = [];
    private readonly Queue<(IncidentId Id, long Version)> ended = new();
    private readonly Dictionary<string, (int Scope, IReadOnlyList<long> Named)> unsent = [];
    private readonly HashSet<string> sentEarly = [];
    private int sweepAt = Most;

    string IView.Name => "unseen";

    public int Total => inOrder.Count;

    public Listed<UnseenLine> Page(Slice slice) => inOrder.Page(slice, newestFirst: true, static e => e.Line);

    /// <summary>How much of an incident nobody has seen.</summary>
    public int CountOf(IncidentId incident) => incidents.GetValueOrDefault(incident)?.Unseen.Count ?? 0;

    void IView.Fold(int scope, DecisionRecord record, Decision decision)
    {
        if (decision.OfIncident is not { } id) return;
        if (!incidents.TryGetValue(id, out var incident)) incidents[id] = incident = new();
        incident.Version++;
        switch (decision)
        {
            case Decision.ChangeSurfaced c: Add(scope, record, c, incident); break;
            case Decision.PageDecided page when sentEarly.Remove(page.Page): See(scope, page.Named); break;
            case Decision.PageDecided page when page.Named.Count > 0: Await(page.Page, scope, page.Named); break;
            case Decision.IncidentAcknowledged acknowledged:
                foreach (var key in incident.Unseen.Where(k => byOrdinal[k].Line.Change.Version <= acknowledged.Seen).ToList()) Remove(key);
                break;
            case Decision.IncidentResolved: LetGo(id, incident); break;
        }
    }

    void IView.Fold(OutcomeRecord outcome)
    {
        if (outcome.State != PageState.Sent) return;
        if (unsent.Remove(outcome.PageId, out var page)) See(page.Scope, page.Named);
        else if (sentEarly.Count < Most) sentEarly.Add(outcome.PageId);
    }

    void IView.Trim(DateTimeOffset before)
    {
        foreach (var (key, entry) in byOrdinal)
            if (entry.Line.Change.At < before) Remove(key);
    }

    private void Add(int scope, DecisionRecord record, Decision.ChangeSurfaced c, OfIncident incident)
    {
        var key = (scope, c.Ordinal);
        var entry = byOrdinal[key] = new(new(c.Incident, new(
            incident.Version, c.At, c.Ordinal, c.Reason, c.Rank, c.Fingerprint, c.Labels, c.Why, c.Severity, c.Was, c.Count, c.Summary,
            c.Value, c.From,
            c.To, c.PerHour)));
        entry.Place = inOrder.Add(scope, c.At, record.Version, entry);
        incident.Unseen.Add(key);
        if (inOrder.Count <= Most) return;
        var oldest = inOrder.Walk().First().Value;
        Remove((oldest.Place.Scope, oldest.Line.Change.Ordinal));
    }

    private void Await(string page, int scope, IReadOnlyList<long> named)
    {
        unsent[page] = (scope, named);
        if (unsent.Count < sweepAt) return;
        // Pages that are never sent (a shadow run, a dead pager) name what another page or an acknowledgement has covered since.
        foreach (var (id, waiting) in unsent)
            if (!waiting.Named.Any(ordinal => byOrdinal.ContainsKey((waiting.Scope, ordinal)))) unsent.Remove(id);
        sweepAt = Math.Max(Most, unsent.Count * 2);
    }

    private void See(int scope, IReadOnlyList<long> named)
    {
        foreach (var ordinal in named) Remove((scope, ordinal));
    }

    private void Remove((int, long) key)
    {
        if (!byOrdinal.Remove(key, out var entry)) return;
        inOrder.Remove(entry.Place);
        if (incidents.TryGetValue(entry.Line.Incident, out var incident)) incident.Unseen.Remove(key);
    }

    // As the incidents do: one that was not decided again since it ended is forgotten, but not while something of it is unseen.
    private void LetGo(IncidentId id, OfIncident incident)
    {
        ended.Enqueue((id, incident.Version));
        if (ended.Count <= MostEnded) return;
        var (oldest, version) = ended.Dequeue();
        if (incidents.TryGetValue(oldest, out var kept) && kept.Version == version && kept.Unseen.Count == 0) incidents.Remove(oldest);
    }
}
