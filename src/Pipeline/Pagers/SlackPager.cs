using System.Buffers;
using System.Text;
using System.Text.Json;
using Pipeline.Config;

namespace Pipeline.Pagers;

/// <summary>A Slack incoming webhook: the page's text, what is new line by line, and where to look.</summary>
internal sealed class SlackPager(PagerSettings settings, PagerHttp http) : IPager
{
    // Slack's limits: a section holds 3,000 characters, a message is best under 4,000.
    private const int SectionCharacters = 2900, TextCharacters = 2500, LineCharacters = 600;

    private readonly Uri url = settings.Url ?? throw new ArgumentException($"pager {settings.Name} needs a url");

    public Task<PagerAnswer> SendAsync(Page page, CancellationToken cancel) => http.PostJsonAsync(url, Write(page.Body.Span), [], cancel);

    /// <summary>The same frozen page gives the same bytes.</summary>
    internal static byte[] Write(ReadOnlySpan<byte> frozen)
    {
        var page = PageBody.Read(frozen);
        var text = EscapeWithin(PlainText.OneLine(page.Text, TextCharacters), TextCharacters);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("text", text);
            json.WriteStartArray("blocks");
            Section(json, $"*{text}*");
            if (News(page) is { Length: > 0 } news) Section(json, news);
            Footer(json, page);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Only these three are special in Slack's text; escaped, no alert can mention a channel or forge a link.</summary>
    private static string Escape(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");

    /// <summary>Cuts before it escapes, so that nothing is cut in the middle of an escape, which may be five times as long as what it stands for.</summary>
    private static string EscapeWithin(string text, int most)
    {
        var escaped = Escape(text);
        for (var keep = most; escaped.Length > most; keep = keep * 4 / 5) escaped = Escape(PlainText.Cut(text, keep));
        return escaped;
    }

    private static string News(PageBody page)
    {
        var lines = page.Changes.Select(c => c.Line()).Concat(page.RolledUp.Select(r => r.Line())).Concat(page.Suspects.Select(s => s.Line())).ToList();
        var text = new StringBuilder();
        for (var i = 0; i < lines.Count; i++)
        {
            var line = $"• {Escape(PlainText.OneLine(lines[i], LineCharacters))}\n";
            if (text.Length + line.Length > SectionCharacters) return text.Append($"... and {lines.Count - i} more").ToString();
            text.Append(line);
        }
        return text.ToString().TrimEnd('\n');
    }

    private static void Section(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", "section");
        Mrkdwn(json, "text", text);
        json.WriteEndObject();
    }

    private static void Footer(Utf8JsonWriter json, PageBody page)
    {
        List<string> parts = [$"{page.Kind}, urgency {page.Urgency}"];
        if (page.Incident?.Severity is { } severity) parts.Add($"severity {severity}");
        if (page.Unseen > 0) parts.Add($"{page.Unseen} unseen");
        var text = Escape(PlainText.OneLine(string.Join(" | ", parts), LineCharacters));
        if (page.Incident is { Url: { } link } incident && Uri.TryCreate(link, UriKind.Absolute, out var href))
            text += $" | <{Escape(href.AbsoluteUri).Replace("|", "%7C")}|{Escape(incident.Id)}>";
        json.WriteStartObject();
        json.WriteString("type", "context");
        json.WriteStartArray("elements");
        Mrkdwn(json, null, text);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Mrkdwn(Utf8JsonWriter json, string? property, string text)
    {
        if (property is null) json.WriteStartObject();
        else json.WriteStartObject(property);
        json.WriteString("type", "mrkdwn");
        json.WriteString("text", text);
        json.WriteEndObject();
    }
}
