using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Grouping;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>What should have cured it did not: still firing at the end of a settle window after a rollback, a restart, a reverting change or a mass recovery.</summary>
internal sealed class StillFiring : ReasonRule
{
    /// <summary>More of one alertname than this are one change.</summary>
    private const int Alike = 5;

    public override Reason Reason => Reason.StillFiring;

    public static bool Cures(Change change) =>
        change.Reverts is not null || change.Kind.Equals("rollback", StringComparison.OrdinalIgnoreCase) || change.Kind.Equals("restart", StringComparison.OrdinalIgnoreCase);

    /// <summary>When the window of a change ends; time in which we did not listen does not count.</summary>
    public static long EndOf(World world, SettleWindow window) => window.From + world.Rules.Surface.Settle.Ms() + world.State.BlindSince(window.From);

    /// <summary>The window of a change is over: what it covers and still fires, of every open incident.</summary>
    public static void After(World world, SettleWindow window)
    {
        var after = $"{window.Change!.Kind}{(window.Change.Reverts is { } reverts ? $" of {reverts}" : "")}: {window.Change.Summary}";
        var left = 0;
        foreach (var incident in world.State.Incidents.Values.Where(i => i.IsOpen && i.Firing > 0).OrderBy(i => i.Order).ToList())
            left += Say(world, incident, window.From, after,
                m => Reach.Covers(world.Topology, window.Change.Services, m.Labels, world.Rules.Group.By));
        world.Emit(new Decision.SettleEnded(window.Change.Id, null, left));
    }

    public override long DueOf(World world, IncidentState incident) =>
        incident.RecoveredAt == Clock.Never ? Clock.Never : incident.RecoveredAt + world.Rules.Surface.Settle.Ms() + world.State.BlindSince(incident.RecoveredAt);

    public override void OnDue(World world, IncidentState incident)
    {
        var after = string.Create(CultureInfo.InvariantCulture, $"most of it recovered ({incident.Resolved} of {incident.Total} ended)");
        var left = Say(world, incident, incident.RecoveredAt, after, m => !m.SurvivorSaid);
        world.Emit(new Decision.SettleEnded(null, incident.Id, left));
    }

    private static int Say(World world, IncidentState incident, long since, string after, Func<IdentityState, bool> covered)
    {
        // What began after it was named as new then: it outlived nothing.
        var left = incident.Members.FindAll(m =>
            m.Incident == incident && m is { SurelyFires: true, SilencedBy: null } && m.Began <= since && m.SurfacedAt <= Math.Max(since, m.Began) && covered(m));
        foreach (var alike in left.GroupBy(m => m.Name))
        {
            var members = alike.ToList();
            foreach (var said in members.Count > Alike ? [members] : members.Select(m => new List<IdentityState> { m }))
            {
                var worst = said.MaxBy(m => (m.Severity.ForPaging(), -m.Order))!;
                world.Surface(incident, worst, Rarity.Capped(world, new(Reason.StillFiring, 0.9,
                    $"still firing {Vocabulary.Say.Span(world.Now - since)} after {after}", Urgent: true)
                { Labels = said.Count > 1 && WentSilent.Shared(said) is { Count: > 0 } shared ? shared : null }), all: said);
            }
        }
        return left.Count;
    }
}
