using System.Diagnostics;
using Dedupe.Paging;
using Dedupe.Surfacing;

namespace Dedupe.Deciding;

/// <summary>What time alone brings about: when each thing falls due, and what happens then.</summary>
internal static class Due
{
    private const long RollUp = 5_000;
    private const long LookAgain = 60_000;

    /// <summary>How long a closed incident stays in memory for acts that name it.</summary>
    private const long Remembered = 24 * 3600_000L;
    
    /// <summary>So many that one decision stays well under the 85,000 bytes from which on memory is collected late.</summary>
    private const int RollUpItems = 250;

    public static long Of(World world, IDue due) => due switch
    {
        IdentityState identity => Of(world, identity),
        IncidentState incident => Of(world, incident),
        Heart heart => Heartbeats.DueOf(world, heart),
        Housekeeping => Of(world),
        _ => throw new UnreachableException(),
    };

    /// <summary>Does what is due now; the caller arms it again.</summary>
    public static void Fire(World world, IDue due)
    {
        switch (due)
        {
            case IdentityState identity: Fire(world, identity); break;
            case IncidentState incident: Fire(world, incident); break;
            case Heart heart: Heartbeats.Miss(world, heart); break;
            case Housekeeping: Fire(world); break;
            default: throw new UnreachableException();
        }
    }

    private static long Of(World world, IdentityState identity)
    {
        if (!identity.IsFiring) return Clock.Never;
        var due = Math.Min(EndOf(world, identity), ExpiryOf(world, identity));
        foreach (var reason in Reasons.All) due = Math.Min(due, reason.DueOf(world, identity));
        return due;
    }

    private static void Fire(World world, IdentityState identity)
    {
        foreach (var reason in Reasons.All)
            if (reason.DueOf(world, identity) <= world.Now) reason.OnDue(world, identity);
        if (!identity.IsFiring) return;
        if (EndOf(world, identity) <= world.Now)
            world.Emit(new Decision.AlertEnded(identity.Fingerprint, identity.Incident?.Id, "its end time passed; it was sent once"));
        else if (ExpiryOf(world, identity) <= world.Now)
            world.Emit(new Decision.AlertExpired(identity.Fingerprint, identity.Incident?.Id));
    }

    /// <summary>Sent once with an end: it ends then. Sent again: silence is another matter.</summary>
    private static long EndOf(World world, IdentityState identity) =>
        identity.EndsAt != Clock.Never && identity.Resends == 0 ? identity.EndsAt + world.State.BlindSince(identity.LastSeen) : Clock.Never;

    private static long ExpiryOf(World world, IdentityState identity) =>
        identity.Source == PagerHealth.Source ? Clock.Never
            : identity.LastSeen + world.Rules.Identity.Expire.Ms() + world.State.BlindSince(identity.LastSeen);

    private static long Of(World world, IncidentState incident)
    {
        if (!incident.IsOpen)
        {
            var forget = RememberedUntil(world, incident);
            return !world.State.Incidents.ContainsKey(incident.Id.Value) ? Clock.Never : forget > world.Now ? forget : world.Now + LookAgain;
        }
        var due = Math.Min(SettleOf(world, incident), QuietOf(world, incident));
        due = Math.Min(due, Desks.DueOf(world, incident));
        if (incident.Storming) due = Math.Min(due, incident.Storm.LooksAt(world.Rules.Surface.Storm / 4));
        foreach (var reason in Reasons.All) due = Math.Min(due, reason.DueOf(world, incident));
        return due;
    }

    private static void Fire(World world, IncidentState incident)
    {
        if (!incident.IsOpen)
        {
            if (RememberedUntil(world, incident) <= world.Now && !IsNeeded(incident)) world.State.Incidents.Remove(incident.Id.Value);
            return;
        }
        foreach (var reason in Reasons.All)
            if (reason.DueOf(world, incident) <= world.Now) reason.OnDue(world, incident);
        if (incident.Storming && incident.Storm.PerMinute(world.Now) < world.Rules.Surface.Storm / 4)
            world.Emit(new Decision.StormEnded(incident.Id, incident.Storm.Total));
        Desks.PageDue(world, incident);
        if (!incident.IsOpen) return;
        if (SettleOf(world, incident) <= world.Now) Desks.Resolve(world, incident, new Decision.IncidentResolved(incident.Id));
        else if (QuietOf(world, incident) <= world.Now) Quieten(world, incident);
    }

    /// <summary>Until when a closed incident takes acts and may open again. When exactly it leaves memory after that changes nothing.</summary>
    public static long RememberedUntil(World world, IncidentState incident) =>
        incident.IsOpen ? Clock.Never : incident.ClosedAt + Math.Max(Remembered, world.Rules.Incident.Reopen.Ms() + 1);

    /// <summary>Something fires in it still, or a pager that fails is owed its end.</summary>
    private static bool IsNeeded(IncidentState incident) =>
        incident.Members.Exists(m => m.Incident == incident && m.IsFiring)
        || incident.Desks.Values.Any(d => d.Pending.Count > 0 || (d.Told && incident.Course == Course.Resolved));

    private static long SettleOf(World world, IncidentState incident)
    {
        if (incident.Firing > 0 || incident.Expired > 0 || incident.LastEndedAt == Clock.Never) return Clock.Never;
        var due = incident.LastEndedAt + world.Rules.Incident.Settle.Ms() + world.State.BlindSince(incident.LastEndedAt);
        foreach (var member in incident.Members)
            if (member.Incident == incident && Flapping.IsOn(member, due)) due = Math.Max(due, Flapping.CalmAt(member));
        return due;
    }

    private static long QuietOf(World world, IncidentState incident)
    {
        var due = QuietAfter(world, Math.Max(incident.HeardAtLeast, incident.LastNews));
        if (due > world.Now) return due;
        // Overdue by what is known: looked up, so that several that are overdue come in the order of what is true.
        LookWhenHeard(incident);
        return QuietAfter(world, Math.Max(incident.HeardAtLeast, incident.LastNews));
    }

    private static long QuietAfter(World world, long heard) => heard + world.Rules.Incident.Quiet.Ms() + world.State.BlindSince(heard);

    private static void LookWhenHeard(IncidentState incident)
    {
        foreach (var member in incident.Members)
            if (member.Incident == incident) incident.HeardAtLeast = Math.Max(incident.HeardAtLeast, member.LastSeen);
    }

    private static void Quieten(World world, IncidentState incident)
    {
        if (QuietOf(world, incident) <= world.Now) world.Emit(new Decision.IncidentWentStale(incident.Id));
    }

    private static long Of(World world)
    {
        var due = world.State.UncountedSince.Plus(RollUp);
        foreach (var silence in world.State.Silences.Values) due = Math.Min(due, silence.EndsAt.Ms());
        foreach (var window in world.State.Settling) due = Math.Min(due, StillFiring.EndOf(world, window));
        return due;
    }

    private static void Fire(World world)
    {
        if (world.State.UncountedSince.Plus(RollUp) <= world.Now) CountRepeats(world);
        foreach (var silence in world.State.Silences.Values.Where(s => s.EndsAt.Ms() <= world.Now).OrderBy(s => s.Id, StringComparer.Ordinal).ToList())
        {
            world.Emit(new Decision.SilenceEnded(silence.Id));
            Unsilenced.After(world, silence);
        }
        foreach (var window in world.State.Settling.Where(w => StillFiring.EndOf(world, w) <= world.Now).ToList()) StillFiring.After(world, window);
    }

    /// <summary>Writes down the repeats since the last count.</summary>
    public static void CountRepeats(World world)
    {
        var state = world.State;
        for (var from = 0; from < state.Uncounted.Count; from += RollUpItems)
        {
            var items = new List<Repeats>(Math.Min(RollUpItems, state.Uncounted.Count - from));
            for (var i = from; i < Math.Min(from + RollUpItems, state.Uncounted.Count); i++)
            {
                var identity = state.Uncounted[i];
                var observers = identity.UncountedObservers > 0 ? identity.Observers.TakeLast(identity.UncountedObservers).ToList() : null;
                if (identity.Recorded && state.Identities.ContainsKey(identity.Fingerprint))
                    items.Add(new(identity.Fingerprint, identity.Incident?.Id, identity.Uncounted, identity.LastSeen.ToTime(), identity.Value, observers));
                identity.Uncounted = identity.UncountedObservers = 0;
            }
            if (items.Count > 0) world.Emit(new Decision.RepeatsCounted(items));
        }
        state.Uncounted.Clear();
        state.UncountedSince = Clock.Never;
    }
}

/// <summary>The scope's own due matters: counting repeats, ending silences.</summary>
internal sealed class Housekeeping : IDue
{
    public long Order => 0;
    public long Armed { get; set; } = Clock.Never;
}
