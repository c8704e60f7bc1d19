using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Grouping;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>Which recorded changes may have caused an incident: near in place, shortly before, of a kind that did so before.</summary>
internal static class Suspects
{
    /// <summary>A change this long before an incident is no suspect any more, in milliseconds.</summary>
    private const long Longest = 2 * 3600_000;
    private const int Most = 5;
    private const double Least = 0.1;

    /// <summary>
    /// Score = place x time x kind. Place: 1 for the same component, 0.8 to 0.5 for one it depends on, 0.4 within one system or where the change names
    /// nothing. Time: 1 up to five minutes before, halved every half an hour after that. Kind: how often incidents followed changes of it, as if two of
    /// three earlier ones had.
    /// </summary>
    public static List<Suspect> Of(World world, IncidentState incident)
    {
        var found = new List<Suspect>();
        for (var i = world.State.Changes.Count - 1; i >= 0; i--)
        {
            var recorded = world.State.Changes[i];
            var before = incident.OpenedAt - Math.Min(recorded.Change.At.Ms(), recorded.At);
            if (before is < 0 or > Longest || Place(world, incident, recorded.Change) is not var (place, where)) continue;
            var time = Math.Pow(2, -Math.Max(0, before - 5 * 60_000) / (30 * 60_000.0));
            var kind = world.State.Preceded.GetValueOrDefault(recorded.Change.Kind);
            var score = Math.Round(place * time * (kind.Incidents + 2) / (kind.Changes + 3), 2);
            if (score >= Least) found.Add(new(recorded.Change.Id, recorded.Change.Summary, score, $"{where}, {Say.Span(before)} before{Habit(recorded.Change.Kind, kind)}"));
        }
        return [.. found.OrderByDescending(s => s.Score).ThenBy(s => s.Change, StringComparer.Ordinal).Take(Most)];
    }

    /// <summary>Writes down the suspects of an incident where they are not those that were known.</summary>
    public static void Name(World world, IncidentState incident)
    {
        if (world.State.Changes.Count == 0) return;
        var suspects = Of(world, incident);
        if (!suspects.SequenceEqual(incident.Suspects)) world.Emit(new Decision.SuspectsNamed(incident.Id, suspects));
    }

    private static (double, string)? Place(World world, IncidentState incident, Change change)
    {
        if (change.Services.Count == 0) return (0.4, "names no service");
        (double Score, string Where)? best = null;
        foreach (var component in incident.Places)
        {
            var at = Reach.Steps(world.Topology, component, change.Services) switch
            {
                0 => (1, $"same service {component}"),
                { } steps => (0.95 - 0.15 * steps, $"{component} depends on it"),
                null when Reach.ShareSystem(world.Topology, component, change.Services) => (0.4, $"same system as {component}"),
                _ => (0.0, ""),
            };
            if (at.Item1 > (best?.Score ?? 0)) best = at;
        }
        return best;
    }

    private static string Habit(string kind, (int Changes, int Incidents) before) => before.Changes < 3 ? "" : string.Create(
        CultureInfo.InvariantCulture, $"; {before.Incidents} of {before.Changes} changes of kind {kind} came before an incident");
}
