using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>Which recorded changes may have caused an incident: near in place, shortly before, of a kind that did so before.</summary>
internal static class Suspects
{
    /// <summary>A change this long before an incident is no suspect any more, in milliseconds.</summary>
    private const long Longest = 2 * 3600_000;
    private const int Most = 5;

    /// <summary>What is less than this by place and time is none, whatever its kind.</summary>
    private const double Least = 0.1;

    /// <summary>Four in five outages come from a change: what is thought of a kind of which nothing is known, with the weight of five changes.</summary>
    private const double PriorIncidents = 4, PriorChanges = 5;

    /// <summary>Most deploys break nothing, and yet one did this time: the habit of its kind takes away less than half.</summary>
    private const double HabitWeight = 0.4;

    /// <summary>From so many earlier changes on it is said what came of them.</summary>
    private const int Telling = 3;

    /// <summary>
    /// Score = place x time x kind. Place: <see cref="Nearness"/>. Time: 1 up to five minutes before the first alert, halved every half an hour after
    /// that. Kind: 1 less up to <see cref="HabitWeight"/> for how seldom such changes of these services, and where few are known such changes
    /// anywhere, had an incident near them behind them; less of that where as far as we know nothing runs (<see cref="Cure.Runs"/>). What somebody takes back is half of
    /// the way nearer to 1.
    /// </summary>
    public static List<Suspect> Of(World world, IncidentState incident)
    {
        var found = new List<(Suspect Suspect, Change Change)>();
        var changes = world.State.Changes;
        for (var i = changes.Count - 1; i >= 0; i--)
        {
            var recorded = changes[i];
            if (Before(incident, Math.Min(recorded.Change.At.Ms(), recorded.At)) is not var (before, what)) continue;
            var (place, where) = Nearness.Of(world, incident, recorded.Change);
            var near = place * Math.Pow(2, -Math.Max(0, before - 5 * 60_000) / (30 * 60_000.0));
            if (near < Least) continue;
            var score = near * Kind(recorded);
            var back = changes.FindLast(c => c.Change.Reverts is { } id && Names(id, recorded.Change));
            if (back is not null) score = (1 + score) / 2;
            var taken = back is null ? "" : $"; taken back by {back.Change.Id}";
            found.Add((new(recorded.Change.Id, recorded.Change.Summary, Math.Round(score, 2), $"{where}, {Say.Span(before)} before{what} ({recorded.Change.Kind}{Habit(recorded)}){taken}"), recorded.Change));
        }
        // A push, the run that deploys it and the deploy are one to who reads it: the likeliest of one version stands for all.
        return [.. found.OrderByDescending(s => s.Suspect.Score).ThenBy(s => s.Suspect.Change, StringComparer.Ordinal)
            .DistinctBy(s => s.Change.Version is { } version ? $"{version} {string.Join(' ', s.Change.Services)}" : $"id {s.Change.Id}").Take(Most).Select(s => s.Suspect)];
    }

    /// <summary>Writes down the suspects of an incident where they are not those that were known.</summary>
    public static void Name(World world, IncidentState incident)
    {
        if (world.State.Changes.Count == 0) return;
        var suspects = Of(world, incident);
        if (!suspects.SequenceEqual(incident.Suspects)) world.Emit(new Decision.SuspectsNamed(incident.Id, suspects));
    }

    /// <summary>How long before the incident opened or, where it was after that, before it came to life again; null where neither.</summary>
    private static (long Ms, string What)? Before(IncidentState incident, long at)
    {
        if (incident.OpenedAt - at is >= 0 and <= Longest and var opened) return (opened, "");
        return incident.StirredAt != Clock.Never && incident.StirredAt - at is >= 0 and <= Longest and var back && at > incident.OpenedAt ? (back, " what is new") : null;
    }

    private static double Kind(RecordedChange recorded)
    {
        var (services, kind) = (recorded.OfServices, recorded.OfKind);
        var any = (kind.Incidents + PriorIncidents) / (kind.Changes + PriorChanges);
        var often = (services.Incidents + (any * PriorChanges)) / (services.Changes + PriorChanges);
        return (1 - HabitWeight + (HabitWeight * Math.Min(1, often))) * Cure.Runs(recorded.Change.Kind);
    }

    private static string Habit(RecordedChange recorded)
    {
        var (known, which) = recorded.OfServices.Ever >= Telling ? (recorded.OfServices, "earlier ones there") : (recorded.OfKind, "earlier ones anywhere");
        return known.Ever < Telling ? "" : string.Create(CultureInfo.InvariantCulture, $", {known.EverIncidents} of {known.Ever} {which} had an incident behind them");
    }

    /// <summary>By its id, or by the commit that it brought, which is often cut short.</summary>
    private static bool Names(string id, Change change) =>
        id == change.Id || (change.Version is { Length: >= 7 } version && id.Length >= 7 && (version.StartsWith(id, StringComparison.OrdinalIgnoreCase) || id.StartsWith(version, StringComparison.OrdinalIgnoreCase)));
}
