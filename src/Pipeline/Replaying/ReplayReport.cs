using System.Globalization;
using System.Text.Json;
using Pipeline.Client;
using Pipeline.Labelling;
using Spectre.Console;

namespace Pipeline.Replaying;

/// <summary>What a replay came to, for the terminal.</summary>
internal static class ReplayReport
{
    public static void WriteJson(TextWriter to, ReplayResult result, PageDiff? diff, NewsReport? news) => to.WriteLine(
        JsonSerializer.Serialize(
            result.Summary with
            {
                Diff = diff is null ? null : new(diff.OnlyHere, diff.OnlyThere, diff.Moved, diff.Same), SetAside = result.SetAside > 0 ? result.SetAside : null,
                News = news?.Counts, NewsThere = news?.CountsThere,
            },
            ReplayJson.Default.ReplaySummary));

    public static void WriteTable(TextWriter to, ReplayResult result, PageDiff? diff, NewsReport? news, string? directory)
    {
        var console = Terminal.On(to);
        var s = result.Summary;
        to.WriteLine(Text($"{Plural(s.Alerts, "alert")} in {Plural(s.Deliveries, "delivery", "deliveries")}, {Span(result)}"));
        to.WriteLine(Text($"  collapsed   {s.Repeats:N0} repeats, into {Plural(s.Incidents, "incident")} and {Plural(s.Pages, "page")}"));
        to.WriteLine(Text($"  surfaced    {Plural(s.Changes, "change")}{Reasons(result)}"));
        if (result.Rejected > 0) to.WriteLine(Terminal.Clean(Text($"  rejected    {result.Rejected:N0}; the first: {result.FirstProblem}")));
        if (result.SetAside > 0) to.WriteLine(Terminal.Clean(Text($"  set aside   {Plural(result.SetAside, "input")}, skipped as when recorded; the first: {result.FirstSetAside}")));
        to.WriteLine(Text($"  took        {s.Seconds:0.00} s, {s.AlertsPerSecond:N0} alerts/s"));
        if (result.Largest.Count > 0)
        {
            to.WriteLine();
            var table = Terminal.Table("incident", "opened", ">alerts", ">ids", ">pages", "title");
            foreach (var i in result.Largest)
                table.AddCells(i.Id, Short(i.OpenedAt), Text($"{i.Alerts:N0}"), Text($"{i.Identities:N0}"), Text($"{i.Pages}"), i.Title);
            console.Write(table);
            if (s.Incidents > result.Largest.Count)
                to.WriteLine(Text($"... and {s.Incidents - result.Largest.Count:N0} smaller ones; {Kept(directory, "incidents.jsonl")}"));
            to.WriteLine();
        }
        news?.Write(to, console);
        if (diff is not null) WriteDiff(to, console, diff, directory);
        if (directory is not null) to.WriteLine($"written to {directory}");
    }

    private static void WriteDiff(TextWriter to, IAnsiConsole console, PageDiff diff, string? directory)
    {
        // What comes and what goes first, since there may be hundreds that only move.
        const int Shown = 24, OfAKind = 8;
        to.WriteLine(Text($"paged changes: {diff.Same:N0} the same, {diff.OnlyHere:N0} only here, {diff.OnlyThere:N0} only there, {diff.Moved:N0} moved{Moves(diff)}"));
        if (diff.Differences.Count == 0) return;
        var table = Terminal.Table("what", "at", "reason", "pager", "alert");
        var kinds = diff.Differences.GroupBy(d => d.Word).OrderBy(g => g.Key == "moved").ThenBy(g => g.Key, StringComparer.Ordinal).ToList();
        foreach (var d in kinds.SelectMany(g => g.Take(kinds.Count == 1 ? Shown : OfAKind)))
        {
            var what = d.MovedBy is { } by ? Moved(by) : d.Here is null ? "only there" : "only here";
            table.AddCells(what, Short((d.Here ?? d.There)!.Value), Dedupe.Vocabulary.Words.Of(d.Change.Reason), d.Change.Pager, Alert(d.Change));
        }
        console.Write(table);
        var shown = table.Rows.Count;
        if (diff.Differences.Count > shown) to.WriteLine(Text($"... and {diff.Differences.Count - shown:N0} more; {Kept(directory, "diff.jsonl")}"));
    }

    private static string Alert(PagedChange change)
    {
        var name = change.Labels["alertname"] ?? change.Fingerprint.ToString();
        var on = Dedupe.Rules.RuleSet.Default.Group.ComponentLabels.Select(l => change.Labels[l]).FirstOrDefault(v => v is not null && v != name);
        return on is null ? name : $"{name} on {on}";
    }

    private static string Moves(PageDiff diff)
    {
        var moves = diff.Differences.Where(d => d.MovedBy is not null).Select(d => d.MovedBy!.Value).Order().ToList();
        return moves.Count == 0 ? "" : moves[0] == moves[^1] ? $" ({Moved(moves[0])})" : $" ({Moved(moves[0])} to {Moved(moves[^1])}, the middle one {Moved(moves[moves.Count / 2])})";
    }

    /// <summary>By how much a page goes here before or after the other side's.</summary>
    private static string Moved(TimeSpan by) => $"{Terminal.Span(by)} {(by > TimeSpan.Zero ? "later" : "earlier")}";

    private static string Reasons(ReplayResult result) =>
        result.ByReason.Count == 0 ? "" : ": " + string.Join(", ", result.ByReason.Select(r => Text($"{r.Value:N0} {r.Key}")));

    private static string Span(ReplayResult result) =>
        result is { From: { } from, To: { } to } ? $"{Whole(from)} to {Whole(to)} UTC" : "";

    /// <summary>With the year: outages to be replayed may be old, and several files may lie years apart.</summary>
    private static string Whole(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Short(DateTimeOffset at) => at.UtcDateTime.ToString("MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Kept(string? directory, string file) => directory is null ? $"--out DIR writes them all to {file}" : $"all are in {Path.Combine(directory, file)}";

    private static string Plural(long count, string noun, string? many = null) => Text($"{count:N0} {(count == 1 ? noun : many ?? noun + "s")}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
