using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Grouping;
using Dedupe.Vocabulary;

namespace Dedupe.Paging;

/// <summary>The one line that a half-asleep person reads: what broke, what is new, how bad.</summary>
internal static class PageText
{
    private const int Longest = 400, LongestSummary = 140;

    public static string Of(World world, IncidentState incident, Desk desk, string kind, long late)
    {
        var changes = desk.Pending;
        var text = kind switch
        {
            PageKind.Opened when changes.FirstOrDefault(c => c.Reason == Reason.Opened) is { } opening => Opening(opening, More(changes, opening)) + Suspected(incident, desk),
            // What it opens with is all there is of it: it flaps, or a heartbeat is missing.
            PageKind.Opened when changes.Count > 0 && incident.Total == 1 => Opening(Foremost(changes), More(changes, Foremost(changes))) + Suspected(incident, desk),
            PageKind.Resolved => Resolved(world, incident, changes),
            _ => News(world, incident, changes) + Suspected(incident, desk),
        };
        if (late > 0) text += $" (told {Say.Span(late)} late: pager was not answering)";
        return Cut(text, Longest);
    }

    private static string Opening(Decision.ChangeSurfaced opening, string more)
    {
        var many = opening.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $"{opening.Count} alerts, ") : "";
        var reason = opening.Reason == Reason.Opened ? "" : $"{Words.Of(opening.Reason)}: ";
        return $"{Level(opening.Severity)} {reason}{many}{Say.Name(opening.Labels)}{Summary(opening)} [{opening.Why}]{more}";
    }

    private static Decision.ChangeSurfaced Foremost(List<Decision.ChangeSurfaced> changes) =>
        // Without history all are as surprising: then what the page went out for comes first.
        changes.OrderByDescending(c => c.Rank).ThenByDescending(c => c.Urgent).ThenByDescending(c => c.Severity.ForPaging()).ThenBy(c => c.Ordinal).First();

    /// <summary>What somebody may have broken it with; not every remote possibility, and not the one that the last page named.</summary>
    private static string Suspected(IncidentState incident, Desk desk) =>
        incident.Suspects is [{ Score: >= 0.3 } first, ..] && first.Change != desk.Suspect ? $" | suspect: {Cut(OneLine(first.Summary), LongestSummary)} ({first.Why})" : "";

    private static string Began(World world, IncidentState incident) =>
        Origin.Of(world.Neighbours, Origin.Firing(world, incident)) is { } origin ? $", likely origin {origin}" : "";

    private static string News(World world, IncidentState incident, List<Decision.ChangeSurfaced> changes)
    {
        if (changes.Count == 0) return $"{Level(incident.Severity)} {incident.Title}";
        var first = Foremost(changes);
        var many = first.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $"{first.Count} alerts, ") : "";
        var rise = first.Was is { } was ? $" {was.Word()} -> {first.Severity.Word()}" : "";
        return $"{Level(first.Severity)} NEW {Words.Of(first.Reason)}: {many}{Say.Name(first.Labels)}{rise}{Summary(first)} [{first.Why}]{More(changes, first)}"
            + string.Create(CultureInfo.InvariantCulture, $" | in: {incident.Title}, {incident.Firing} firing{Began(world, incident)}");
    }

    private static string Resolved(World world, IncidentState incident, List<Decision.ChangeSurfaced> changes)
    {
        var news = changes.Count == 0 ? "" : $"; not told before: {string.Join(", ", changes.Take(3).Select(c => $"{Words.Of(c.Reason)} {Say.Name(c.Labels)}"))}{More(changes.Count - 3)}";
        var still = incident.Firing > 0 ? string.Create(CultureInfo.InvariantCulture, $", {incident.Firing} still firing") : "";
        return $"RESOLVED after {Say.Span(world.Now - incident.OpenedAt)}: {incident.Title} ({Say.Count(incident.Resolved, "alert", "alerts")} ended{still}){news}";
    }

    private static string Level(Severity severity) => severity.Word().ToUpperInvariant();

    private static string Summary(Decision.ChangeSurfaced change) =>
        change.Summary is { Length: > 0 } text && text != change.Labels["alertname"] ? $": {Cut(OneLine(text), LongestSummary)}" : "";

    private static string More(int count) => count > 0 ? string.Create(CultureInfo.InvariantCulture, $" +{count} more new") : "";

    /// <summary>How many more there are, and of what: one new kind of error is not lost among fifty that are back.</summary>
    private static string More(List<Decision.ChangeSurfaced> changes, Decision.ChangeSurfaced but)
    {
        if (changes.Count < 2) return "";
        var reasons = changes.Where(c => c != but).GroupBy(c => c.Reason).OrderByDescending(g => g.Count()).ThenBy(g => g.Key)
            .Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Count()} {Words.Of(g.Key)}"));
        return $"{More(changes.Count - 1)} ({string.Join(", ", reasons)})";
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Replace('\t', ' ');

    /// <summary>A text of at most so many characters; one that is longer ends in an ellipsis.</summary>
    public static string Cut(string text, int at) => text.Length <= at ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[at - 2]) ? at - 2 : at - 1), "…");
}
