using System.Globalization;
using System.Text.Json;
using Pipeline.Client;
using Spectre.Console;

namespace Pipeline.Demo;

/// <summary>What the demo has to show: what was collapsed, which of the missed facts were named, and where to look on.</summary>
internal static class DemoReport
{
    public static void Page(TextWriter to, JsonElement page, DateTimeOffset start) => to.WriteLine(
        Terminal.Clean($"  {Clock(page.At("at") - start)}  PAGE {page.Text("urgency")?.ToUpperInvariant(),-4}  {page.Text("text")}"));

    public static void Told(TextWriter to, TimeSpan offset, string text) => to.WriteLine($"{Clock(offset)}  {text}");

    public static void End(TextWriter to, IReadOnlyList<JsonElement> pages, int sent, long incidents, DateTimeOffset start, string url, string? incident)
    {
        var console = Terminal.On(to);
        console.WriteLine();
        console.WriteLine(Invariant($"Collapsed: {sent:N0} deliveries from 2 monitoring servers to 8 contacts became {Plural(incidents, "incident")} and {Plural(pages.Count, "page")}."));
        console.WriteLine();
        console.WriteLine("What the people in the founding outage missed:");
        foreach (var fact in FoundingOutage.Missed)
        {
            var named = Find(fact, pages, start);
            console.WriteLine(named is { } at
                ? $"  NAMED after {Clock(at.Page - fact.From)}  {fact.Name} ({at.Reason})"
                : $"  not named           {fact.Name}");
            console.WriteLine($"                       then: {fact.WhyMissed}");
        }
        console.WriteLine();
        console.WriteLine("Look on while it still serves (Ctrl-C ends it):");
        console.WriteLine($"  curl {url}/api/incidents");
        if (incident is not null) console.WriteLine($"  curl {url}/api/incidents/{incident}/timeline");
        if (incident is not null) console.WriteLine($"  ./pipeline show {incident} --url {url}");
        console.WriteLine($"  curl {url}/api/pages");
    }

    private static (TimeSpan Page, string Reason)? Find(MissedFact fact, IReadOnlyList<JsonElement> pages, DateTimeOffset start)
    {
        foreach (var page in pages)
            foreach (var change in page.Items("changes"))
            {
                var labels = change.Member("labels").EnumerateObject().ToDictionary(l => l.Name, l => l.Value.GetString() ?? "");
                if (change.At("at") is { } at && fact.Is(labels, at - start) && page.At("at") is { } told) return (told - start, change.Text("reason") ?? "");
            }
        return null;
    }

    private static string Clock(TimeSpan? offset) => (offset ?? TimeSpan.Zero).ToString(@"mm\:ss", CultureInfo.InvariantCulture);

    private static string Plural(long count, string noun) => Invariant($"{count:N0} {noun}{(count == 1 ? "" : "s")}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
