using System.Diagnostics;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>How a decision changes the facts. Makes no decisions, looks at no input and at no statistics.</summary>
internal sealed partial class Fold(State state)
{
    public void Apply(Decision decision)
    {
        var at = decision.At.Ms();
        if (decision.OfIncident is { } id && state.Incidents.TryGetValue(id.Value, out var touched)) touched.Version++;
        switch (decision)
        {
            case Decision.AlertDecided d: Decided(d, at); break;
            case Decision.RepeatsCounted d: Counted(d); break;
            case Decision.AlertExpired d: Leave(d.Fingerprint, Phase.Expired, at); break;
            case Decision.AlertEnded d: Leave(d.Fingerprint, Phase.Resolved, at); break;
            case Decision.IdentityForgotten d: Forget(d.Fingerprint, at); break;
            case Decision.IdentitiesRekeyed d: Rekeyed(d); break;
            case Decision.IncidentOpened d: Opened(d, at); break;
            case Decision.IncidentReopened d: Reopened(Incident(d.Incident), at); break;
            case Decision.IncidentResolved d:
                Close(Incident(d.Incident), Course.Resolved, d.Forced, at);
                if (d.MergedInto is { } into && state.Incidents.TryGetValue(into.Value, out var whole)) Incident(d.Incident).MergedInto = whole;
                break;
            case Decision.IncidentWentStale d: Close(Incident(d.Incident), Course.Stale, false, at); break;
            case Decision.IncidentAcknowledged d: Acknowledged(d, at); break;
            case Decision.AcknowledgementEnded d: Incident(d.Incident).Ack = null; break;
            case Decision.StormBegan d: Incident(d.Incident).Storming = true; break;
            case Decision.StormEnded d: Incident(d.Incident).Storming = false; break;
            case Decision.ChangeSurfaced d: Surfaced(d, at); break;
            case Decision.PageDecided d: Paged(d, at); break;
            case Decision.ChangeRecorded d: Recorded(d, at); break;
            case Decision.SuspectsNamed d: Suspected(d, at); break;
            case Decision.OriginNamed d: (Incident(d.Incident).Origin, Incident(d.Incident).Impact) = (d.Origin, d.Impact); break;
            case Decision.SettleEnded { Change: null, Incident: { } recovered }: Incident(recovered).RecoveredAt = Clock.Never; break;
            case Decision.SettleEnded { Change: { } settled, Incident: null }: state.Settling.RemoveAll(w => w.Change.Id == settled); break;
            case Decision.SilenceSet d: state.Silences[d.Silence.Id] = d.Silence; break;
            case Decision.SilenceEnded d: state.Silences.Remove(d.Id); break;
            case Decision.PagerStateChanged d:
                if (d.Failing) state.FailingPagers.Add(d.Pager);
                else if (state.FailingPagers.Remove(d.Pager)) state.RecoveredAt[d.Pager] = at;
                break;
            case Decision.BlindNoted d:
                state.Blind.Add((d.From.Ms(), d.To.Ms()));
                if (state.Blind.Count > 100) state.Blind.RemoveAt(0);
                break;
            case Decision.SettleBegan or Decision.SettleEnded or Decision.IncidentNoted or Decision.PartRejected or Decision.InputSetAside or Decision.RulesAdopted or Decision.TopologyAdopted:
                break;
            default: throw new UnreachableException();
        }
    }

    /// <summary>So long without news an incident is calm, and what comes then is told from what was.</summary>
    private const long Calm = 10 * 60_000;

    private IncidentState Incident(IncidentId id) => state.Incidents[id.Value];

    private void Decided(Decision.AlertDecided d, long at)
    {
        var identity = state.Identity(d.Fingerprint, d.Labels ?? LabelSet.Empty);
        if (d.Labels is not null) identity.Labels = d.Labels;
        identity.Recorded = true;
        identity.Source = d.Source;
        identity.Beats = d.Heartbeat is not null;
        if (identity.Beats) Part(identity);
        if (d.Source == Paging.PagerHealth.Source) OfOurOwn(identity, d.Status == AlertStatus.Firing, at);
        identity.SilencedBy = d.SilencedBy;
        var wasIncident = identity.Incident;
        if (d.Incident is { } id && state.Incidents.TryGetValue(id.Value, out var incident) && wasIncident != incident)
            Join(identity, incident, d.Component);
        if (d.Status == AlertStatus.Resolved)
        {
            identity.EndedAt = at;
            Move(identity, Phase.Resolved, d.Severity, at);
        }
        else
        {
            if (identity.Phase != Phase.Firing) identity.Began = at;
            Move(identity, Phase.Firing, d.Severity, at);
            Unsure(identity, silent: false, d.Disposition == Disposition.Flapping || (identity.FlapSaid && d.Disposition == Disposition.Repeat));
        }
        if (d.Disposition == Disposition.MessageChanged) identity.MessageSaidAt = at;
        if (identity.Incident is not { } home || d.Disposition is Disposition.Resolved or Disposition.Repeat) return;
        if (at - home.LastNews >= Calm) home.StirredAt = at;
        home.LastNews = at;
    }

    private void Join(IdentityState identity, IncidentState incident, string? component)
    {
        // Leaving an incident that is over: it keeps the member in its list and counts it as what it was.
        if (identity.Incident is { } left) Left(left, identity);
        identity.Incident = incident;
        identity.SurvivorSaid = identity.FlapSaid = identity.Silent = false;
        incident.Members.Add(identity);
        if (incident.Names.Count < IncidentState.MostRemembered) incident.Names.Add(identity.Name.Name);
        foreach (var place in (ReadOnlySpan<string?>)[component, identity.Labels["service"]])
            if (place is not null && incident.Places.Count < IncidentState.MostRemembered) incident.Places.Add(place);
        if (component is not null && incident.Components.Count < IncidentState.MostRemembered) incident.Components.Add(component);
        // As what it was until now: what it becomes moves it on from there.
        Count(incident, identity, +1);
        state.Index.Add(incident, identity);
    }

    /// <summary>It has ended in its incident, and is of none from now on. The incident counts it as what it was.</summary>
    private void Part(IdentityState identity)
    {
        if (identity.Incident is not { } left) return;
        Left(left, identity);
        identity.Incident = null;
        if (left.IsOpen) state.Index.Forget(left, identity);
    }

    /// <summary>What the pipeline says of itself comes in no input: it is heard when it is decided.</summary>
    private void OfOurOwn(IdentityState identity, bool firing, long at)
    {
        state.Hearts.Said(identity.Fingerprint, firing);
        identity.Flaps.Add(firing, at);
        if (identity.FirstSeen < 0) identity.FirstSeen = at;
        identity.LastSeen = at;
    }

    /// <summary>A member that goes leaves behind when it was last heard.</summary>
    private static void Left(IncidentState incident, IdentityState identity) => incident.HeardAtLeast = Math.Max(incident.HeardAtLeast, identity.LastSeen);

    private void Move(IdentityState identity, Phase to, Severity severity, long at)
    {
        var incident = identity.Incident;
        if (incident is not null) Count(incident, identity, -1);
        if (to != Phase.Firing) identity.Silent = false;
        var firing = (to == Phase.Firing ? 1 : 0) - (identity.IsFiring ? 1 : 0);
        var expired = (to == Phase.Expired ? 1 : 0) - (identity.Phase == Phase.Expired ? 1 : 0);
        identity.Phase = to;
        identity.Severity = severity;
        if (incident is null) return;
        if (firing != 0 || expired != 0 || to == Phase.Resolved) state.Index.Moved(incident, identity, firing, expired, to == Phase.Resolved ? at : null);
        Count(incident, identity, +1);
        if (incident.Firing > 0) incident.LastEndedAt = Clock.Never;
        else if (to == Phase.Resolved) incident.LastEndedAt = at;
        if (to == Phase.Firing && severity.ForPaging() > incident.Peak.ForPaging()) incident.Peak = severity;
        LookForSurvivors(incident, at, ended: to != Phase.Firing);
        if (to == Phase.Resolved && firing < 0) LookForRecovery(incident, identity, at);
    }

    private static void LookForSurvivors(IncidentState incident, long at, bool ended)
    {
        if (!IsDownToFew(incident)) incident.SurvivorsSince = Clock.Never;
        else if (incident.SurvivorsSince == Clock.Never && ended) incident.SurvivorsSince = at;
    }

    /// <summary>Silent and flapping members count as neither firing nor ended.</summary>
    private static void Unsure(IdentityState identity, bool silent, bool flaps)
    {
        if (identity.Incident is { } incident && identity.SurelyFires) incident.Sure--;
        (identity.Silent, identity.FlapSaid) = (silent, flaps);
        if (identity.Incident is { } home && identity.SurelyFires) home.Sure++;
    }

    /// <summary>Of five or more members at most one, or one in twenty, still fires for sure.</summary>
    private static bool IsDownToFew(IncidentState incident) =>
        incident is { Total: >= 5, Sure: > 0, Resolved: > 0 } && incident.Sure <= Math.Max(1, incident.Total / 20);

    private static void Count(IncidentState incident, IdentityState identity, int by)
    {
        switch (identity.Phase)
        {
            case Phase.Firing:
                incident.Firing += by;
                if (identity.SurelyFires) incident.Sure += by;
                incident.FiringBySeverity[(int)identity.Severity] += by;
                break;
            case Phase.Resolved: incident.Resolved += by; break;
            case Phase.Expired: incident.Expired += by; break;
            case Phase.Quiet: break;
            default: throw new UnreachableException();
        }
    }

    private void Counted(Decision.RepeatsCounted d)
    {
        foreach (var item in d.Items)
            if (item.Incident is { } id && state.Incidents.TryGetValue(id.Value, out var incident)) incident.Repeats += item.Count;
    }

    private void Leave(Fingerprint fingerprint, Phase to, long at)
    {
        if (!state.Identities.TryGetValue(fingerprint, out var identity)) return;
        if (to == Phase.Resolved) identity.EndedAt = at;
        Move(identity, to, identity.Severity, at);
    }

    private void Forget(Fingerprint fingerprint, long at)
    {
        if (!state.Identities.Remove(fingerprint, out var identity)) return;
        if (--identity.Name.Identities == 0) state.Names.Remove(identity.Name.Name);
        state.ForgetStem(identity);
        state.LastBegun.Forget(identity);
        state.Together.Left(identity.Place);
        if (identity.Uncounted > 0 && state.Uncounted.Remove(identity) && state.Uncounted.Count == 0) state.UncountedSince = Clock.Never;
        // What is forgotten neither fires nor falls due any more, and its incident does not wait for it.
        Move(identity, Phase.Quiet, identity.Severity, at);
        if (identity.Incident is not { } incident) return;
        Left(incident, identity);
        incident.Members.Remove(identity);
        state.Index.Forget(incident, identity);
    }

    private void Opened(Decision.IncidentOpened d, long at)
    {
        var incident = new IncidentState(d.Incident, d.Title, state.NextIncident, at) { Peak = d.Severity, Version = 1 };
        state.NextIncident += 2;
        state.Incidents[d.Incident.Value] = incident;
        if (d.SplitFrom is { } old) incident.SplitFrom = state.Incidents.GetValueOrDefault(old.Value);
        if (d.After is { } after && state.Incidents.TryGetValue(after.Value, out var before)) before.FollowedBy = incident;
        if (d.Preexisting) state.Preexisting = incident;
    }

    private void Reopened(IncidentState incident, long at)
    {
        incident.Course = Course.Open;
        incident.ClosedAt = incident.LastEndedAt = Clock.Never;
        incident.Forced = false;
        incident.MergedInto = null;
        incident.LastNews = at;
        incident.SurvivorsSince = incident.RecoveredAt = Clock.Never;
        incident.StirredAt = at;
        incident.Endings.Clear();
        foreach (var member in incident.Members)
        {
            if (member.Incident != incident) continue;
            member.SurvivorSaid = false;
            state.Index.Add(incident, member);
        }
    }

    private void Close(IncidentState incident, Course course, bool forced, long at)
    {
        incident.Course = course;
        incident.Forced = forced;
        incident.ClosedAt = at;
        incident.Ack = null;
        incident.Storming = false;
        state.Index.Remove(incident);
        if (state.Preexisting == incident) state.Preexisting = null;
    }

    private void Acknowledged(Decision.IncidentAcknowledged d, long at)
    {
        var incident = Incident(d.Incident);
        incident.Ack = new(d.By, d.Note, at, d.Until.Ms(), d.Awaiting, d.Seen);
        var seen = incident.Unseen.FindIndex(version => version > d.Seen);
        incident.Unseen.RemoveRange(0, seen < 0 ? incident.Unseen.Count : seen);
    }

    private void Surfaced(Decision.ChangeSurfaced d, long at)
    {
        var incident = Incident(d.Incident);
        if (incident.Unseen.Count < IncidentState.MostRemembered) incident.Unseen.Add(incident.Version);
        else incident.Unseen[^1] = incident.Version;
        incident.LastNews = at;
        if (d.Reason == Reason.NewAlert) incident.NewIn.Add(at);
        state.NextOrdinal = Math.Max(state.NextOrdinal, d.Ordinal + 1);
        foreach (var pager in d.Due ?? []) DeskOf(incident, pager).Add(d, at);
        foreach (var fingerprint in d.Fingerprints ?? [d.Fingerprint])
        {
            if (!state.Identities.TryGetValue(fingerprint, out var identity)) continue;
            identity.SurfacedAt = at;
            switch (d.Reason)
            {
                case Reason.WentSilent or Reason.Flapping:
                    Unsure(identity, identity.Silent || d.Reason == Reason.WentSilent, identity.FlapSaid || d.Reason == Reason.Flapping);
                    if (identity.Incident is { IsOpen: true } home) LookForSurvivors(home, at, ended: true);
                    break;
                case Reason.StillFiring:
                    identity.StillSaidAt = at;
                    Unsure(identity, identity.Silent, flaps: false);
                    break;
                case Reason.Survivor: identity.SurvivorSaid = true; break;
                case Reason.RateShift: identity.RateSaidAt = at; break;
                case Reason.Unsilenced: identity.SilencedBy = null; break;
            }
        }
    }

    private void Paged(Decision.PageDecided d, long at)
    {
        state.PagesOf[d.Pager] = state.PagesOf.GetValueOrDefault(d.Pager) + 1;
        var desk = DeskOf(Incident(d.Incident), d.Pager);
        desk.Spent = Paging.Budget.Spent(desk, at) + 1;
        desk.SpentAt = at;
        desk.Told = d.Kind != Paging.PageKind.Resolved;
        desk.Suspect = Incident(d.Incident).Suspects is [var first, ..] ? first.Change : null;
        desk.Pages++;
        desk.Clear();
    }

    private static Desk DeskOf(IncidentState incident, string pager)
    {
        if (!incident.Desks.TryGetValue(pager, out var desk)) incident.Desks[pager] = desk = new(pager);
        return desk;
    }

}
