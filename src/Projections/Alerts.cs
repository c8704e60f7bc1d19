using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;

namespace Projections;

/// <summary>How an identity stands, as far as decisions say; whether a silence covers it is asked of the time.</summary>
public enum AlertState : byte
{
    Firing,
    Resolved,

    /// <summary>Unheard for <c>identity.expire</c>: neither firing nor recovered.</summary>
    Expired,

    /// <summary>Still firing, but its source went silent.</summary>
    Silent,
}

/// <summary>An identity as readers get it.</summary>
public sealed record AlertLine(
    int Scope, Fingerprint Fingerprint, LabelSet Labels, Severity Severity, AlertState State, string? SilencedBy, DateTimeOffset FirstSeen,
    DateTimeOffset LastSeen, long Repeats, IReadOnlyList<string> Observers, IncidentId? Incident, DateTimeOffset StartsAt,
    DateTimeOffset? EndsAt,
    DateTimeOffset UpdatedAt, string Summary, string? Url)
{
    /// <summary>The contract's word: firing, silenced, silent, expired or resolved.</summary>
    public string StateWord => State switch
    {
        AlertState.Firing => SilencedBy is null ? "firing" : "silenced",
        AlertState.Silent => "silent",
        AlertState.Expired => "expired",
        AlertState.Resolved => "resolved",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Firing, as incidents count it: one gone silent has not recovered.</summary>
    public bool IsFiring => State is AlertState.Firing or AlertState.Silent;
}

/// <summary>Every identity within retention.</summary>
public sealed partial class Alerts : IView
{
    // About 150 bytes an identity, and as much for its two index entries; labels and texts are the decision's own objects, not copies.
    private sealed class Entry
    {
        public required Place Place;
        public required Fingerprint Fingerprint;

        /// <summary>What it was called under other identity rules: timelines still say so.</summary>
        public List<Fingerprint>? Formerly;
        public LabelSet Labels = LabelSet.Empty;
        public Severity Severity;
        public AlertState State;
        public bool BrokeSilence;
        public long Repeats;
        public Moment FirstSeen, LastSeen, UpdatedAt, StartsAt, EndsAt;
        public IReadOnlyList<string> Observers = [];
        public string? Incident;
        public string Summary = "";
        public string? Url;
    }

    private const int MostObservers = 100;

    private readonly Dictionary<(int Scope, Fingerprint), Entry> byFingerprint = [];
    private readonly Series<Entry> inOrder = new();
    private readonly StringPool pool = new();

    string IView.Name => "alerts";

    public int Count => inOrder.Count;

    /// <summary>Oldest first. <paramref name="silencing"/> says which silence covers an alert now; null for none.</summary>
    public Listed<AlertLine> Page(Slice slice, Func<AlertLine, bool> fits, Func<LabelSet, Severity, bool, string?>? silencing = null) =>
        inOrder.Page(slice, newestFirst: false, e => Line(e, silencing) is var line && fits(line) ? line : null);

    public AlertLine? Find(int scope, Fingerprint fingerprint) =>
        Named(scope, fingerprint) is { } entry ? Line(entry, null) : null;

    public LabelSet? LabelsOf(int scope, Fingerprint fingerprint) => Named(scope, fingerprint)?.Labels;

    /// <summary>Goes through all without copying: labels, severity, state, incident, whether it broke its silence.</summary>
    internal void Each(Action<LabelSet, Severity, AlertState, IncidentId?, bool> look)
    {
        foreach (var e in byFingerprint.Values) look(e.Labels, e.Severity, e.State, IncidentOf(e), e.BrokeSilence);
    }

    void IView.Fold(int scope, DecisionRecord record, Decision decision)
    {
        switch (decision)
        {
            case Decision.AlertDecided alert: Fold(scope, record, alert); break;
            case Decision.RepeatsCounted counted:
                foreach (var repeats in counted.Items) Fold(scope, repeats);
                break;
            case Decision.AlertExpired expired: End(scope, expired.Fingerprint, AlertState.Expired, expired.At); break;
            case Decision.AlertEnded ended: End(scope, ended.Fingerprint, AlertState.Resolved, ended.At); break;
            case Decision.ChangeSurfaced { Reason: Reason.WentSilent } change:
                foreach (var fingerprint in change.Fingerprints ?? [change.Fingerprint])
                    End(scope, fingerprint, AlertState.Silent, change.At);
                break;
            case Decision.IdentityForgotten forgotten: Forget(scope, forgotten.Fingerprint); break;
            case Decision.IdentitiesRekeyed rekeyed:
                foreach (var item in rekeyed.Items) Rekey(scope, item, rekeyed.Without);
                break;
        }
    }

    void IView.Trim(DateTimeOffset before)
    {
        foreach (var (key, entry) in byFingerprint)
            if (entry.State is AlertState.Resolved or AlertState.Expired && entry.LastSeen.Time < before) Forget(key.Scope, entry.Fingerprint);
    }

    private void Fold(int scope, DecisionRecord record, Decision.AlertDecided alert)
    {
        if (!byFingerprint.TryGetValue((scope, alert.Fingerprint), out var entry))
        {
            entry = new() { Place = default, Fingerprint = alert.Fingerprint, FirstSeen = Moment.Of(alert.At) };
            entry.Place = inOrder.Add(scope, alert.At, record.Version, entry);
            byFingerprint.Add((scope, alert.Fingerprint), entry);
        }
        if (alert.Labels is not null && entry.Labels.Count == 0) entry.Labels = alert.Labels;
        var resolved = alert.Status == AlertStatus.Resolved;
        if (!resolved && (entry.State is not (AlertState.Firing or AlertState.Silent) || entry.StartsAt.IsNone))
            entry.StartsAt = Moment.Of(alert.StartsAt ?? alert.Began ?? alert.At);
        entry.State = resolved ? AlertState.Resolved : AlertState.Firing;
        entry.EndsAt = Moment.Of(alert.EndsAt ?? (resolved ? alert.At : null));
        if (!resolved || alert.Severity is not (Severity.Unknown or Severity.Ok)) entry.Severity = alert.Severity;
        entry.BrokeSilence = alert is { SilencedBy: null, Disposition: Disposition.SeverityRose, Severity: Severity.Critical };
        entry.LastSeen = entry.UpdatedAt = Moment.Of(alert.At);
        if (alert.Incident is { Value: var incident }) entry.Incident = incident;
        else if (alert.Heartbeat is not null) entry.Incident = null;
        if (alert.Summary is { Length: > 0 }) entry.Summary = alert.Summary;
        if (alert.Url is not null) entry.Url = pool.Share(alert.Url);
        Note(entry, alert.Observers);
    }

    private void Fold(int scope, Repeats repeats)
    {
        if (!byFingerprint.TryGetValue((scope, repeats.Fingerprint), out var entry)) return;
        entry.Repeats += repeats.Count;
        if (repeats.LastSeen > entry.LastSeen.Time) entry.LastSeen = entry.UpdatedAt = Moment.Of(repeats.LastSeen);
        // Heard again: what went silent has come back. What resolved stays so: a late copy of it is a repeat too.
        if (entry.State == AlertState.Silent) entry.State = AlertState.Firing;
        Note(entry, repeats.Observers);
    }

    private void End(int scope, Fingerprint fingerprint, AlertState state, DateTimeOffset at)
    {
        if (!byFingerprint.TryGetValue((scope, fingerprint), out var entry)) return;
        entry.State = state;
        entry.UpdatedAt = Moment.Of(at);
        if (state == AlertState.Resolved) entry.EndsAt = Moment.Of(at);
    }

    private void Forget(int scope, Fingerprint fingerprint)
    {
        if (!byFingerprint.Remove((scope, fingerprint), out var entry)) return;
        inOrder.Remove(entry.Place);
        foreach (var name in entry.Formerly ?? []) formerly.Remove((scope, name));
    }

    private void Note(Entry entry, IReadOnlyList<string>? observers)
    {
        foreach (var observer in observers ?? [])
            if (entry.Observers.Count < MostObservers && !entry.Observers.Contains(observer))
                entry.Observers = [.. entry.Observers, pool.Share(observer)!];
    }

    private static AlertLine Line(Entry e, Func<LabelSet, Severity, bool, string?>? silencing) => new(
        e.Place.Scope, e.Fingerprint, e.Labels, e.Severity, e.State,
        e.State == AlertState.Firing ? silencing?.Invoke(e.Labels, e.Severity, e.BrokeSilence) : null, e.FirstSeen.Time, e.LastSeen.Time,
        e.Repeats, e.Observers, IncidentOf(e), e.StartsAt.OrNull ?? e.FirstSeen.Time, e.EndsAt.OrNull, e.UpdatedAt.Time, e.Summary, e.Url);

    private static IncidentId? IncidentOf(Entry e) => e.Incident is { } id ? new(id) : null;
}
