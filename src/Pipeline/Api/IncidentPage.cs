using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Dedupe.Vocabulary;

namespace Pipeline.Api;

/// <summary>An incident for who opens a page's link in a browser: one plain page, without scripts, of itself.</summary>
internal static class IncidentPage
{
    private const int MostChanges = 50, MostMembers = 100;

    private const string Style = """
        body{font:16px/1.45 system-ui,sans-serif;margin:1rem auto;max-width:60rem;padding:0 1rem;color-scheme:light dark}
        h1{font-size:1.4rem;margin:.3rem 0}h2{font-size:1.1rem;margin:1.4rem 0 .3rem}
        li{margin:.4rem 0}ul{padding-left:1.2rem}.why,.at,.shown{opacity:.75}.unseen{font-weight:bold}.shown,.unseen{display:block}b{text-transform:uppercase}
        """;

    /// <summary>True where text/html is asked for by name, and more than JSON is: browsers do, programs and curl do not.</summary>
    public static bool IsWanted(HttpRequest request)
    {
        var accept = request.GetTypedHeaders().Accept;
        return Quality("text/html") > (Quality("application/json") ?? Quality("application/*") ?? Quality("*/*") ?? 0);

        double? Quality(string type) =>
            accept.FirstOrDefault(a => a.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)) is { } named ? named.Quality ?? 1 : null;
    }

    /// <param name="now">The time that it shows: now, or the past moment that was asked for.</param>
    /// <param name="sinceAck">It holds only what came after what was acknowledged.</param>
    public static IResult Of(IncidentBody incident, DateTimeOffset now, bool sinceAck) => new Html(Write(incident, now, sinceAck));

    private static string Write(IncidentBody i, DateTimeOffset now, bool sinceAck)
    {
        var page = new StringBuilder("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Append("<meta name=\"viewport\" content=\"width=device-width\">")
            .Append(Safe($"<title>{i.Severity}: {i.Title}</title>")).Append("<style>").Append(Style).Append("</style></head><body>\n")
            .Append(Safe($"<p><b>{i.State}</b>{(i.Storm ? ", storm" : "")} &middot; severity <b>{i.Severity}</b> &middot; {i.Id}</p>\n"))
            .Append(Safe($"<h1>{i.Title}</h1>\n"))
            .Append(Safe($"<p>Since {Time(i.OpenedAt)} ({Ago(i.OpenedAt, now)} before {Time(now)})."))
            .Append(i.ResolvedAt is { } ended ? Safe($" Resolved {Time(ended)}{By(i.ResolvedBy)}.") : "")
            .Append(Safe($" {i.Alerts.Firing} firing, {i.Alerts.Resolved} resolved, {Say.Count(i.Alerts.Repeats, "repeat", "repeats")}, {Say.Count(i.Pages, "page", "pages")}.</p>\n"));
        Acknowledgement(page, i, now);
        if (i.Origin is not null || i.Impact.Count > 0)
            page.Append(Safe($"<p>{string.Join("; ", new[] { Maybe("Likely origin: ", i.Origin), Maybe("Impact: ", string.Join(", ", i.Impact.Select(a => $"{a.Component} ({a.Level})"))) }.Where(part => part.Length > 0))}.</p>\n"));
        if (i.Suspects.Count > 0) page.Append("<h2>What was changed before it</h2>\n");
        foreach (var suspect in i.Suspects) page.Append(Safe($"<p><b>{suspect.Summary}</b> ({suspect.Change}): {suspect.Why}</p>\n"));
        Changes(page, i);
        Members(page, i, sinceAck);
        if (i.Notes.Count > 0) page.Append("<h2>Notes</h2>\n");
        foreach (var note in i.Notes) page.Append(Safe($"<p>{Time(note.At)} {note.By}: {note.Text}</p>\n"));
        return page.Append(Safe($"<p><a href=\"{i.Url}/timeline\">Timeline (JSON)</a></p>\n</body></html>\n")).ToString();
    }

    private static void Acknowledgement(StringBuilder page, IncidentBody i, DateTimeOffset now)
    {
        if (i.Acknowledgement is { } taken)
            page.Append(Safe($"<p>Acknowledged by {taken.By} {Ago(taken.At, now)} ago, until {Time(taken.Until)}"))
                .Append(Safe($"{(taken.AwaitedAt is { } came ? $"; the awaited {taken.Awaiting} was recorded at {Time(came)}" : Maybe(", awaiting a ", taken.Awaiting))}{Maybe(": ", taken.Note)}.{Reopened(i)}</p>\n"));
        else if (i.ResolvedAt is null) page.Append("<p>Nobody has acknowledged it.</p>\n");
    }

    private static void Changes(StringBuilder page, IncidentBody i)
    {
        var seen = i.Seen;
        var newest = i.Changes.Reverse().ToList();
        var after = newest.Count(c => c.Version > seen);
        page.Append(seen > 0 ? "<h2>New since the acknowledgement</h2>\n" : "<h2>What is new</h2>\n");
        if (after == 0) page.Append("<p>Nothing.</p>\n");
        List(page, newest.Take(Math.Min(after, MostChanges)), after - MostChanges);
        if (after == newest.Count) return;
        page.Append("<h2>Covered by the acknowledgement</h2>\n");
        List(page, newest.Skip(after).Take(MostChanges), newest.Count - after - MostChanges);

        static void List(StringBuilder page, IEnumerable<ChangeItem> changes, int more)
        {
            page.Append("<ul>\n");
            foreach (var c in changes)
                page.Append(Safe($"<li><b>{c.Reason}</b> {Say.Name(c.Labels)}{(c.Count > 1 ? Number($" and {c.Count - 1} more") : "")}"))
                    .Append(Safe($"{Rise(c)}{Maybe(": ", c.Summary)} <span class=\"why\">[{c.Why}]</span>"))
                    .Append(Safe($" <span class=\"at\">{Time(c.At)}</span> <span class=\"{(c.Exposure.Seen ? "shown" : "unseen")}\">{c.Exposure.Text}</span></li>\n"));
            page.Append("</ul>\n").Append(More(more));
        }
    }

    private static void Members(StringBuilder page, IncidentBody i, bool sinceAck)
    {
        page.Append(sinceAck && i.Seen > 0 ? "<h2>Firing that joined since</h2>\n<ul>\n" : "<h2>Firing</h2>\n<ul>\n");
        // A member gone silent has not recovered.
        var firing = i.Members.Where(m => m.State is "firing" or "silent").ToList();
        foreach (var m in firing.Take(MostMembers))
            page.Append(Safe($"<li>{m.Severity} {Say.Name(m.Labels)}{(m.State == "silent" ? " (gone silent)" : "")}{Maybe(": ", m.Summary)}"))
                .Append(Safe($" <span class=\"at\">since {Time(m.JoinedAt)}, {Say.Count(m.Repeats, "repeat", "repeats")}</span></li>\n"));
        page.Append("</ul>\n").Append(firing.Count == 0 ? "<p>Nothing.</p>\n" : More((sinceAck ? firing.Count : i.Alerts.Firing) - MostMembers));
    }

    /// <summary>HTML in which everything put in is text: it comes from alerts, and whoever can send those must not write our page.</summary>
    private static string Safe(FormattableString html) => string.Format(
        CultureInfo.InvariantCulture, html.Format,
        [.. html.GetArguments().Select(a => (object)HtmlEncoder.Default.Encode(Convert.ToString(a, CultureInfo.InvariantCulture) ?? ""))]);

    private static string Reopened(IncidentBody i) =>
        i.State == "open" && i.News > 0 ? $" That does not cover {Say.Count(i.News, "change", "changes")} that came after, so it is open again." : "";

    private static string Rise(ChangeItem c) => c.Was is null || c.Was == c.Severity ? $", {c.Severity}" : $", {c.Was} to {c.Severity}";

    private static string More(int count) => count > 0 ? Number($"<p>... and {count} more.</p>\n") : "";

    private static string By(string? who) => Maybe(" by ", who);

    private static string Maybe(string before, string? text) => string.IsNullOrEmpty(text) ? "" : before + text;

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Ago(DateTimeOffset at, DateTimeOffset now) => Say.Span(Math.Max(0, (long)(now - at).TotalMilliseconds));

    private static string Number(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Html(string page) : IResult
    {
        public Task ExecuteAsync(HttpContext http)
        {
            var headers = http.Response.Headers;
            headers.CacheControl = "no-store";
            headers.XContentTypeOptions = "nosniff";
            // Nothing is loaded and nothing runs, even if something slipped past the escaping.
            headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
            return Results.Text(page, "text/html; charset=utf-8").ExecuteAsync(http);
        }
    }
}
