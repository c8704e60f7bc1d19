using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Paging;

/// <summary>A page as the contract's section 4 writes it. Written once, when it is decided; every attempt sends these bytes.</summary>
internal sealed class PageBody(World world, IncidentState incident, Desk desk, string id, string kind, bool urgent, long late)
{
    private const int NamedAtMost = 100, AlikeAtMost = 20, BytesAtMost = 256 * 1024;

    // Pages are read by people and sent as application/json, never as HTML: other scripts stay readable.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Write()
    {
        var entries = PageEntry.Gather(desk.Pending, AlikeAtMost);
        // Most surprising first; the rest is rolled up, and counts as named.
        for (var named = Math.Min(entries.Count, NamedAtMost); ; named /= 2)
        {
            var body = Write(entries.Take(named).ToList(), entries.Skip(named).ToList());
            if (body.WrittenCount <= BytesAtMost || named == 0) return Encoding.UTF8.GetString(body.WrittenSpan);
        }
    }

    private ArrayBufferWriter<byte> Write(List<PageEntry> named, List<PageEntry> rest)
    {
        var buffer = new ArrayBufferWriter<byte>(2_048);
        using var json = new Utf8JsonWriter(buffer, Readable);
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("pager", desk.Pager);
        json.WriteString("kind", kind);
        json.WriteString("urgency", urgent ? "high" : "low");
        json.WriteString("at", Time(world.Now));
        json.WriteString("text", PageText.Of(world, incident, desk.Pending, kind, late));
        WriteIncident(json);
        json.WriteStartArray("changes");
        foreach (var entry in named) entry.Write(json);
        json.WriteEndArray();
        json.WriteStartArray("rolledUp");
        foreach (var group in rest.GroupBy(e => (e.First.Reason, e.Alertname)).OrderBy(g => g.Key.Reason).ThenBy(g => g.Key.Alertname, StringComparer.Ordinal).Take(NamedAtMost))
        {
            json.WriteStartObject();
            json.WriteString("reason", Words.Of(group.Key.Reason));
            json.WriteString("alertname", group.Key.Alertname);
            json.WriteNumber("count", group.Sum(e => e.Count));
            json.WriteString("url", Url);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("suspects");
        json.WriteEndArray();
        json.WriteNumber("unseen", incident.Surfaced.Count - incident.Covered);
        json.WriteEndObject();
        json.Flush();
        return buffer;
    }

    private void WriteIncident(Utf8JsonWriter json)
    {
        json.WriteStartObject("incident");
        json.WriteString("id", incident.Id.Value);
        json.WriteNumber("version", incident.Version);
        json.WriteString("title", incident.Title);
        json.WriteString("state", incident switch
        {
            { Course: Course.Resolved } => "resolved",
            { Course: Course.Stale } => "stale",
            { Ack: not null } => "acknowledged",
            _ => "open",
        });
        json.WriteString("severity", incident.Severity.Word());
        json.WriteString("openedAt", Time(incident.OpenedAt));
        json.WriteString("url", Url);
        json.WriteStartObject("alerts");
        json.WriteNumber("firing", incident.Firing);
        json.WriteNumber("resolved", incident.Resolved);
        json.WriteNumber("repeats", incident.Repeats);
        json.WriteEndObject();
        json.WriteNull("origin");
        json.WriteStartArray("impact");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private string Url => $"{world.Rules.Page.LinkBase.TrimEnd('/')}/api/incidents/{incident.Id}";

    internal static string Time(long ms) => ms.ToTime().UtcDateTime.ToString(UtcMilliseconds.Format, System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>One entry of a page's <c>changes</c>: a change, or many alike as one.</summary>
internal sealed class PageEntry(IReadOnlyList<Decision.ChangeSurfaced> alike)
{
    public Decision.ChangeSurfaced First { get; } = alike[0];
    public string Alertname { get; } = NameOf(alike[0]);
    public int Count { get; } = alike.Sum(c => c.Count);

    /// <summary>Most surprising first; more than <paramref name="alikeAtMost"/> of one reason and alertname are one.</summary>
    public static List<PageEntry> Gather(IReadOnlyList<Decision.ChangeSurfaced> changes, int alikeAtMost)
    {
        var entries = new List<PageEntry>();
        foreach (var group in changes.GroupBy(c => (c.Reason, NameOf(c))))
        {
            var list = group.ToList();
            if (list.Count > alikeAtMost) entries.Add(new(list));
            else entries.AddRange(list.Select(c => new PageEntry([c])));
        }
        return [.. entries.OrderByDescending(e => e.First.Rank).ThenByDescending(e => e.First.Severity.ForPaging()).ThenBy(e => e.First.Ordinal)];
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

    private LabelSet Shared() =>
        alike.Count == 1 ? First.Labels : LabelSet.From(First.Labels.Where(l => alike.All(c => c.Labels[l.Key] == l.Value)));

    private List<Fingerprint> Fingerprints() => [.. alike.SelectMany(c => c.Fingerprints ?? [c.Fingerprint]).Take(20)];
}
