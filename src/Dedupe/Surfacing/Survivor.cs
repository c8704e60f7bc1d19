using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>The rest has ended, this has not: what still fires of an incident that was five or more.</summary>
internal sealed class Survivor : ReasonRule
{
    /// <summary>The last to end get this long, so that what ends together is not called left over.</summary>
    private const long Grace = 2_000;

    public override Reason Reason => Reason.Survivor;

    public override long DueOf(World world, IncidentState incident) =>
        incident.SurvivorsSince != Clock.Never && incident.Members.Exists(m => IsLeft(m, incident)) ? incident.SurvivorsSince + Grace : Clock.Never;

    public override void OnDue(World world, IncidentState incident)
    {
        foreach (var member in incident.Members.FindAll(m => IsLeft(m, incident)))
            world.Surface(incident, member, Rarity.Capped(world, new(Reason, 0.85, string.Create(CultureInfo.InvariantCulture,
                $"still firing after {incident.Resolved} of {incident.Total} ended"), Urgent: true)));
    }

    // What began after the rest had ended was named as new then; it is not left over from anything. An event is where it goes on without the rest.
    private static bool IsLeft(IdentityState member, IncidentState incident) =>
        member.Incident == incident && member is { SurelyFires: true, SurvivorSaid: false, SilencedBy: null } && member.Began <= incident.SurvivorsSince
        && (!Events.Is(member) || member.LastSeen > incident.SurvivorsSince);
}
