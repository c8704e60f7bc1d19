using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Dedupe.Log;
using Pipeline.Config;

namespace Pipeline.Pagers;

/// <summary>PagerDuty's Events API v2. Every page is a trigger under its own key, since a second trigger of a key notifies nobody.</summary>
/// <remarks>
/// The <c>resolved</c> page triggers only what it names for the first time, and resolves every key that the incident's pages triggered here. Pages of an incident go
/// in order, so each was answered before; the keys come out of the log, so a restart forgets none.
/// </remarks>
internal sealed class PagerDutyPager(PagerSettings settings, PagerHttp http, ILog log) : IPager
{
    private const int SummaryCharacters = 1024, SourceCharacters = 255;

    private static readonly Uri Default = new("https://events.pagerduty.com/v2/enqueue");

    private readonly Uri url = settings.Url ?? Default;
    private readonly string routingKey = settings.Secret is { Length: > 0 } key
        ? key
        : throw new ArgumentException($"pager {settings.Name} needs a secret: PagerDuty's routing key");

    // How many keys of a resolved page are done, so that a retry goes on where the last attempt stopped. Gone with the page.
    private readonly ConcurrentDictionary<string, int> resolvedSoFar = new();

    public Task<PagerAnswer> SendAsync(Page page, CancellationToken cancel) =>
        page.Kind == "resolved" ? ResolveAllAsync(page, cancel) : TriggerAsync(page, cancel);

    private async Task<PagerAnswer> TriggerAsync(Page page, CancellationToken cancel)
    {
        var answer = await PostAsync(Trigger(routingKey, page.Id, page.Body.Span), cancel);
        if (answer.Verdict != PagerVerdict.Accepted || !page.Resent) return answer;
        // Sent again after its incident had ended: nothing else would resolve this key any more.
        var keys = await IncidentKeys.ReadAsync(log, page, cancel);
        return keys.ResolvedLater ? await PostAsync(Resolve(routingKey, page.Id), cancel) : answer;
    }

    private async Task<PagerAnswer> ResolveAllAsync(Page page, CancellationToken cancel)
    {
        IReadOnlyList<string> keys = (await IncidentKeys.ReadAsync(log, page, cancel)).Earlier;
        if (PageBody.Read(page.Body.Span).Changes.Count > 0)
        {
            // It names what no earlier page has: a resolve shows nothing, so that is triggered under its own key and then resolved too.
            var told = await PostAsync(Trigger(routingKey, page.Id, page.Body.Span), cancel);
            if (told.Verdict != PagerVerdict.Accepted) return told;
            keys = [.. keys, page.Id];
        }
        var done = resolvedSoFar.GetValueOrDefault(page.Id);
        var answer = new PagerAnswer(PagerVerdict.Accepted, "nothing to resolve");
        for (; done < keys.Count; done++)
        {
            answer = await PostAsync(Resolve(routingKey, keys[done]), cancel);
            if (answer.Verdict == PagerVerdict.Accepted) continue;
            if (answer.Verdict == PagerVerdict.TryAgain) resolvedSoFar[page.Id] = done;
            return answer;
        }
        resolvedSoFar.TryRemove(page.Id, out _);
        return answer;
    }

    private Task<PagerAnswer> PostAsync(byte[] body, CancellationToken cancel) => http.PostJsonAsync(url, body, [], cancel);

    /// <summary>The same frozen page gives the same bytes.</summary>
    internal static byte[] Trigger(string routingKey, string dedupKey, ReadOnlySpan<byte> frozen)
    {
        var page = PageBody.Read(frozen);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Begin(json, routingKey, "trigger", dedupKey);
            json.WriteString("client", "pipeline");
            var link = page.Incident?.Url is { } text && Uri.TryCreate(text, UriKind.Absolute, out var href) ? href.AbsoluteUri : null;
            if (link is not null) json.WriteString("client_url", link);
            json.WriteStartObject("payload");
            json.WriteString("summary", PlainText.OneLine(page.Text.Length > 0 ? page.Text : page.Id, SummaryCharacters));
            json.WriteString("source", PlainText.OneLine(page.Incident?.Origin ?? page.Incident?.Title ?? page.Pager, SourceCharacters));
            json.WriteString("severity", SeverityOf(page));
            if (page.At != default) json.WriteString("timestamp", page.At);
            if (page.Incident is { } incident) json.WriteString("group", incident.Id);
            if (page.Changes is [var first, ..]) json.WriteString("class", first.Reason);
            json.WritePropertyName("custom_details");
            json.WriteRawValue(frozen); // the whole page: at most 256 KiB where PagerDuty takes 512
            json.WriteEndObject();
            if (link is not null)
            {
                json.WriteStartArray("links");
                json.WriteStartObject();
                json.WriteString("href", link);
                json.WriteString("text", page.Incident!.Id);
                json.WriteEndObject();
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    internal static byte[] Resolve(string routingKey, string dedupKey)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Begin(json, routingKey, "resolve", dedupKey);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void Begin(Utf8JsonWriter json, string routingKey, string action, string dedupKey)
    {
        json.WriteStartObject();
        json.WriteString("routing_key", routingKey);
        json.WriteString("event_action", action);
        json.WriteString("dedup_key", dedupKey);
    }

    /// <summary>PagerDuty knows critical, error, warning and info; what is unknown counts as a warning, as for paging everywhere.</summary>
    private static string SeverityOf(PageBody page) => page.Incident?.Severity switch
    {
        "critical" => "critical",
        "info" or "ok" => "info",
        _ => "warning",
    };
}
