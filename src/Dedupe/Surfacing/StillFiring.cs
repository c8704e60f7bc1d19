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

    /// <summary>One way out is often told as several changes, a push and a deploy; what outlived them all is said once.</summary>
    private const long OneActMs = 2 * 60_000;

    public override Reason Reason => Reason.StillFiring;

    /// <summary>When the window of a change ends; time in which we did not listen does not count.</summary>
    public static long EndOf(World world, SettleWindow window) => window.From + world.Rules.Surface.Settle.Ms() + world.State.BlindSince(window.From);

    /// <summary>A change begins a window: each open incident is told what of it should end.</summary>
    public static void Begin(World world, SettleWindow window)
    {
        var reaches = Radius(world, window);
        foreach (var incident in Open(world))
            if (incident.Members.Count(m => m.Incident == incident && m.IsFiring && reaches(m)) is > 0 and var covers)
                world.Emit(new Decision.SettleBegan(window.Change.Id, incident.Id, Cure.Words(window.Change, window.Cure), covers));
    }

    /// <summary>The window of a change is over: what it covers and still fires, of every open incident.</summary>
    public static void After(World world, SettleWindow window)
    {
        var reaches = Radius(world, window);
        var after = Cure.Words(window.Change, window.Cure);
        var all = 0;
        foreach (var incident in Open(world))
        {
            var left = incident.Members.FindAll(m => Outlived(world, incident, m, window.From) && reaches(m));
            Say(world, incident, left.FindAll(m => m.StillSaidAt < 0 || world.Now - m.StillSaidAt >= OneActMs), window.From, after);
            if (left.Count > 0 || incident.Members.Exists(m => m.Incident == incident && reaches(m)))
                world.Emit(new Decision.SettleEnded(window.Change.Id, incident.Id, left.Count));
            all += left.Count;
        }
        world.Emit(new Decision.SettleEnded(window.Change.Id, null, all));
    }

    public override long DueOf(World world, IncidentState incident) =>
        incident.RecoveredAt == Clock.Never ? Clock.Never : incident.RecoveredAt + world.Rules.Surface.Settle.Ms() + world.State.BlindSince(incident.RecoveredAt);

    public override void OnDue(World world, IncidentState incident)
    {
        var after = string.Create(CultureInfo.InvariantCulture, $"most of it recovered ({incident.Resolved} of {incident.Total} ended)");
        var left = incident.Members.FindAll(m => Outlived(world, incident, m, incident.RecoveredAt));
        // What was named as left over, or as outliving what brought the recovery about, is not named for the recovery too.
        Say(world, incident, left.FindAll(m => !m.SurvivorSaid && m.StillSaidAt < incident.RecoveredAt), incident.RecoveredAt, after);
        world.Emit(new Decision.SettleEnded(null, incident.Id, left.Count));
    }

    /// <summary>Fires for sure, and did before. What began since was named as new then: it outlived nothing.</summary>
    private static bool Outlived(World world, IncidentState incident, IdentityState member, long since) =>
        member.Incident == incident && member is { SurelyFires: true, SilencedBy: null } && member.Began <= since && Events.IsHeard(world, member);

    private static void Say(World world, IncidentState incident, List<IdentityState> left, long since, string after)
    {
        foreach (var alike in left.GroupBy(m => m.Name))
        {
            var members = alike.ToList();
            foreach (var said in members.Count > Alike ? [members] : members.Select(m => new List<IdentityState> { m }))
            {
                var worst = said.MaxBy(m => (m.Severity.ForPaging(), -m.Order))!;
                world.Surface(incident, worst, Rarity.Capped(world, new(Reason.StillFiring, 0.9, $"still firing {Vocabulary.Say.Span(world.Now - since)} after {after}", Urgent: true)
                { Labels = said.Count > 1 && WentSilent.Shared(said) is { Count: > 0 } shared ? shared : null }), all: said);
            }
        }
    }

    private static List<IncidentState> Open(World world) => [.. world.State.Incidents.Values.Where(i => i.IsOpen && i.Firing > 0).OrderBy(i => i.Order)];

    /// <summary>Whether a window covers a member: one of its components, or what runs on its host, is reached; everything is where the change names no service.</summary>
    private static Func<IdentityState, bool> Radius(World world, SettleWindow window)
    {
        if (window.Change.Services.Count == 0) return _ => true;
        var reached = Reach.Radius(world.Neighbours, window.Change.Services);
        var labels = world.Rules.Group.By.Union(world.Rules.Group.ComponentLabels).ToArray();
        return m => labels.Any(label => m.Labels[label] is { } value && (reached.ContainsKey(value) || RunsWhatDepends(value)));

        // A host suffers as what runs on it: a check of it often names nothing else.
        bool RunsWhatDepends(string component) =>
            world.Topology.Find(component) is { Level: Level.Host, PartOf: { } whole } && Reach.Steps(world.Topology, whole, window.Change.Services) is not null;
    }
}
