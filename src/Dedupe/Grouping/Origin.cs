using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Grouping;

/// <summary>Where a cascade likely began, and what stands above what fires, by the declared topology.</summary>
internal static class Origin
{
    /// <summary>An incident of more components than these is looked at by the first of them.</summary>
    private const int MostComponents = 50, MostImpact = 10, Farthest = 8;

    /// <summary>Writes down where an incident likely began and what stands above it, where that is not what was known. What was known of one in which nothing fires any more stays.</summary>
    public static void Name(World world, IncidentState incident)
    {
        var firing = Firing(world, incident);
        if (firing.Count == 0) return;
        var (origin, impact) = (Of(world.Neighbours, firing), Impact(world.Neighbours, firing));
        if (origin != incident.Origin || !impact.SequenceEqual(incident.Impact)) world.Emit(new Decision.OriginNamed(incident.Id, origin, impact));
    }

    /// <summary>Components with a member that fires, in the order in which they began.</summary>
    public static List<string> Firing(World world, IncidentState incident)
    {
        var found = new List<string>();
        if (world.Topology.Components.Count == 0) return found;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in incident.Members)
        {
            if (found.Count >= MostComponents) break;
            if (member.Incident == incident && member.IsFiring && Topology.ComponentOf(member.Labels, world.Rules.Group.ComponentLabels) is { } component
                && seen.Add(component) && world.Topology.Find(component) is not null) found.Add(component);
        }
        return found;
    }

    /// <summary>The furthest upstream thing firing: needs nothing else that fires, and most of what fires needs it. Null where nothing needs anything.</summary>
    public static string? Of(Neighbours neighbours, IReadOnlyList<string> firing)
    {
        var (origin, most) = ((string?)null, 0);
        foreach (var component in firing)
        {
            var needed = neighbours.Needed(component);
            if (firing.Any(other => other != component && needed.Contains(other))) continue;
            var needing = firing.Count(other => other != component && neighbours.Needed(other).Contains(component));
            if (needing > most) (origin, most) = (component, needing);
        }
        return origin;
    }

    /// <summary>Systems and businesses that hold or need what fires, the highest level first.</summary>
    public static List<Affected> Impact(Neighbours neighbours, IReadOnlyList<string> firing)
    {
        var (seen, found) = (new HashSet<string>(firing, StringComparer.Ordinal), new List<Component>());
        List<string> at = [.. firing];
        for (var steps = 0; steps < Farthest && at.Count > 0; steps++)
        {
            List<string> next = [.. at.SelectMany(neighbours.Above).Where(seen.Add)];
            found.AddRange(next.Select(neighbours.Topology.Find).OfType<Component>().Where(c => c.Level is Level.System or Level.Business));
            at = next;
        }
        return [.. found.OrderByDescending(c => c.Level).ThenBy(c => c.Name, StringComparer.Ordinal).Take(MostImpact).Select(c => new Affected(c.Level, c.Name))];
    }
}
