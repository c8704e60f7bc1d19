using System.Runtime.CompilerServices;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;

namespace Projections;

/// <summary>One decision of an incident, in words.</summary>
/// <param name="Version">The incident's version that it made.</param>
public sealed record TimelineEntry(int Scope, long Version, DecisionRecord Record, Decision Decision, string Text);

/// <summary>What an incident was: read from the log, so that no past is held in memory.</summary>
public sealed class Past(ILog log)
{
    private const int MostTold = 100_000;

    /// <summary>Where an incident lies: its scope and the first version of its own; null where the log does not hold it.</summary>
    public async ValueTask<(int Scope, long FirstVersion)?> FindAsync(IncidentId id, CancellationToken cancel)
    {
        foreach (var (scope, _) in await log.ScopesAsync(cancel))
            await foreach (var record in log.ReadIncidentAsync(scope, id.Value, cancel)) return (scope, record.Version);
        return null;
    }

    /// <summary>The incident as it was at a time; null where it had not opened.</summary>
    /// <remarks>Repeats lie in the scope's stream, so that is read from the incident's first version on, and parsed only where it
    /// matters.</remarks>
    public async ValueTask<IncidentDetail?> AtAsync(
        int scope, long firstVersion, IncidentId id, DateTimeOffset at, CancellationToken cancel)
    {
        var incident = new Incident(scope, id, mostExplained: int.MaxValue);
        var pool = new StringPool();
        await foreach (var record in log.ReadDecisionsAsync(scope, firstVersion, cancel))
        {
            if (record.At > at) break;
            if (record.Incident == id.Value) incident.Fold(record, DecisionCodec.Read(record), pool);
            else if (record.Type == "repeats-counted" && DecisionCodec.Read(record) is Decision.RepeatsCounted counted)
            {
                foreach (var repeats in counted.Items)
                    if (repeats.Incident == id) incident.Count(repeats);
            }
            else if (record.Type == "identities-rekeyed" && DecisionCodec.Read(record) is Decision.IdentitiesRekeyed rekeyed) incident.Rekey(rekeyed);
        }
        return incident.Version == 0 ? null : Incidents.Detail(incident);
    }

    /// <summary>An incident that the views have let go, as it ended.</summary>
    public async ValueTask<IncidentDetail?> EndedAsync(int scope, long firstVersion, IncidentId id, CancellationToken cancel)
    {
        DateTimeOffset? last = null;
        await foreach (var record in log.ReadIncidentAsync(scope, id.Value, cancel)) last = record.At;
        return last is { } at ? await AtAsync(scope, firstVersion, id, at, cancel) : null;
    }

    /// <summary>The same, with why each member joined where the views leave that to the log.</summary>
    public async ValueTask<IncidentDetail> ExplainAsync(IncidentDetail detail, CancellationToken cancel)
    {
        var missing = detail.Members.Where(m => m.Value.BecauseInLog).Select(m => m.Key).ToHashSet();
        if (missing.Count == 0) return detail;
        var found = new Dictionary<Fingerprint, string>();
        await foreach (var record in log.ReadIncidentAsync(detail.Line.Scope, detail.Line.Id.Value, cancel))
        {
            if (DecisionCodec.Read(record) is not Decision.AlertDecided { Because: { } because } alert || !missing.Remove(alert.Fingerprint)) continue;
            found[alert.Fingerprint] = because;
            if (missing.Count == 0) break;
        }
        return detail with
        {
            Members = [.. detail.Members.Select(m => found.TryGetValue(m.Key, out var because) ? new(m.Key, m.Value with { Because = because }) : m)],
        };
    }

    /// <summary>Who was told what of an incident, and what was acknowledged, up to a time: the latest of each where there are very many.</summary>
    public async ValueTask<(IReadOnlyList<Telling> Tellings, IReadOnlyList<Acknowledgement> Acknowledgements)> ToldAsync(
        int scope, IncidentId id, DateTimeOffset until, CancellationToken cancel)
    {
        var told = new Tellings(MostTold);
        var version = 0L;
        await foreach (var record in log.ReadIncidentAsync(scope, id.Value, cancel))
        {
            if (record.At > until) break;
            version++;
            // By the stored names: the others need not be read.
            if (record.Type is not ("page-decided" or "incident-acknowledged")) continue;
            switch (DecisionCodec.Read(record))
            {
                case Decision.PageDecided page: told.Add(page); break;
                case Decision.IncidentAcknowledged acknowledged: told.Add(acknowledged, version); break;
            }
        }
        return (told.Pages, told.Acknowledgements);
    }

    /// <summary>What became last of some pages that the views do not hold any more.</summary>
    /// <remarks>Outcomes are found by going through all of them, so this is for those few that are asked for.</remarks>
    public async ValueTask<IReadOnlyDictionary<string, OutcomeRecord>> OutcomesAsync(IReadOnlySet<string> pages, CancellationToken cancel)
    {
        var last = new Dictionary<string, OutcomeRecord>();
        if (pages.Count == 0) return last;
        await foreach (var outcome in log.ReadOutcomesAsync(cancel))
            if (pages.Contains(outcome.PageId)) last[outcome.PageId] = outcome;
        return last;
    }

    /// <summary>An incident's decisions in order.</summary>
    /// <param name="labelsOf">Labels of an identity whose first decision was of an earlier incident, as far as they are known.</param>
    public async IAsyncEnumerable<TimelineEntry> TimelineAsync(
        int scope, IncidentId id, Func<Fingerprint, LabelSet?> labelsOf, [EnumeratorCancellation] CancellationToken cancel)
    {
        var version = 0L;
        var told = new Dictionary<Fingerprint, LabelSet>();
        await foreach (var record in log.ReadIncidentAsync(scope, id.Value, cancel))
        {
            var decision = DecisionCodec.Read(record);
            if (decision is Decision.AlertDecided { Labels: { } labels } alert) told[alert.Fingerprint] = labels;
            if (decision is Decision.ChangeSurfaced change) told.TryAdd(change.Fingerprint, change.Labels);
            yield return new(scope, ++version, record, decision, TimelineWords.Of(decision, f => told.GetValueOrDefault(f) ?? labelsOf(f)));
        }
    }

    /// <summary>The frozen body of a page; null where the log does not hold it any more.</summary>
    public async ValueTask<string?> PageBodyAsync(int scope, long version, CancellationToken cancel)
    {
        await foreach (var record in log.ReadDecisionsAsync(scope, version, cancel))
            return record.Version == version && DecisionCodec.Read(record) is Decision.PageDecided page ? page.Body : null;
        return null;
    }

    /// <summary>An input as it was received; null where retention took it.</summary>
    public async ValueTask<InputRecord?> InputAsync(int scope, long number, CancellationToken cancel)
    {
        await foreach (var record in log.ReadInputsAsync(scope, number, cancel)) return record.Number == number ? record : null;
        return null;
    }
}
