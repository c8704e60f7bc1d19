using System.Text.Json;
using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Paging;

/// <summary>One entry of a page's <c>changes</c>: a change, or many alike as one.</summary>
internal sealed class PageEntry(IReadOnlyList<Decision.ChangeSurfaced> alike)
{
    /// <summary>More of one reason and alertname in one gathering are one entry.</summary>
    private const int AlikeAtMost = 20;

    public Decision.ChangeSurfaced First { get; } = alike[0];
    public string Alertname { get; } = NameOf(alike[0]);
    public int Count { get; } = alike.Sum(c => c.Count);

    /// <summary>Of how many changes it is.</summary>
    public int Changes => alike.Count;

    /// <summary>Most surprising first, and without history, where all are as surprising, what the page goes out for; many of one reason and alertname are one.</summary>
    public static List<PageEntry> Gather(IReadOnlyList<Decision.ChangeSurfaced> changes)
    {
        var entries = new List<PageEntry>();
        foreach (var group in changes.GroupBy(c => (c.Reason, NameOf(c))))
        {
            var list = group.ToList();
            if (list.Count > AlikeAtMost) entries.Add(new(list));
            else entries.AddRange(list.Select(c => new PageEntry([c])));
        }
        return [.. entries.OrderByDescending(e => e.First.Rank).ThenByDescending(e => e.First.Urgent).ThenByDescending(e => e.First.Severity.ForPaging()).ThenBy(e => e.First.Ordinal)];
    }

    public void Write(Utf8JsonWriter json)
    {
        var c = First;
        json.WriteStartObject();
        json.WriteString("reason", Words.Of(c.Reason));
        json.WriteNumber("rank", c.Rank);
        json.WriteString("at", PageBody.Time(c.At.Ms()));
        json.WriteString("fingerprint", c.Fingerprint.ToString());
        json.WriteStartObject("labels");
        foreach (var (name, value) in Shared()) json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteNumber("count", Count);
        if (Fingerprints() is { Count: > 1 } fingerprints)
        {
            json.WriteStartArray("fingerprints");
            foreach (var fingerprint in fingerprints) json.WriteStringValue(fingerprint.ToString());
            json.WriteEndArray();
        }
        json.WriteString("severity", c.Severity.Word());
        if (c.Was is { } was) json.WriteString("was", was.Word());
        if (c.Summary is not null) json.WriteString("summary", c.Summary);
        json.WriteString("why", c.Why);
        if (c.Value is { } number) json.WriteNumber("value", number);
        if (c.From is { } from) json.WriteNumber("from", from);
        if (c.To is { } to) json.WriteNumber("to", to);
        if (c.PerHour is { } perHour) json.WriteNumber("perHour", perHour);
        json.WriteEndObject();
    }

    private static string NameOf(Decision.ChangeSurfaced change) => change.Labels["alertname"] ?? "";

    /// <summary>The labels that all of them carry.</summary>
    public LabelSet Shared() =>
        alike.Count == 1 ? First.Labels : LabelSet.From(First.Labels.Where(l => alike.All(c => c.Labels[l.Key] == l.Value)));

    private List<Fingerprint> Fingerprints() => [.. alike.SelectMany(c => c.Fingerprints ?? [c.Fingerprint]).Take(AlikeAtMost)];
}
