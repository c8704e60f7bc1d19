using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;

namespace Projections;

/// <summary>An incident as it is kept outside of memory: all its members, and what the lines do not show but the fold needs.</summary>
/// <param name="Folded">The scope's version of the last decision in it: folding that or an earlier one again changes nothing.</param>
public sealed record KeptIncident(IncidentDetail Detail, Severity Worst, long Folded);

/// <summary>Some incidents, taken up from where they are kept, folded on, and given back: the same fold as the live view's.</summary>
public sealed class KeptIncidents(IEnumerable<KeptIncident> before)
{
    private readonly Dictionary<IncidentId, (Incident Incident, long Folded)> byId =
        before.ToDictionary(k => k.Detail.Line.Id, k => (Incident.Restore(k), k.Folded));

    private readonly StringPool pool = new();
    private readonly HashSet<IncidentId> changed = [];

    /// <summary>True for a decision that may change any incident of its scope: all of them are to be taken up.</summary>
    public static bool MayChangeAny(Decision decision) => decision is Decision.IdentitiesRekeyed;

    /// <summary>The incidents that a decision names; one of repeats may name many.</summary>
    public static IEnumerable<IncidentId> ChangedBy(Decision decision) =>
        decision is Decision.RepeatsCounted counted
            ? counted.Items.Select(r => r.Incident).OfType<IncidentId>().Distinct()
            : decision.OfIncident is { } id ? [id] : [];

    /// <summary>Folds the scope's next decision. Repeats of an incident that is not among these belong to one that is let go.</summary>
    public void Fold(int scope, DecisionRecord record, Decision decision)
    {
        if (decision is Decision.IdentitiesRekeyed rekeyed)
        {
            foreach (var (id, kept) in byId.Where(k => k.Value.Incident.Scope == scope && record.Version > k.Value.Folded).ToList())
                if (kept.Incident.Rekey(rekeyed)) Changed(id, kept.Incident, record.Version);
            return;
        }
        foreach (var id in ChangedBy(decision))
        {
            if (!byId.TryGetValue(id, out var kept))
            {
                if (decision is Decision.RepeatsCounted) continue;
                kept = (new(scope, id), 0);
            }
            if (record.Version <= kept.Folded) continue;
            if (decision is not Decision.RepeatsCounted counted) kept.Incident.Fold(record, decision, pool);
            else
                foreach (var repeats in counted.Items.Where(r => r.Incident == id)) kept.Incident.Count(repeats);
            Changed(id, kept.Incident, record.Version);
        }
    }

    /// <summary>Those that were changed, as they stand now.</summary>
    public IEnumerable<KeptIncident> Keep() => changed.Select(id => byId[id]).Select(k => new KeptIncident(
        Incidents.Detail(k.Incident, int.MaxValue), k.Incident.Worst, k.Folded));

    private void Changed(IncidentId id, Incident incident, long version)
    {
        byId[id] = (incident, version);
        changed.Add(id);
    }
}

internal sealed partial class Incident
{
    /// <summary>As it was when it was kept.</summary>
    public static Incident Restore(KeptIncident kept)
    {
        var (line, detail) = (kept.Detail.Line, kept.Detail);
        var incident = new Incident(line.Scope, line.Id)
        {
            FirstVersion = detail.FirstVersion,
            Version = line.Version,
            Title = line.Title,
            Ended = line.State == IncidentState.Resolved,
            Stale = line.State == IncidentState.Stale,
            Worst = kept.Worst,
            OpenedAt = line.OpenedAt,
            ResolvedAt = line.ResolvedAt,
            ResolvedBy = line.ResolvedBy,
            UpdatedAt = line.UpdatedAt,
            Repeats = line.Alerts.Repeats,
            Pages = line.Pages,
            SurfacedCount = line.Surfaced,
            Storm = line.Storm,
            Acknowledged = line.Acknowledgement,
            Seen = detail.Seen,
            explained = detail.Members.Count(m => m.Value.Because is not null),
        };
        foreach (var (fingerprint, member) in detail.Members) incident.Set(fingerprint, member);
        incident.Surfaced.AddRange(detail.Changes);
        incident.Notes.AddRange(detail.Notes);
        (incident.Suspects, incident.Origin, incident.Impact) = (line.Suspects ?? [], line.Origin, line.Impact ?? []);
        incident.Tellings.Restore(detail.Tellings ?? [], detail.Acknowledgements ?? []);
        return incident;
    }
}
