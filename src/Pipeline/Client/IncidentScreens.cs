using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Pipeline.Client;

/// <summary>Incidents in the terminal, for somebody who was asleep a minute ago: what is new comes first, words carry the state, not colours.</summary>
internal static class IncidentScreens
{
    private const int MostMembers = 25;

    public static void List(IAnsiConsole console, IReadOnlyList<JsonElement> incidents)
    {
        if (incidents.Count == 0)
        {
            console.WriteLine("No incidents.");
            return;
        }
        string[] head = ["incident", "opened", "state", "severity", ">firing", ">unseen", "title"];
        var rows = incidents.Select(i => (string[])[
            i.Text("id") ?? "", i.Time("openedAt", "MM-dd HH:mm"), State(i), i.Text("severity") ?? "",
            Number(i.Member("alerts"), "firing"), Number(i, "unseen")]).ToList();
        var texts = incidents.Select(i => (string[])[i.Text("title") ?? "", .. Causes(i)]).ToList();
        var before = Enumerable.Range(0, head.Length - 1).Sum(c => 2 + Math.Max(head[c].TrimStart('>').Length, rows.Max(r => r[c].Length)));
        if (texts.Max(t => t.Max(line => line.Length)) > console.Profile.Width - before) Below(console, head[..^1], rows, texts);
        else Beside(console, head, rows, texts);
    }

    private static void Beside(IAnsiConsole console, string[] head, List<string[]> rows, List<string[]> texts)
    {
        var table = Terminal.Table(head);
        foreach (var (row, text) in rows.Zip(texts))
        {
            table.AddCells([.. row, text[0]]);
            foreach (var cause in text[1..]) table.AddCells("", "", "", "", "", "", cause);
        }
        console.Write(table);
    }

    /// <summary>A title that has no room beside the columns stands whole below them: broken into syllables nobody reads it.</summary>
    private static void Below(IAnsiConsole console, string[] head, List<string[]> rows, List<string[]> texts)
    {
        var widths = head.Select((name, c) => Math.Max(name.TrimStart('>').Length, rows.Max(r => r[c].Length))).ToArray();
        Line(console, Cells(head.Select(name => name.TrimStart('>').ToUpperInvariant())));
        foreach (var (row, text) in rows.Zip(texts))
        {
            Line(console, Cells(row));
            foreach (var line in text) Line(console, $"  {line}");
        }

        string Cells(IEnumerable<string> cells) =>
            string.Join("  ", cells.Select((cell, c) => head[c].StartsWith('>') ? cell.PadLeft(widths[c]) : cell.PadRight(widths[c]))).TrimEnd();
    }

    /// <summary>Where it likely began, whom it reaches, and the likeliest change behind it, in few words: a title has little room.</summary>
    private static IEnumerable<string> Causes(JsonElement incident)
    {
        if (incident.Text("origin") is { } origin) yield return $"origin {origin}";
        var impact = string.Join(", ", incident.Items("impact").Select(i => i.Text("component")));
        if (impact.Length > 0) yield return $"impact {impact}";
        if (incident.Items("suspects").FirstOrDefault() is { ValueKind: JsonValueKind.Object } first) yield return $"suspect {first.Text("summary")}";
    }

    private static string Place(JsonElement incident)
    {
        var impact = string.Join(", ", incident.Items("impact").Select(i => $"{i.Text("component")} ({i.Text("level")})"));
        return string.Join("; ", new[] { Maybe("likely origin: ", incident.Text("origin")), Maybe("impact: ", impact) }.Where(part => part.Length > 0));
    }

    /// <param name="sinceAck">Only what came after what was acknowledged was asked for.</param>
    public static void Show(IAnsiConsole console, JsonElement incident, bool sinceAck = false)
    {
        var alerts = incident.Member("alerts");
        Line(console, $"{incident.Text("id")}  {State(incident).ToUpperInvariant()}  {incident.Text("severity")?.ToUpperInvariant()}");
        Line(console, incident.Text("title") ?? "");
        Line(console, $"opened {incident.Time("openedAt")} UTC{(incident.At("resolvedAt") is null ? "" : $", resolved {incident.Time("resolvedAt")}")}, version {incident.Text("version")}");
        Line(console, $"{Number(alerts, "firing")} firing, {Number(alerts, "resolved")} resolved, {Counted(alerts, "repeat")}, {Counted(incident, "page")}, {Number(incident, "unseen")} unseen");
        if (incident.Member("acknowledgement") is { ValueKind: JsonValueKind.Object } taken)
            Line(console, $"acknowledged by {taken.Text("by")} until {taken.Time("until")}{Awaited(taken)}{Maybe(": ", taken.Text("note"))}{Reopened(incident)}");
        else if (incident.Text("state") == "open") Line(console, "nobody has acknowledged it");
        if (sinceAck) Line(console, Since(incident));
        if (Place(incident) is { Length: > 0 } place) Line(console, place);
        foreach (var suspect in incident.Items("suspects"))
            Line(console, $"suspect {suspect.Text("score")}: {suspect.Text("summary")} ({suspect.Text("change")}): {suspect.Text("why")}");
        Changes(console, incident);
        Members(console, incident);
        foreach (var note in incident.Items("notes")) Line(console, $"{note.Time("at")} {note.Text("by")}: {note.Text("text")}");
    }

    private static string Awaited(JsonElement taken) => taken.Text("awaiting") is not { } awaited ? ""
        : taken.At("awaitedAt") is null ? $", awaiting a {awaited}" : $"; the awaited {awaited} was recorded at {taken.Time("awaitedAt")}";

    private static string Since(JsonElement incident) => incident.Number("seen") == 0 ? "nobody has acknowledged any of it: this is all there is"
        : incident.Items("changes").Any() ? "this is what came after what was acknowledged"
        : "nothing was surfaced after what was acknowledged";

    private static string Reopened(JsonElement incident) => incident.Text("state") != "open" || incident.Number("news") is not (> 0 and var news) ? ""
        : Invariant($"; OPEN AGAIN: {news} {(news == 1 ? "change" : "changes")} came after that");

    public static void Timeline(IAnsiConsole console, IEnumerable<JsonElement> entries)
    {
        var table = Terminal.Table("at (utc)", "what");
        var any = false;
        foreach (var entry in entries)
        {
            any = true;
            table.AddCells(entry.Time("at"), entry.Text("text") ?? entry.Text("type") ?? "");
        }
        if (any) console.Write(table);
        else console.WriteLine("Nothing by then.");
    }

    public static void Unseen(IAnsiConsole console, JsonElement answer)
    {
        var items = answer.Items("items").ToList();
        if (items.Count == 0)
        {
            console.WriteLine("Nothing: whatever is new was told to somebody or acknowledged.");
            return;
        }
        var table = Terminal.Table("surfaced", "reason", "what, and why nobody has seen it");
        foreach (var item in items)
        {
            var change = item.Member("change");
            table.AddCells(change.Time("at"), change.Text("reason") ?? "", What(change));
            foreach (var waiting in change.Member("exposure").Items("waiting")) table.AddCells("", "", $"{Maybe("not told ", waiting.Text("pager"))}{Maybe(waiting.Text("pager") is null ? "" : ": ", waiting.Text("text"))}");
            table.AddCells("", "", $"in {item.Text("incident")}");
        }
        console.Write(table);
        if (answer.Text("next") is not null) console.WriteLine("... and more; --limit shows more of them");
    }

    private static void Changes(IAnsiConsole console, JsonElement incident)
    {
        var seen = Math.Max(incident.Number("seen"), incident.Member("acknowledgement").Number("seen"));
        var changes = incident.Items("changes").Reverse().ToList();
        if (changes.Count == 0) return;
        console.WriteLine();
        // Newest first; what came after the acknowledgement is what nobody has answered for.
        var anyNew = false;
        var table = Terminal.Table("surfaced", "reason", "what and why");
        foreach (var change in changes.Take(MostMembers))
        {
            var isNew = seen > 0 && change.Number("version") > seen;
            anyNew |= isNew;
            table.AddCells(change.Time("at"), (isNew ? "* " : "") + change.Text("reason"), $"{What(change)} ({change.Text("why")})");
            if (change.Member("exposure").Text("text") is { Length: > 0 } shown) table.AddCells("", "", shown);
        }
        console.Write(table);
        if (anyNew) console.WriteLine("* after the acknowledgement");
        More(console, changes.Count, "changes");
    }

    private static string What(JsonElement change)
    {
        var count = change.Number("count") is > 1 and var n ? Invariant($" and {n - 1} more") : "";
        return $"{change.Labels("labels")}{count}{Said(change)}";
    }

    /// <summary>What its source says of it, where that is more than its name.</summary>
    private static string Said(JsonElement alert) =>
        alert.Text("summary") == alert.Member("labels").Text("alertname") ? "" : Maybe(": ", alert.Text("summary"));

    private static void Members(IAnsiConsole console, JsonElement incident)
    {
        var members = incident.Items("members").ToList();
        if (members.Count == 0) return;
        console.WriteLine();
        var table = Terminal.Table("state", "severity", ">repeats", "alert");
        foreach (var member in members.Take(MostMembers))
            table.AddCells(member.Text("state") ?? "", member.Text("severity") ?? "", Number(member, "repeats"), $"{member.Labels("labels")}{Said(member)}");
        console.Write(table);
        More(console, members.Count, "members");
    }

    private static void More(IAnsiConsole console, int count, string what)
    {
        if (count > MostMembers) console.WriteLine(Invariant($"... and {count - MostMembers} more {what}; --json has them all"));
    }

    private static string State(JsonElement incident) =>
        incident.Text("storm") == "true" && incident.Text("state") is "open" or "acknowledged" ? $"{incident.Text("state")}, storm" : incident.Text("state") ?? "";

    private static void Line(IAnsiConsole console, string text) => console.WriteLine(Terminal.Clean(text));

    private static string Maybe(string before, string? text) => string.IsNullOrEmpty(text) ? "" : before + text;

    /// <summary>The count in the field of that name's plural, in words.</summary>
    private static string Counted(JsonElement of, string one) => Invariant($"{of.Number(one + "s"):N0} {(of.Number(one + "s") == 1 ? one : one + "s")}");

    private static string Number(JsonElement of, string name) => of.Number(name).ToString("N0", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
