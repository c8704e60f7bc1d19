using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Grouping;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>How near a change is to an incident in place, 0 to 1, and how in words.</summary>
internal static class Nearness
{
    /// <summary>
    /// 1 for a component of the incident itself. 0.8 for what one depends on, 0.65 two steps away, 0.4 farther; 0.6 and 0.45 for what depends on one, since
    /// load goes that way; 0.6 and 0.45 for what it is part of or holds; 0.4 for what only is near. 0.5 where they are learned to fire together. 0.4 where
    /// the change names nothing. Else 0.
    /// </summary>
    public static (double Score, string Where) Of(World world, IncidentState incident, Change change)
    {
        if (change.Services.Count == 0) return (0.4, "names no service");
        var best = (Score: 0.0, Where: "");
        foreach (var service in change.Services)
        {
            if (incident.Places.TryGetValue(service, out var itself)) return (1, $"same service {itself}");
            foreach (var near in world.Neighbours.Of(service))
                if (incident.Places.Contains(near.Name)) Better(near.How switch
                {
                    "is needed by" => (near.Steps == 1 ? 0.8 : 0.65, $"{near.Name} depends on {service}"),
                    "depends on" => (near.Steps == 1 ? 0.6 : 0.45, $"{service} depends on {near.Name}"),
                    "is part of" => (near.Steps == 1 ? 0.6 : 0.45, $"{service} is part of {near.Name}"),
                    "holds" => (near.Steps == 1 ? 0.6 : 0.45, $"{near.Name} is part of {service}"),
                    _ => (0.4, $"{service} is near {near.Name}"),
                });
            foreach (var (place, times, of) in world.State.Together.With(service))
                if (incident.Places.Contains(place)) Better((0.5, string.Create(CultureInfo.InvariantCulture, $"{place} fires together with {service}, as learned from {times} of {of} times")));
        }
        if (best.Score == 0 && world.Topology.Components.Count > 0)
            foreach (var (name, steps) in Reach.Radius(world.Neighbours, change.Services))
                if (incident.Places.Contains(name)) Better((0.4, string.Create(CultureInfo.InvariantCulture, $"{name} depends on it, {steps} steps away")));
        return best;

        void Better((double Score, string Where) other)
        {
            if (other.Score > best.Score) best = other;
        }
    }
}
