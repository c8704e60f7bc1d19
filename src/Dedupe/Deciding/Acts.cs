using System.Diagnostics;
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
