using System.Globalization;
using System.Text.Json;
using Dedupe.Vocabulary;
using Pipeline.Client;

namespace Pipeline.Demo;

/// <summary>What the demo has to show: what was collapsed, what was surfaced, which of the missed facts were named, and where to look on.</summary>
internal sealed class DemoReport(TextWriter to, DateTimeOffset start)
{
    private const int Widest = 100;

    /// <summary>The screen's columns, and no more than are easy to read.</summary>
    private static readonly int Width = Console.IsOutputRedirected ? Widest : Math.Clamp(Console.WindowWidth - 1, 40, Widest);

    private readonly List<JsonElement> pages = [];

    public void Told(TimeSpan offset, string text) => to.WriteLine($"{Clock(offset)}  {text}");

    /// <summary>A page as the phone shows it, and below it which of the missed facts it names: they may be among its "more new".</summary>
    public void Page(JsonElement page)
    {
        pages.Add(page);
        Wrapped($"       {Clock(page.At("at") - start)} PAGE {page.Text("urgency")?.ToUpperInvariant(),-4} ", page.Text("text") ?? "");
        foreach (var fact in FoundingOutage.Missed)
            if (Find(fact) is { } named && named.Page.Text("id") == page.Text("id")) Wrapped("             names >>> ", Said(named.Change));
    }

    /// <param name="server">Where it serves on; null where it does not.</param>
    /// <param name="incident">The largest one's id.</param>
    public void End(int sent, long incidents, string? server, string? incident)
    {
        to.WriteLine();
        Wrapped("Collapsed: ", Invariant(
            $"{sent:N0} deliveries, from 2 monitoring servers to 8 contacts, became {Plural(incidents, "incident")} and {Plural(pages.Count, "page")}."));
        Wrapped("Surfaced:  ", $"{Reasons()}.");
        to.WriteLine();
        to.WriteLine("What the people in the founding outage missed, and what was paged here:");
        foreach (var fact in FoundingOutage.Missed)
        {
            to.WriteLine();
            to.WriteLine($"  {fact.Name}");
            Wrapped("    then: ", fact.WhyMissed);
            Wrapped("    here: ", Find(fact) is { } named
                ? $"paged {Say.Span((long)(named.Page.At("at")!.Value - start - fact.From).TotalMilliseconds)} after it could be known: {Said(named.Change)}"
                : "NOT PAGED");
        }
        to.WriteLine();
        if (server is null)
        {
            to.WriteLine("Where to look: its server has ended with the story. ./pipeline demo --stay serves on, and says where.");
            return;
        }
        to.WriteLine("Where to look, while it still serves (Ctrl-C ends it):");
        to.WriteLine($"  curl {server}/api/incidents");
        if (incident is not null)
        {
            to.WriteLine($"  ./pipeline show {incident} --url {server}");
            to.WriteLine($"  ./pipeline timeline {incident} --url {server}");
            to.WriteLine($"  {server}/api/incidents/{incident}  (in a browser)");
        }
        to.WriteLine($"  curl {server}/api/pages");
    }

    private (JsonElement Page, JsonElement Change)? Find(MissedFact fact)
    {
        foreach (var page in pages)
            foreach (var change in page.Items("changes"))
                if (change.At("at") is { } at && page.At("at") is not null && fact.Is(Labels(change), at - start)) return (page, change);
        return null;
    }

    /// <summary>How many changes the pages named or counted, by reason, the most first.</summary>
    private string Reasons()
    {
        var byReason = pages.SelectMany(p => p.Items("changes").Concat(p.Items("rolledUp")))
            .GroupBy(c => c.Text("reason") ?? "", c => Math.Max(1, c.Number("count")), (reason, counts) => (Reason: reason, Count: counts.Sum()))
            .OrderByDescending(r => r.Count).ThenBy(r => r.Reason, StringComparer.Ordinal);
        return string.Join(", ", byReason.Select(r => Invariant($"{r.Count:N0} {r.Reason}")));
    }

    private static string Said(JsonElement change)
    {
        var summary = change.Text("summary") is { Length: > 0 } text ? $": {text}" : "";
        return $"{change.Text("reason")}, {Say.Name(LabelSet.From(Labels(change)))}{summary} [{change.Text("why")}]";
    }

    private static Dictionary<string, string> Labels(JsonElement change) =>
        change.Member("labels") is { ValueKind: JsonValueKind.Object } labels
            ? labels.EnumerateObject().ToDictionary(l => l.Name, l => l.Value.GetString() ?? "")
            : [];

    /// <summary>Breaks between words, and begins every further line where the first one's text began.</summary>
    private void Wrapped(string before, string text)
    {
        var line = before;
        var isEmpty = true;
        foreach (var word in Terminal.Clean(text).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!isEmpty && line.Length + 1 + word.Length > Width)
            {
                to.WriteLine(line);
                (line, isEmpty) = (new(' ', before.Length), true);
            }
            line += isEmpty ? word : $" {word}";
            isEmpty = false;
        }
        to.WriteLine(line);
    }

    private static string Clock(TimeSpan? offset) => (offset ?? TimeSpan.Zero).ToString(@"mm\:ss", CultureInfo.InvariantCulture);

    private static string Plural(long count, string noun) => Invariant($"{count:N0} {noun}{(count == 1 ? "" : "s")}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
