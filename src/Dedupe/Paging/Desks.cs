using Dedupe.Deciding;
using Dedupe.Grouping;
using Dedupe.Vocabulary;

namespace Dedupe.Paging;

/// <summary>Decides when each pager is told what waits for it.</summary>
internal static class Desks
{
    public static long DueOf(World world, IncidentState incident)
    {
        var due = Clock.Never;
        foreach (var desk in incident.Desks.Values) due = Math.Min(due, DueOf(world, desk));
        return due;
    }

    /// <summary>At once for an opening, after the gathering for what is urgent, at latest after <c>page.latest</c>; over budget later, but never later than that.</summary>
    private static long DueOf(World world, Desk desk)
    {
        if (desk.Pending.Count == 0 || world.State.FailingPagers.Contains(desk.Pager)) return Clock.Never;
        var rules = world.Rules.Page;
        var latest = desk.FirstPendingAt + rules.Latest.Ms();
        // The first that this pager hears of it has nothing to ride on.
        if ((desk.OpeningWaits && !desk.Told) || desk.Pages == 0) return desk.FirstPendingAt;
        var wanted = desk.FirstUrgentAt == Clock.Never ? latest : desk.FirstUrgentAt + rules.Gather.Ms();
        return Math.Min(latest, Math.Max(wanted, Budget.FreeAt(desk, rules.Budget)));
    }

    public static void PageDue(World world, IncidentState incident)
    {
        foreach (var desk in InOrder(incident))
            if (DueOf(world, desk) <= world.Now) Page(world, incident, desk, null);
    }

    /// <summary>Everything that waits, now.</summary>
    public static void PageAll(World world, IncidentState incident)
    {
        foreach (var desk in InOrder(incident))
            if (desk.Pending.Count > 0) Page(world, incident, desk, null);
    }

    /// <summary>Closes an incident and tells every pager that was told of it; what still waits is named there too.</summary>
    public static void Resolve(World world, IncidentState incident, Decision.IncidentResolved resolved)
    {
        world.Emit(resolved);
        foreach (var desk in InOrder(incident))
        {
            if (world.State.FailingPagers.Contains(desk.Pager)) continue;
            if (!desk.Told && desk.Pending.Count > 0) Page(world, incident, desk, null);
            if (desk.Told) Page(world, incident, desk, PageKind.Resolved);
        }
    }

    /// <summary>What a pager missed while it failed: one page an incident.</summary>
    public static void CatchUp(World world, string pager)
    {
        foreach (var incident in world.State.Incidents.Values.Where(i => i.Desks.ContainsKey(pager)).OrderBy(i => i.Order).ToList())
        {
            var desk = incident.Desks[pager];
            var over = incident.Course == Course.Resolved;
            if (desk.Pending.Count > 0 || (over && desk.Told)) Page(world, incident, desk, over ? PageKind.Resolved : null);
        }
    }

    private static Desk[] InOrder(IncidentState incident) => [.. incident.Desks.Values.OrderBy(d => d.Pager, StringComparer.Ordinal)];

    private static void Page(World world, IncidentState incident, Desk desk, string? kind)
    {
        // Some that fired may have ended since it was named.
        Origin.Name(world, incident);
        kind ??= !desk.Told ? PageKind.Opened
            : desk.Pending.TrueForAll(c => c.Reason == Reason.AckExpired) ? PageKind.Reminder
            : PageKind.Changed;
        var id = Ids.Page(world.Scope, desk.Pager, world.State.PagesOf.GetValueOrDefault(desk.Pager));
        var urgent = kind != PageKind.Resolved && desk.FirstUrgentAt != Clock.Never;
        var late = world.State.RecoveredAt.TryGetValue(desk.Pager, out var recovered) && desk.FirstPendingAt < recovered
            ? world.Now - desk.FirstPendingAt : 0;
        var page = new PageBody(world, incident, desk, id, kind, urgent, late);
        world.Emit(new Decision.PageDecided(id, desk.Pager, incident.Id, kind, urgent, [.. desk.Pending.Select(c => c.Ordinal)], page.Write()));
    }
}
