using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;

namespace Projections;

/// <summary>Something new that nobody has been told and nobody has acknowledged: a surfaced change, or an alert that was not surfaced because of a silence.</summary>
/// <param name="Tellings">Pages that name it, none of them sent.</param>
public sealed record UnseenLine(int Scope, IncidentId Incident, SurfacedChange? Change, IReadOnlyList<Telling> Tellings, SilencedAlert? Silenced = null);

/// <summary>Surfaced changes in no page that was sent and in no acknowledgement's cover, and alerts that fire under a silence; newest first.</summary>
public sealed partial class Unseen : IView
{
    private const int Most = 100_000, MostEnded = 10_000;

    /// <remarks>A surfaced change is the decision's own object, which also waits to be paged: after a storm tens of thousands do.</remarks>
    private sealed class Entry(IncidentId incident)
    {
        public readonly IncidentId Incident = incident;
        public Place Place;
        public Decision.ChangeSurfaced? Change;

        /// <summary>The version of the incident that the change made.</summary>
        public long Version;
        public List<Telling>? Tellings;
        public SilencedAlert? Silenced;

        public UnseenLine Line => new(Place.Scope, Incident, Change is null ? null : SurfacedChange.Of(Change, Version), Tellings is null ? [] : [.. Tellings], Silenced);
    }

    private sealed class OfIncident
    {
        public long Version;

        /// <summary>How many of its surfaced changes nobody has seen: which ones, all are looked through for.</summary>
        public int Unseen;
        public readonly HashSet<(int Scope, Fingerprint)> Silenced = [];
        public bool IsSeen => Unseen == 0 && Silenced.Count == 0;
    }

    private readonly Dictionary<(int Scope, long Ordinal), Entry> byOrdinal = [];
    private readonly Series<Entry> inOrder = new();
    private readonly Dictionary<IncidentId, OfIncident> incidents = [];
    private readonly Queue<(IncidentId Id, long Version)> ended = new();
    private readonly Dictionary<string, (int Scope, IReadOnlyList<long> Named)> unsent = [];
    private readonly HashSet<string> sentEarly = [];
    private int sweepAt = Most;

    string IView.Name => "unseen";

    /// <summary>Surfaced changes; what somebody silenced is not among them.</summary>
    public int Total => byOrdinal.Count;

    public Listed<UnseenLine> Page(Slice slice, Func<UnseenLine, bool>? fits = null) =>
        inOrder.Page(slice, newestFirst: true, e => e.Line is var line && fits?.Invoke(line) != false ? line : null);

    /// <summary>How much of what was surfaced in an incident nobody has seen.</summary>
    public int CountOf(IncidentId incident) => incidents.GetValueOrDefault(incident)?.Unseen ?? 0;

    void IView.Fold(int scope, DecisionRecord record, Decision decision)
    {
        if (decision is Decision.IdentitiesRekeyed rekeyed) Rekey(scope, rekeyed);
        if (decision is Decision.IdentityForgotten { Fingerprint: var forgotten }) Remove((scope, forgotten));
        if (decision.OfIncident is not { } id) return;
        if (!incidents.TryGetValue(id, out var incident)) incidents[id] = incident = new();
        incident.Version++;
        switch (decision)
        {
            case Decision.ChangeSurfaced c:
                if (c.Reason == Reason.Unsilenced) Remove((scope, c.Fingerprint));
                Add(scope, record, c, id, incident);
                break;
            case Decision.AlertDecided alert: Fold(scope, record, alert, id, incident); break;
            case Decision.AlertEnded or Decision.AlertExpired: Remove((scope, FingerprintOf(decision))); break;
            case Decision.PageDecided page when sentEarly.Remove(page.Page): See(scope, page.Named); break;
            case Decision.PageDecided page when page.Named.Count > 0: Await(page, scope); break;
            case Decision.IncidentAcknowledged acknowledged:
                foreach (var (key, entry) in byOrdinal)
                    if (entry.Incident == id && entry.Version <= acknowledged.Seen) Remove(key);
                foreach (var key in incident.Silenced.Where(k => silenced[k].Silenced!.Version <= acknowledged.Seen).ToList()) Remove(key);
                break;
            case Decision.IncidentResolved:
                foreach (var key in incident.Silenced.ToList()) Remove(key);
                LetGo(id, incident);
                break;
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
            if (entry.Change!.At < before) Remove(key);
        foreach (var (key, entry) in silenced)
            if (entry.Silenced!.At < before) Remove(key);
    }

    private void Add(int scope, DecisionRecord record, Decision.ChangeSurfaced c, IncidentId id, OfIncident incident)
    {
        var key = (scope, c.Ordinal);
        incident.Unseen++;
        Add(scope, record, byOrdinal[key] = new(id) { Change = c, Version = incident.Version });
    }

    private void Add(int scope, DecisionRecord record, Entry entry)
    {
        entry.Place = inOrder.Add(scope, record.At, record.Version, entry);
        if (inOrder.Count <= Most) return;
        var oldest = inOrder.Walk().First().Value;
        if (oldest.Change is { } change) Remove((oldest.Place.Scope, change.Ordinal));
        else Remove((oldest.Place.Scope, oldest.Silenced!.Fingerprint));
    }

    private void Await(Decision.PageDecided page, int scope)
    {
        unsent[page.Page] = (scope, page.Named);
        var telling = new Telling(page.Page, page.Pager, page.Kind, page.At, []);
        foreach (var ordinal in page.Named)
            if (byOrdinal.TryGetValue((scope, ordinal), out var entry)) (entry.Tellings ??= []).Add(telling);
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
        if (incidents.TryGetValue(entry.Incident, out var incident)) incident.Unseen--;
    }

    // As the incidents do: one that was not decided again since it ended is forgotten, but not while something of it is unseen.
    private void LetGo(IncidentId id, OfIncident incident)
    {
        ended.Enqueue((id, incident.Version));
        if (ended.Count <= MostEnded) return;
        var (oldest, version) = ended.Dequeue();
        if (incidents.TryGetValue(oldest, out var kept) && kept.Version == version && kept.IsSeen) incidents.Remove(oldest);
    }
}
