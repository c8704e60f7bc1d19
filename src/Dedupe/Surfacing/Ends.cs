using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>Whether somebody will say when a thing ends. Of such, unheard means still so; of the others (detectors, log watchers) it means that it is over.</summary>
internal static class Ends
{
    /// <summary>Sources whose formats say when something ends, whether or not it has happened yet.</summary>
    private static readonly HashSet<string> Sources = ["alertmanager", "alertmanager-v2", "grafana", "nagios", "nagios-log", "icinga2", "pagerduty"];

    public static bool AreTold(World world, NameStatistics name, Alert alert) =>
        name.TellsEnds || alert.EndsAt is not null || Sources.Contains(world.Source) || world.State.TellingEnds.Contains(world.Source);
}
