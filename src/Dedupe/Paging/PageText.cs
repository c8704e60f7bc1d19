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
            PageKind.Opened when changes.FirstOrDefault(c => c.Reason == Reason.Opened) is { } opening => Opening(incident, opening, More(changes, opening.Reason)) + Suspected(incident, desk),
            // What it opens with is all there is of it: it flaps, or a heartbeat is missing.
            PageKind.Opened when changes.Count > 0 && incident.Total == 1 => Opening(incident, PageEntry.Gather(changes)[0].First, More(changes, PageEntry.Gather(changes)[0].First.Reason)) + Suspected(incident, desk),
            PageKind.Resolved => Resolved(world, incident, changes),
            _ => News(world, incident, changes) + Suspected(incident, desk),
        };
        if (late > 0) text += $" (told {Say.Span(late)} late: pager was not answering)";
        return Cut(text, Longest);
    }

    private static string Opening(IncidentState incident, Decision.ChangeSurfaced opening, string more)
    {
        var reason = opening.Reason == Reason.Opened ? "" : $"{Words.Of(opening.Reason)}: ";
        // What several share seldom says what broke, or where: the worst of them, which the incident is called by, does.
        var what = opening.Count > 1
            ? string.Create(CultureInfo.InvariantCulture, $"{incident.Title} and {opening.Count - 1} more")
            : Say.Name(opening.Labels);
        return $"{Level(opening.Severity)} {reason}{what}{Summary(opening)} [{opening.Why}]{more}";
    }

    /// <summary>What somebody may have broken it with; not every remote possibility, and not the one that the last page named.</summary>
    private static string Suspected(IncidentState incident, Desk desk) =>
        incident.Suspects is [{ Score: >= 0.3 } first, ..] && first.Change != desk.Suspect ? $" | suspect: {Cut(OneLine(first.Summary), LongestSummary)} ({first.Why})" : "";

    private static string Began(World world, IncidentState incident) =>
        Origin.Of(world.Neighbours, Origin.Firing(world, incident)) is { } origin ? $", likely origin {origin}" : "";

    private static string News(World world, IncidentState incident, List<Decision.ChangeSurfaced> changes)
    {
        if (changes.Count == 0) return $"{Level(incident.Severity)} {incident.Title}";
        // As the page lists them: many that are one there are one here.
        var entry = PageEntry.Gather(changes)[0];
        var first = entry.First;
        var many = entry.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $"{entry.Count} alerts, ") : "";
        var rise = first.Was is { } was ? $" {was.Word()} -> {first.Severity.Word()}" : "";
        return $"{Level(first.Severity)} NEW {Words.Of(first.Reason)}: {many}{Say.Name(entry.Shared())}{rise}{Summary(first)} [{first.Why}]{More(changes, first.Reason, entry.Changes)}"
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

    /// <summary>How many more there are than those of a reason that are told, and of what: one new kind of error is not lost among fifty that are back.</summary>
    private static string More(List<Decision.ChangeSurfaced> changes, Reason reason, int told = 1)
    {
        if (changes.Count <= told) return "";
        var reasons = changes.GroupBy(c => c.Reason).Select(g => (Reason: g.Key, Count: g.Count() - (g.Key == reason ? told : 0)))
            .Where(g => g.Count > 0).OrderByDescending(g => g.Count).ThenBy(g => g.Reason)
            .Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Count} {Words.Of(g.Reason)}"));
        return $"{More(changes.Count - told)} ({string.Join(", ", reasons)})";
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Replace('\t', ' ');

    /// <summary>A text of at most so many characters; one that is longer ends in an ellipsis.</summary>
    public static string Cut(string text, int at) => text.Length <= at ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[at - 2]) ? at - 2 : at - 1), "…");
}
