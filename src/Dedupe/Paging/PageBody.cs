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
    private const int NamedAtMost = 100, TitleAtMost = 400, BytesAtMost = 256 * 1024;

    // Pages are read by people and sent as application/json, never as HTML: other scripts stay readable.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Write()
    {
        var entries = PageEntry.Gather(desk.Pending);
        // Most surprising first; the rest is rolled up, and counts as named. Labels can be so long that few of either fit.
        var (named, groups) = (Math.Min(entries.Count, NamedAtMost), NamedAtMost);
        while (true)
        {
            var body = Write(entries.Take(named), RolledUp.Of(entries.Skip(named), groups));
            if (body.WrittenCount <= BytesAtMost || groups == 0) return Encoding.UTF8.GetString(body.WrittenSpan);
            (named, groups) = named > 0 ? (named / 2, groups) : (0, groups / 2);
        }
    }

    private ArrayBufferWriter<byte> Write(IEnumerable<PageEntry> named, IEnumerable<RolledUp> rest)
    {
        var buffer = new ArrayBufferWriter<byte>(2_048);
        using var json = new Utf8JsonWriter(buffer, Readable);
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("pager", desk.Pager);
        json.WriteString("kind", kind);
        json.WriteString("urgency", urgent ? "high" : "low");
        json.WriteString("at", Time(world.Now));
        json.WriteString("text", PageText.Of(world, incident, desk, kind, late));
        WriteIncident(json);
        json.WriteStartArray("changes");
        foreach (var entry in named) entry.Write(json);
        json.WriteEndArray();
        json.WriteStartArray("rolledUp");
        foreach (var group in rest)
        {
            json.WriteStartObject();
            json.WriteString("reason", Words.Of(group.Reason));
            json.WriteString("alertname", group.Alertname);
            json.WriteNumber("count", group.Count);
            json.WriteString("url", Url);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("suspects");
        foreach (var suspect in incident.Suspects)
        {
            json.WriteStartObject();
            json.WriteString("change", suspect.Change);
            json.WriteString("summary", PageText.Cut(suspect.Summary, TitleAtMost));
            json.WriteNumber("score", suspect.Score);
            json.WriteString("why", suspect.Why);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("unseen", incident.Unseen.Count);
        json.WriteEndObject();
        json.Flush();
        return buffer;
    }

    private void WriteIncident(Utf8JsonWriter json)
    {
        json.WriteStartObject("incident");
        json.WriteString("id", incident.Id.Value);
        json.WriteNumber("version", incident.Version);
        json.WriteString("title", PageText.Cut(incident.Title, TitleAtMost));
        json.WriteString("state", incident switch
        {
            { Course: Course.Resolved } => "resolved",
            { Course: Course.Stale } => "stale",
            { IsAcknowledged: true } => "acknowledged",
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
        json.WriteString("origin", incident.Origin);
        json.WriteStartArray("impact");
        foreach (var above in incident.Impact)
        {
            json.WriteStartObject();
            json.WriteString("level", above.Level.Word());
            json.WriteString("component", above.Component);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private string Url => $"{world.Rules.Page.LinkBase.TrimEnd('/')}/api/incidents/{incident.Id}";

    internal static string Time(long ms) => ms.ToTime().UtcDateTime.ToString(UtcMilliseconds.Format, System.Globalization.CultureInfo.InvariantCulture);
}
