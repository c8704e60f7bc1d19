using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Dedupe.Vocabulary;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Ingest.Http;

/// <summary>How a route answers: ours, Alertmanager's or PagerDuty's way.</summary>
internal interface IAnswers
{
    /// <summary>Durable and to be decided.</summary>
    /// <param name="copies">How many of the alerts came before under the same key.</param>
    Task AcceptedAsync(HttpContext http, Parsed parsed, int copies);

    /// <summary>Not taken.</summary>
    /// <param name="retryAfter">Seconds after which to try again; null where it makes no sense to.</param>
    Task RefusedAsync(HttpContext http, int status, string field, string problem, IReadOnlyList<RejectedPart> parts, int? retryAfter = null);
}

/// <summary><c>{"accepted":N,"duplicatesOfDelivery":M}</c>, and problem+json (RFC 9457).</summary>
internal class OurAnswers : IAnswers
{
    /// <summary>A body of 10,000 bad alerts is answered with its first few.</summary>
    private const int MostProblems = 20;

    /// <summary>Else the next prompt of who tries us with curl stands behind the answer. What imitates another's answers does without.</summary>
    private const string LineEnd = "\n";

    protected static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public virtual Task AcceptedAsync(HttpContext http, Parsed parsed, int copies) =>
        WriteAsync(http, StatusCodes.Status200OK, "application/json", (parsed, copies), static (json, answer) =>
        {
            json.WriteNumber("accepted"u8, answer.parsed.Alerts.Count + answer.parsed.Changes.Count);
            json.WriteNumber("duplicatesOfDelivery"u8, answer.copies);
            if (answer.parsed.Rejected.Count == 0) return;
            json.WriteNumber("rejected"u8, answer.parsed.Rejected.Count);
            WriteProblems(json, answer.parsed.Rejected);
        }, LineEnd);

    public virtual Task RefusedAsync(HttpContext http, int status, string field, string problem, IReadOnlyList<RejectedPart> parts, int? retryAfter = null)
    {
        Announce(http, status, retryAfter);
        return WriteAsync(http, status, "application/problem+json", (status, field, problem, parts), static (json, answer) =>
        {
            json.WriteString("type"u8, "about:blank"u8);
            json.WriteString("title"u8, ReasonPhrases.GetReasonPhrase(answer.status));
            json.WriteNumber("status"u8, answer.status);
            json.WriteString("detail"u8, $"{answer.field} {answer.problem}".Trim());
            if (answer.field.Length > 0) json.WriteString("field"u8, answer.field);
            WriteProblems(json, answer.parts);
        }, LineEnd);
    }

    protected static void Announce(HttpContext http, int status, int? retryAfter)
    {
        if (retryAfter is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (status == StatusCodes.Status401Unauthorized) http.Response.Headers.WWWAuthenticate = "Bearer";
    }

    protected static Task WriteAsync<T>(HttpContext http, int status, string type, T answer, Action<Utf8JsonWriter, T> write, string end = "")
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            write(json, answer);
            json.WriteEndObject();
        }
        Encoding.ASCII.GetBytes(end, buffer);
        (http.Response.StatusCode, http.Response.ContentType, http.Response.ContentLength) = (status, type, buffer.WrittenCount);
        return http.Response.Body.WriteAsync(buffer.WrittenMemory, http.RequestAborted).AsTask();
    }

    private static void WriteProblems(Utf8JsonWriter json, IReadOnlyList<RejectedPart> parts)
    {
        json.WriteStartArray("problems"u8);
        for (var i = 0; i < parts.Count && i < MostProblems; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, parts[i].Index);
            json.WriteString("field"u8, parts[i].Field);
            json.WriteString("problem"u8, parts[i].Problem);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}

/// <summary>Alertmanager answers an empty 200; what was rejected beside good alerts is told, since clients do not read it but people do.</summary>
internal sealed class AlertmanagerAnswers : OurAnswers
{
    public override Task AcceptedAsync(HttpContext http, Parsed parsed, int copies)
    {
        if (parsed.Rejected.Count > 0) return base.AcceptedAsync(http, parsed, copies);
        http.Response.ContentLength = 0;
        return Task.CompletedTask;
    }
}

/// <summary>PagerDuty's: <c>202 {"status":"success","message":"Event processed","dedup_key":"..."}</c>, and its errors.</summary>
internal sealed class PagerDutyAnswers : OurAnswers
{
    public override Task AcceptedAsync(HttpContext http, Parsed parsed, int copies) =>
        WriteAsync(http, StatusCodes.Status202Accepted, "application/json", parsed, static (json, parsed) =>
        {
            json.WriteString("status"u8, "success"u8);
            json.WriteString("message"u8, parsed.Alerts.Count > 0 ? "Event processed"u8 : "Change event processed"u8);
            if (parsed.Alerts is [var alert, ..]) json.WriteString("dedup_key"u8, alert.Identity.Key["dedup_key"]);
        });

    public override Task RefusedAsync(HttpContext http, int status, string field, string problem, IReadOnlyList<RejectedPart> parts, int? retryAfter = null)
    {
        Announce(http, status, retryAfter);
        return WriteAsync(http, status, "application/json", (status, field, problem), static (json, answer) =>
        {
            var (word, message) = answer.status switch
            {
                StatusCodes.Status401Unauthorized => ("invalid key", "Routing key is not known"),
                StatusCodes.Status429TooManyRequests => ("throttle exceeded", "Too many events; try again later"),
                StatusCodes.Status503ServiceUnavailable => ("unavailable", "Event not taken; try again later"),
                _ => ("invalid event", "Event object is invalid"),
            };
            json.WriteString("status"u8, word);
            json.WriteString("message"u8, message);
            json.WriteStartArray("errors"u8);
            json.WriteStringValue(answer.field.Length > 0 ? $"'{answer.field}' {answer.problem}" : answer.problem);
            json.WriteEndArray();
        });
    }
}
