using Dedupe.Grouping;
using Dedupe.Rules;
using Dedupe.Surfacing;
using Dedupe.Templates;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>What became of one alert of a delivery.</summary>
/// <param name="Index">Position among the delivery's alerts.</param>
public readonly record struct AlertOutcome(Fingerprint Fingerprint, IncidentId? Incident, Disposition Disposition, int Index);

/// <summary>Judges the alerts of one delivery, in order.</summary>
internal sealed class Judging(World world, Statistics statistics, List<AlertOutcome> outcomes)
{
    private const long ColdStartAge = 5 * 60_000;

    private readonly Dictionary<IncidentState, List<Opening>> openings = [];
    private readonly List<IncidentState> opened = [];

    /// <summary>Incidents that began, came to life again or are in more places than before: other changes may be suspect.</summary>
    private readonly List<IncidentState> moved = [];

    /// <summary>Incidents that came to life again or reached another declared component: they may have begun elsewhere.</summary>
    private readonly List<IncidentState> spread = [];
    private string source = "";

    public void Delivery(Input.Delivery delivery)
    {
        source = world.Source = delivery.Source;
        if (world.State.FirstDeliveryAt == Clock.Never && delivery.Alerts.Count > 0) world.State.FirstDeliveryAt = world.Now;
        world.State.Hearts.Hear(world.Rules, delivery, world.Now, (heart, silence) => Heartbeats.Return(world, heart, silence));
        foreach (var part in delivery.Rejected) world.Emit(new Decision.PartRejected(delivery.Number, source, part.Index, part.Field, part.Problem));
        for (var i = 0; i < delivery.Alerts.Count; i++) outcomes.Add(Alert(delivery.Alerts[i], i));
        foreach (var incident in moved.Distinct()) Suspects.Name(world, incident);
        foreach (var incident in spread.Distinct()) Origin.Name(world, incident);
        foreach (var incident in opened) Opened.Say(world, incident, openings[incident]);
        openings.Clear();
        opened.Clear();
        moved.Clear();
        spread.Clear();
    }

    /// <summary>A delivery that came before: nothing in it is an observation.</summary>
    public void Copy(Input.Delivery delivery)
    {
        for (var i = 0; i < delivery.Alerts.Count; i++)
        {
            var fingerprint = delivery.Alerts[i].Identity.Fingerprint;
            outcomes.Add(new(fingerprint, world.State.Identities.GetValueOrDefault(fingerprint)?.Incident?.Id, Disposition.Repeat, i));
        }
    }

    private AlertOutcome Alert(Alert alert, int index)
    {
        Rekeying.Match(world, alert, index);
        if (IdentityOf(world, alert, out var called) is not { } identity)
            return new(called, world.State.Identities.GetValueOrDefault(called)?.Incident?.Id, Disposition.Repeat, index);
        if (alert is { Acknowledges: false, TrainsOnly: false }) alert = Voices.Hear(identity, alert, world.Now, world.Rules);
        var (disposition, told) = alert switch
        {
            { Acknowledges: true } => (Acknowledge(identity), true),
            { TrainsOnly: true } => (Disposition.Repeat, true),
            { Status: AlertStatus.Resolved } => Resolve(identity, alert, index),
            _ when world.Rules.Heartbeats.Of(alert) is { } heartbeat => Beat(identity, alert, index, heartbeat),
            _ => Fire(identity, alert, index),
        };
        if (alert.Acknowledges) return new(identity.Fingerprint, identity.Incident?.Id, disposition, index);
        statistics.Observe(identity, alert, world.Now, (world.Input, index), world.Rules, repeat: !told && identity.Recorded);
        // Its calming down may be what its incident waits for.
        if (identity is { FlapSaid: true, Incident: { } home }) world.Arm(home);
        if (identity.Incident is { Storming: false, IsOpen: true } incident && incident.Storm.Now >= world.Rules.Surface.Storm)
            world.Emit(new Decision.StormBegan(incident.Id, incident.Storm.PerMinute(world.Now)));
        world.Arm(identity);
        return new(identity.Fingerprint, identity.Incident?.Id, disposition, index);
    }

    /// <summary>The identity of an alert; of a log line, by the template that it teaches or meets.</summary>
    /// <param name="called">Its fingerprint, also where it is null: a log line that only goes on with what came before is no observation.</param>
    public static IdentityState? IdentityOf(World world, Alert alert, out Fingerprint called)
    {
        var identity = alert.Identity;
        var goesOn = false;
        if (alert.LogMessage is not null) identity = TemplateOf(world, alert, out goesOn);
        called = identity.Fingerprint;
        return goesOn ? null : world.State.Identity(identity.Fingerprint, identity.Labels);
    }

    private static Identity TemplateOf(World world, Alert line, out bool goesOn)
    {
        var template = world.State.Logs.Read(line.Identity.Labels["service"] ?? "", line, world.Now, out goesOn);
        if (template.Identity is { } known) return known;
        var labels = line.Identity.Labels.With(LogLabels.Template, template.Name);
        var identity = new Identity(Fingerprint.Of(labels), labels, labels, [], line.Identity.LabelSeverity, null);
        // What stands for all that has no room is of many services.
        return template == LogTemplates.Rest ? identity : template.Identity = identity;
    }

    private Disposition Acknowledge(IdentityState identity)
    {
        if (identity.Incident is { IsOpen: true } incident)
            world.Emit(new Decision.IncidentAcknowledged(
                incident.Id, source, null, (world.Now + Acts.AcknowledgedFor).ToTime(), null, incident.Version));
        return Disposition.Repeat;
    }

    /// <summary>A declared heartbeat: all is well while it comes, so it is of no incident. Its first beat notes it; an incident of before it was declared is left.</summary>
    private (Disposition, bool Told) Beat(IdentityState identity, Alert alert, int index, HeartbeatRule heartbeat)
    {
        if (identity is { IsFiring: true, Beats: true }) return (Disposition.Repeat, false);
        if (identity is { IsFiring: true, Incident: { } before })
            world.Emit(new Decision.AlertEnded(identity.Fingerprint, before.Id, $"it is heartbeat {heartbeat.Name}, which fires while all is well"));
        world.Emit(new Decision.AlertDecided(
            identity.Fingerprint, Disposition.Repeat, null, alert.Status, Severity.Ok, identity.Severity, source, identity.Recorded ? null : identity.Labels,
            alert.Summary.Length > 0 ? alert.Summary : null, alert.Value, alert.Url, alert.StartsAt, alert.EndsAt,
            Observers: alert.Identity.Observers.Count > 0 ? alert.Identity.Observers : null, Alert: index, Heartbeat: heartbeat.Name));
        return (Disposition.Repeat, true);
    }

    private (Disposition, bool Told) Resolve(IdentityState identity, Alert alert, int index)
    {
        if (identity.Phase is not (Phase.Firing or Phase.Expired)) return (Disposition.Repeat, false);
        Decide(identity, alert, index, Disposition.Resolved, identity.Severity);
        return (Disposition.Resolved, true);
    }

    private (Disposition, bool Told) Fire(IdentityState identity, Alert alert, int index)
    {
        if (ComesBack(identity, alert, index) is { } back) return (back, true);
        if (identity is { IsFiring: true, Incident: not null }) return StillFires(identity, alert, index);
        if (identity.Phase == Phase.Resolved && world.Now - identity.EndedAt <= world.Rules.Surface.ObserverSkew.Ms() && identity.HeardByAnother(alert))
            return (Disposition.Repeat, false);
        return (Begins(identity, alert, index), true);
    }

    /// <summary>
    /// It never says when it ends and was quiet for an episode, and so was its incident: it belongs to what goes on now. A crowd that comes back after
    /// a calm is another failure than the one it was part of.
    /// </summary>
    private Disposition? ComesBack(IdentityState identity, Alert alert, int index)
    {
        if (identity.Phase is not (Phase.Firing or Phase.Expired) || identity.Incident is not { IsOpen: true } old) return null;
        if (world.Now - identity.LastSeen < world.Rules.Group.Within.Ms()) return null;
        // Of what ends are told unheard means still so: it is sent again, and has not come back.
        if (Ends.AreTold(world, identity.Name, alert)) return null;
        var (again, because) = (old.FollowedBy, $"joined: came back from {old.Id} with what opened this");
        while (again?.FollowedBy is { } later) again = later;
        if (again is not { IsOpen: true } || !world.State.Index.IsActive(again, world.Now))
        {
            again = null;
            // What began with the wave that goes through this one too is what goes on now; another old one that wakes is not.
            bool Wakes(IncidentState incident) => incident == old || incident.Wave.From > 0;
            var open = world.State.Index;
            var goesOn = open.FindActive(identity.Labels, world.Now, world.Neighbours, world.State.Together, Wakes)
                ?? (open.IsActive(old, world.Now) || Events.Is(identity) ? null : open.FindNamesake(identity.Labels, world.Now, incident => incident == old))
                ?? open.FindSpread(identity.Labels, world.Now, world.State.Together, Wakes);
            if (goesOn is var (incident, near)
                && (!open.IsActive(old, world.Now) || (old.Wave.From > 0 && incident.OpenedAt >= old.Wave.From - world.Rules.Group.Within.Ms())))
                (again, because) = (incident, near);
        }
        if (again is null && !old.Wave.Breaks(world.Now, world.Input)) return null;
        var rare = Rarity.IsRareReturn(world, identity);
        if (identity.IsFiring) world.Emit(new Decision.AlertExpired(identity.Fingerprint, old.Id));
        if (again is not null && !openings.ContainsKey(again))
            return rare ? Tell(identity, alert, index, NewAlert.News(world, identity, alert, again), again, because)
                : Decide(identity, alert, index, Disposition.Repeat, alert.Severity, again, because);
        return Open(identity, alert, index, again ?? Open(identity, alert, "", after: old.Id), Disposition.Opened,
            $"{Wave.Crowd} alerts of {old.Id} and more came back at once: another failure");
    }

    private (Disposition, bool Told) StillFires(IdentityState identity, Alert alert, int index)
    {
        var eased = alert.Severity.IsFallFrom(identity.Severity);
        Verdict? verdict = null;
        if (!eased)
            foreach (var reason in Reasons.All)
                if ((verdict = reason.OnFiring(world, identity, alert)) is not null) break;
        if (verdict is null && !eased)
        {
            var heardAgain = identity.Silent;
            if (heardAgain) Decide(identity, alert, index, Disposition.Repeat, identity.Severity);
            return (Disposition.Repeat, heardAgain);
        }
        if (verdict is null)
        {
            Decide(identity, alert, index, Disposition.Eased, alert.Severity);
            return (Disposition.Eased, true);
        }
        return (Tell(identity, alert, index, verdict, identity.Incident!), true);
    }

    /// <summary>It did not fire before: it comes back to its incident, joins another, or opens one.</summary>
    private Disposition Begins(IdentityState identity, Alert alert, int index)
    {
        if (Home(identity) is { } home) return Returns(identity, alert, index, home);
        if (Rekeying.TwinOf(world, identity, alert) is { } twin)
            return Decide(identity, alert, index, Disposition.Repeat, alert.Severity, twin.Incident, $"joined: one with {Say.Name(twin.Labels)} until labels count that did not", twin.SilencedBy);
        if (IsPreexisting(identity, alert)) return Preexisting(identity, alert, index);
        bool IsSplitOff(IncidentState incident) => incident == identity.Incident?.SplitFrom;
        var found = world.State.Index.Find(identity.Labels, world.Now, world.Neighbours, world.State.Together, IsSplitOff) ?? SharedSuspect.Find(world, identity.Labels, IsSplitOff);
        if (found is not var (incident, because))
            return Flapping.OnOpening(world, identity) is { } flaps
                ? OpenAs(flaps, identity, alert, index)
                : Open(identity, alert, index, Open(identity, alert, ""), Disposition.Opened);
        if (openings.ContainsKey(incident)) return Open(identity, alert, index, incident, Disposition.Opened, because);
        foreach (var reason in Reasons.All)
            if (reason.OnJoin(world, identity, alert, incident) is { } verdict)
                return Tell(identity, alert, index, verdict, incident, because);
        return Decide(identity, alert, index, Disposition.Repeat, alert.Severity, incident, because);
    }

    private Disposition Returns(IdentityState identity, Alert alert, int index, IncidentState home)
    {
        Verdict? verdict = null;
        foreach (var reason in Reasons.All)
            if ((verdict = reason.OnReturn(world, identity, alert, home)) is not null) break;
        return verdict switch
        {
            null => Decide(identity, alert, index, Disposition.Repeat, SeverityOf(alert, identity), home, home == identity.Incident ? null : $"joined: {identity.Incident!.Id} was merged into this"),
            { Reason: Reason.Flapping } when identity.FlapSaid => Decide(identity, alert, index, Disposition.Flapping, SeverityOf(alert, identity)),
            _ => Tell(identity, alert, index, verdict, home),
        };
    }

    /// <summary>The incident that it belongs to still: open, or resolved so shortly ago that this re-opens it.</summary>
    private IncidentState? Home(IdentityState identity) => identity switch
    {
        { Phase: Phase.Quiet } => null,
        { Incident: { IsOpen: true } open } => open,
        { Incident.MergedInto: { } whole } when Whole(whole) is { IsOpen: true } merged => merged,
        { Incident: { Course: Deciding.Course.Resolved } closed } when world.Now - closed.ClosedAt <= world.Rules.Incident.Reopen.Ms() => closed,
        _ => null,
    };

    private static IncidentState Whole(IncidentState merged)
    {
        while (merged is { IsOpen: false, MergedInto: { } whole }) merged = whole;
        return merged;
    }

    private bool IsPreexisting(IdentityState identity, Alert alert) =>
        alert.StartsAt is { } starts && identity.Observations == 0 && world.Now - world.State.FirstDeliveryAt < world.Rules.Surface.ColdStart.Ms()
        && starts.Ms() < world.State.FirstDeliveryAt - ColdStartAge;

    private Disposition Preexisting(IdentityState identity, Alert alert, int index)
    {
        var incident = world.State.Preexisting ?? Open(identity, alert, "Firing before we listened: ", preexisting: true);
        return openings.ContainsKey(incident) || incident.Members.Count == 0
            ? Open(identity, alert, index, incident, Disposition.Preexisting)
            : Decide(identity, alert, index, Disposition.Preexisting, alert.Severity, incident, "joined: began before we first listened");
    }

    /// <summary>It opens an incident, and something else than that is to be said of it.</summary>
    private Disposition OpenAs(Verdict verdict, IdentityState identity, Alert alert, int index)
    {
        var incident = Open(identity, alert, "");
        return Tell(identity, alert, index, verdict, incident);
    }

    private IncidentState Open(IdentityState identity, Alert alert, string prefix, bool preexisting = false, IncidentId? after = null)
    {
        var id = Ids.Incident(world.Scope, world.Input, world.OpenedByInput++);
        world.Emit(new Decision.IncidentOpened(id, prefix + Say.Name(identity.Labels), alert.Severity, preexisting, after));
        moved.Add(world.State.Incidents[id.Value]);
        return moved[^1];
    }

    /// <summary>One of the alerts that open an incident; they are said together when the delivery is through.</summary>
    private Disposition Open(IdentityState identity, Alert alert, int index, IncidentState incident, Disposition disposition, string? because = null)
    {
        var silence = Silences.Covering(world, identity.Labels, alert.Severity);
        if (silence is not null) return Decide(identity, alert, index, Disposition.Silenced, alert.Severity, incident, because, silence.Id);
        if (!openings.TryGetValue(incident, out var list))
        {
            openings[incident] = list = [];
            opened.Add(incident);
        }
        var (rank, why, _) = Rarity.Of(world, identity);
        list.Add(new(identity, index, rank, why));
        return Decide(identity, alert, index, disposition, alert.Severity, incident, because);
    }

    /// <summary>Decides and surfaces, unless a silence covers it; a rise to critical breaks one that does not name critical.</summary>
    private Disposition Tell(IdentityState identity, Alert alert, int index, Verdict verdict, IncidentState incident, string? because = null)
    {
        var severity = SeverityOf(alert, identity);
        var silence = Silences.Covering(world, identity.Labels, severity) ?? Silences.Covering(world, identity.Labels, identity.Severity);
        var breaks = verdict.Was is not null && severity == Severity.Critical && silence is { NamesCritical: false };
        if (silence is not null && !breaks) return Decide(identity, alert, index, Disposition.Silenced, severity, incident, because, silence.Id);
        if (!incident.IsOpen)
        {
            world.Emit(new Decision.IncidentReopened(incident.Id));
            moved.Add(incident);
        }
        var disposition = Decide(identity, alert, index, verdict.Reason.AsDisposition(), severity, incident, because);
        world.Surface(incident, identity, verdict with { Summary = verdict.Summary ?? (alert.Summary.Length > 0 ? alert.Summary : null) }, index);
        return disposition;
    }

    private static Severity SeverityOf(Alert alert, IdentityState identity) =>
        alert.Severity == Severity.Unknown && identity.IsFiring ? identity.Severity : alert.Severity;

    private Disposition Decide(
        IdentityState identity, Alert alert, int index, Disposition disposition, Severity severity,
        IncidentState? incident = null, string? because = null, string? silencedBy = null)
    {
        var joins = incident is not null && identity.Incident != incident;
        var isNew = !identity.Recorded;
        var (places, components) = (incident?.Places.Count, incident?.Components.Count);
        var component = joins ? Topology.ComponentOf(identity.Labels, world.Rules.Group.ComponentLabels) : null;
        world.Emit(new Decision.AlertDecided(
            identity.Fingerprint, disposition, (incident ?? identity.Incident)?.Id, alert.Status, severity, identity.Severity, source,
            isNew ? identity.Labels : null,
            alert.Summary.Length > 0 && (isNew || alert.Summary != identity.Summary) ? alert.Summary : null,
            alert.Value, alert.Url, alert.StartsAt, alert.EndsAt, null,
            alert.Identity.Observers.Count > 0 ? alert.Identity.Observers : null,
            joins ? because : null, silencedBy, index, component));
        if (identity.Incident is { } home && (home.StirredAt == world.Now || (incident is not null && incident.Places.Count != places))) moved.Add(home);
        if (identity.Incident is { } reached && (reached.StirredAt == world.Now || (component is not null && reached.Components.Count != components && world.Topology.Find(component) is not null))) spread.Add(reached);
        return disposition;
    }
}
