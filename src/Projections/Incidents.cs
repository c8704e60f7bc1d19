using System.Diagnostics;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;

namespace Projections;

/// <summary>An incident in a list.</summary>
/// <param name="Seen">Up to which version acknowledgements covered it.</param>
/// <param name="News">Changes surfaced since that.</param>
public sealed record IncidentLine(
    int Scope, IncidentId Id, long Version, string Title, IncidentState State, Severity Severity, DateTimeOffset OpenedAt,
    DateTimeOffset? ResolvedAt,
    string? ResolvedBy, DateTimeOffset UpdatedAt, AlertCounts Alerts, int Pages, long Surfaced, bool Storm,
    Acknowledgement? Acknowledgement, long Seen = 0, int News = 0)
{
    /// <summary>Where it likely began, and what stands above what fires in it.</summary>
    public string? Origin { get; init; }
    public IReadOnlyList<Affected> Impact { get; init; } = [];

    /// <summary>Recorded changes that may have caused it, most likely first.</summary>
    public IReadOnlyList<Suspect> Suspects { get; init; } = [];
}

/// <summary>Members by how they stand, and repeats; one gone silent still counts as firing.</summary>
public sealed record AlertCounts(int Firing, int Resolved, int Expired, int Silent, long Repeats);

/// <summary>An incident with what it is made of.</summary>
/// <param name="FirstVersion">The scope's version at which it opened.</param>
/// <param name="Seen">Up to which version acknowledgements covered it.</param>
/// <param name="Members">At most <see cref="Incidents.MostMembers"/>, firing ones first; how many there are is in the line's
/// counts.</param>
public sealed record IncidentDetail(
    IncidentLine Line, long FirstVersion, long Seen, IReadOnlyList<KeyValuePair<Fingerprint, Member>> Members,
    IReadOnlyList<SurfacedChange> Changes,
    IReadOnlyList<Note> Notes, IReadOnlyList<Telling>? Tellings = null,
    IReadOnlyList<Acknowledgement>? Acknowledgements = null);

/// <summary>Which incidents are asked for.</summary>
/// <param name="Since">Those with anything decided at or after this time.</param>
/// <param name="Labels">Those with a member that carries all of these.</param>
public sealed record IncidentFilter(IncidentState? State = null, DateTimeOffset? Since = null, LabelSet? Labels = null);

/// <summary>The incidents, those that ended long ago left to the log.</summary>
public sealed class Incidents : IView
{
    public const int MostMembers = 1_000;
    private const int MostEnded = 10_000;

    private readonly Dictionary<IncidentId, (Incident Incident, Place Place)> byId = [];
    private readonly Series<Incident> inOrder = new();
    private readonly Queue<(IncidentId Id, long Version)> ended = new();
    private readonly StringPool pool = new();

    string IView.Name => "incidents";

    /// <summary>Newest first.</summary>
    public Listed<IncidentLine> Page(Slice slice, IncidentFilter filter, Alerts alerts) =>
        inOrder.Page(slice, newestFirst: true, i => Fits(i, filter, alerts) ? Line(i) : null);

    public IncidentLine? Find(IncidentId id) => byId.TryGetValue(id, out var kept) ? Line(kept.Incident) : null;

    /// <summary>Where it lies in the log; null for one that is not held here.</summary>
    public (int Scope, long FirstVersion)? Where(IncidentId id) =>
        byId.TryGetValue(id, out var kept) ? (kept.Incident.Scope, kept.Incident.FirstVersion) : null;

    public IncidentDetail? Detail(IncidentId id) => byId.TryGetValue(id, out var kept) ? Detail(kept.Incident) : null;

    public int Count(IncidentState state) => inOrder.Walk().Count(i => i.Value.State == state);

    void IView.Fold(int scope, DecisionRecord record, Decision decision)
    {
        if (decision is Decision.RepeatsCounted counted)
        {
            foreach (var repeats in counted.Items)
                if (repeats.Incident is { } of && byId.TryGetValue(of, out var counting)) counting.Incident.Count(repeats);
            return;
        }
        if (decision is Decision.IdentitiesRekeyed rekeyed)
        {
            foreach (var (incident, _) in byId.Values)
                if (incident.Scope == scope) incident.Rekey(rekeyed);
            return;
        }
        if (decision.OfIncident is not { } id) return;
        if (!byId.TryGetValue(id, out var kept))
        {
            // Its opening may be past retention: what is left of it still shows.
            var incident = new Incident(scope, id);
            byId[id] = kept = (incident, inOrder.Add(scope, decision.At, record.Version, incident));
        }
        kept.Incident.Fold(record, decision, pool);
        if (decision is Decision.IncidentResolved or Decision.IncidentWentStale) LetGo(kept.Incident);
    }

    void IView.Trim(DateTimeOffset before)
    {
        foreach (var (id, (incident, place)) in byId)
            if (incident.State is IncidentState.Resolved or IncidentState.Stale && incident.UpdatedAt < before) Remove(id, place);
    }

    internal static IncidentDetail Detail(Incident i, int mostMembers = MostMembers) => new(
        Line(i), i.FirstVersion, i.Seen,
        [.. i.Members.OrderByDescending(m => m.Value.IsFiring).ThenBy(m => m.Value.JoinedVersion).ThenBy(m => m.Key).Take(mostMembers)],
        [.. i.Surfaced], [.. i.Notes], [.. i.Tellings.Pages], [.. i.Tellings.Acknowledgements]);

    private static IncidentLine Line(Incident i)
    {
        int resolved = 0, expired = 0, silent = 0;
        foreach (var member in i.Members.Values)
        {
            switch (member.State)
            {
                case AlertState.Firing: break;
                case AlertState.Resolved: resolved++; break;
                case AlertState.Expired: expired++; break;
                case AlertState.Silent: silent++; break;
                default: throw new UnreachableException();
            }
        }
        return new(
            i.Scope, i.Id, i.Version, i.Title, i.State, i.Severity, i.OpenedAt, i.ResolvedAt, i.ResolvedBy, i.UpdatedAt,
            new(i.Firing, resolved, expired, silent, i.Repeats), i.Pages, i.SurfacedCount, i.Storm, i.Acknowledged, i.Seen, i.News)
        {
            Origin = i.Origin, Impact = i.Impact, Suspects = i.Suspects,
        };
    }

    private static bool Fits(Incident incident, IncidentFilter filter, Alerts alerts) =>
        (filter.State is null || incident.State == filter.State)
        && (filter.Since is null || incident.UpdatedAt >= filter.Since)
        && (filter.Labels is not { Count: > 0 } labels
            || incident.Members.Keys.Any(m => alerts.LabelsOf(incident.Scope, m) is { } carried && carried.Matches(labels)));

    // An ended one may open again: its turn counts only if nothing was decided of it since.
    private void LetGo(Incident incident)
    {
        ended.Enqueue((incident.Id, incident.Version));
        if (ended.Count <= MostEnded) return;
        var (id, version) = ended.Dequeue();
        if (byId.TryGetValue(id, out var kept) && kept.Incident.Version == version) Remove(id, kept.Place);
    }

    private void Remove(IncidentId id, Place place)
    {
        byId.Remove(id);
        inOrder.Remove(place);
    }
}
