using System.Globalization;

namespace Pipeline.Pagers;

/// <summary>Prints pages in the terminal: a line with time, kind, urgency and text, then a line for each change that the text does not say.</summary>
internal sealed class LogPager(TextWriter terminal, bool colour) : IPager
{
    private const int LineCharacters = 400;

    private static readonly PagerAnswer Printed = new(PagerVerdict.Accepted, "printed");

    private readonly Lock oneAtATime = new();

    public Task<PagerAnswer> SendAsync(Page page, CancellationToken cancel)
    {
        var body = PageBody.Read(page.Body.Span);
        lock (oneAtATime)
        {
            terminal.WriteLine(Headline(body));
            if (!SaysItAll(body)) foreach (var change in body.Changes) Detail(change.Line());
            foreach (var rest in body.RolledUp) Detail(rest.Line());
            foreach (var suspect in body.Suspects) Detail(suspect.Line());
            if (body.Incident?.Url is { } url) Detail(url);
            terminal.Flush();
        }
        return Task.FromResult(Printed);
    }

    // The text is made of the only change there is. That of a recovery is about the recovery.
    private static bool SaysItAll(PageBody page) => page is { Changes.Count: 1, Kind: not "resolved" };

    private string Headline(PageBody page)
    {
        var at = page.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var text = $"{at}  {page.Kind.ToUpperInvariant()}  {page.Urgency}  {PlainText.OneLine(page.Text, LineCharacters)}";
        // ANSI bold, and by kind: green for resolved, red for high urgency, yellow for the rest.
        var shade = (page.Kind, page.Urgency) switch
        {
            ("resolved", _) => "1;32",
            (_, "high") => "1;31",
            _ => "1;33",
        };
        return colour ? $"\e[{shade}m{text}\e[0m" : text;
    }

    private void Detail(string line) => terminal.WriteLine($"    {PlainText.OneLine(line, LineCharacters)}");
}
