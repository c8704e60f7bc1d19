using System.Diagnostics;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;

namespace Projections;

/// <summary>An alert that fires and was not surfaced, because a silence covers it.</summary>
/// <param name="Version">The version of its incident at which it came.</param>
/// <param name="By">The silence's id.</param>
public sealed record SilencedAlert(long Version, DateTimeOffset At, Fingerprint Fingerprint, Severity Severity, string? Summary, string By);

/// <summary>What fires under a silence: nobody is told of it, because somebody said so.</summary>
public sealed partial class Unseen
{
    private readonly Dictionary<(int Scope, Fingerprint), Entry> silenced = [];

    private void Fold(int scope, DecisionRecord record, Decision.AlertDecided alert, IncidentId id, OfIncident incident)
    {
        var key = (scope, alert.Fingerprint);
        Remove(key);
        if (alert is not { SilencedBy: { } by, Status: AlertStatus.Firing }) return;
        incident.Silenced.Add(key);
        Add(scope, record, silenced[key] = new(id) { Silenced = new(incident.Version, alert.At, alert.Fingerprint, alert.Severity, alert.Summary, by) });
    }

    private void Rekey(int scope, Decision.IdentitiesRekeyed rekeyed)
    {
        // All are taken out before any is put back: one may go by the name that another had.
        var moved = new List<(Entry Entry, Fingerprint To)>();
        foreach (var item in rekeyed.Items)
            if (silenced.Remove((scope, item.From), out var entry)) moved.Add((entry, item.To));
        foreach (var (entry, to) in moved)
        {
            var incident = incidents.GetValueOrDefault(entry.Incident);
            incident?.Silenced.Remove((scope, entry.Silenced!.Fingerprint));
            if (!silenced.TryAdd((scope, to), entry))
            {
                inOrder.Remove(entry.Place);
                continue;
            }
            incident?.Silenced.Add((scope, to));
            entry.Silenced = entry.Silenced! with { Fingerprint = to };
        }
    }

    private void Remove((int, Fingerprint) key)
    {
        if (!silenced.Remove(key, out var entry)) return;
        inOrder.Remove(entry.Place);
        if (incidents.TryGetValue(entry.Incident, out var incident)) incident.Silenced.Remove(key);
    }

    private static Fingerprint FingerprintOf(Decision ended) => ended switch
    {
        Decision.AlertEnded e => e.Fingerprint,
        Decision.AlertExpired e => e.Fingerprint,
        _ => throw new UnreachableException(),
    };
}
