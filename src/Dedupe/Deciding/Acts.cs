using System.Diagnostics;
using Dedupe.Grouping;
using Dedupe.Paging;
using Dedupe.Surfacing;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>Decides what people and programs ask for. What cannot be done decides nothing; who asked looks at the state.</summary>
internal static class Acts
{
    /// <summary>How long an acknowledgement lasts where it does not say, in milliseconds; and the longest that is given.</summary>
    public const long AcknowledgedFor = 3600_000, AcknowledgedAtMost = 24 * 3600_000L;

    public static void Decide(World world, Act act)
    {
        switch (act)
        {
            case Act.Acknowledge acknowledge: Acknowledge(world, acknowledge); break;
            case Act.Resolve resolve: Resolve(world, resolve); break;
            case Act.AddNote note:
                if (world.State.Incidents.TryGetValue(note.Incident.Value, out var noted) && Due.RememberedUntil(world, noted) > world.Now)
                    world.Emit(new Decision.IncidentNoted(note.Incident, note.By, note.Text));
                break;
            case Act.Merge merge: Merge(world, merge); break;
            case Act.Split split: Split(world, split); break;
            case Act.SetSilence set: Set(world, set.Silence); break;
            case Act.EndSilence end: End(world, end.Id); break;
            default: throw new UnreachableException();
        }
    }

    private static void Acknowledge(World world, Act.Acknowledge act)
    {
        if (!world.State.Incidents.TryGetValue(act.Incident.Value, out var incident) || !incident.IsOpen) return;
        var until = Math.Min(act.Until?.Ms() ?? world.Now + AcknowledgedFor, world.Now + AcknowledgedAtMost);
        if (until <= world.Now) return;
        var seen = Math.Clamp(act.Seen ?? incident.Version, 0, incident.Version);
        world.Emit(new Decision.IncidentAcknowledged(incident.Id, act.By, act.Note, until.ToTime(), act.Awaiting, seen));
    }

    private static void Resolve(World world, Act.Resolve act)
    {
        if (!world.State.Incidents.TryGetValue(act.Incident.Value, out var incident) || !incident.IsOpen) return;
        if (incident.Firing > 0 && !act.Force) return;
        Desks.Resolve(world, incident, new Decision.IncidentResolved(incident.Id, act.By, incident.Firing > 0, act.Note));
    }

    private static void Merge(World world, Act.Merge act)
    {
        if (act.Incident == act.Into || !world.State.Incidents.TryGetValue(act.Incident.Value, out var part) || !part.IsOpen) return;
        if (!world.State.Incidents.TryGetValue(act.Into.Value, out var whole) || !whole.IsOpen) return;
        foreach (var member in part.Members.FindAll(m => m.Incident == part && m.IsFiring)) Move(world, member, part, whole, $"joined: {act.By} merged {part.Id} into this");
        Look(world, whole);
        Desks.Resolve(world, part, new Decision.IncidentResolved(part.Id, act.By, Note: $"merged into {whole.Id}", MergedInto: whole.Id));
    }

    private static void Split(World world, Act.Split act)
    {
        if (!world.State.Incidents.TryGetValue(act.Incident.Value, out var old) || !old.IsOpen) return;
        var members = old.Members.FindAll(m => m.Incident == old && m.IsFiring && act.Fingerprints.Contains(m.Fingerprint));
        if (members.Count == 0 || members.Count == old.Firing) return;
        var worst = members.MaxBy(m => (m.Severity.ForPaging(), -m.Order))!;
        var id = Ids.Incident(world.Scope, world.Input, world.OpenedByInput++);
        world.Emit(new Decision.IncidentOpened(id, Say.Name(worst.Labels), worst.Severity, SplitFrom: old.Id));
        var apart = world.State.Incidents[id.Value];
        foreach (var member in members) Move(world, member, old, apart, $"joined: {act.By} split it from {old.Id}");
        Look(world, old);
        Look(world, apart);
        world.Surface(apart, worst, new(Reason.Opened, 0.5, $"{act.By} split {Say.Count(members.Count, "alert", "alerts")} from {old.Id}", Urgent: true), all: members);
    }

    /// <summary>It is in other places than before: other changes may be suspect, and it may have begun elsewhere.</summary>
    private static void Look(World world, IncidentState incident)
    {
        Suspects.Name(world, incident);
        Origin.Name(world, incident);
    }

    /// <summary>It counts in the one no more, which is no recovery, and in the other from now on.</summary>
    private static void Move(World world, IdentityState member, IncidentState from, IncidentState to, string because)
    {
        var (severity, silencedBy) = (member.Severity, member.SilencedBy);
        world.Emit(new Decision.AlertExpired(member.Fingerprint, from.Id));
        world.Emit(new Decision.AlertDecided(
            member.Fingerprint, Disposition.Repeat, to.Id, AlertStatus.Firing, severity, severity, member.Source, Because: because, SilencedBy: silencedBy,
            Component: Topology.ComponentOf(member.Labels, world.Rules.Group.ComponentLabels)));
        world.Arm(member);
    }

    private static void Set(World world, Silence silence)
    {
        if (silence.EndsAt.Ms() <= world.Now) End(world, silence.Id);
        else world.Emit(new Decision.SilenceSet(silence));
    }

    private static void End(World world, string id)
    {
        if (!world.State.Silences.TryGetValue(id, out var silence)) return;
        world.Emit(new Decision.SilenceEnded(id));
        if (silence.StartsAt.Ms() <= world.Now) Unsilenced.After(world, silence);
    }
}
