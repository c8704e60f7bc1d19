using Dedupe.Vocabulary;
using Google.Protobuf;
using Ingest.Otlp;
using Microsoft.AspNetCore.Http;

namespace Ingest.Http;

/// <summary>OTLP/HTTP's answers, in the encoding of the request: an empty response or a partial success; a refusal is a google.rpc.Status.</summary>
/// <remarks>https://opentelemetry.io/docs/specs/otlp/#otlphttp-response</remarks>
internal sealed class OtlpAnswers : OurAnswers
{
    private const string Protobuf = "application/x-protobuf";
    private const int InvalidArgument = 3, Unauthenticated = 16, ResourceExhausted = 8, Unavailable = 14;

    public override Task AcceptedAsync(HttpContext http, Parsed parsed, int copies)
    {
        var response = new ExportLogsServiceResponse();
        if (parsed.Rejected.Count > 0)
            response.PartialSuccess = new() { RejectedLogRecords = parsed.Rejected.Count, ErrorMessage = $"{parsed.Rejected[0].Field} {parsed.Rejected[0].Problem}" };
        return WriteAsync(http, StatusCodes.Status200OK, response);
    }

    public override Task RefusedAsync(HttpContext http, int status, string field, string problem, IReadOnlyList<RejectedPart> parts, int? retryAfter = null)
    {
        Announce(http, status, retryAfter);
        var code = status switch
        {
            StatusCodes.Status401Unauthorized => Unauthenticated,
            StatusCodes.Status429TooManyRequests => ResourceExhausted,
            StatusCodes.Status503ServiceUnavailable => Unavailable,
            _ => InvalidArgument,
        };
        return WriteAsync(http, status, new Status { Code = code, Message = $"{field} {problem}".Trim() });
    }

    private static Task WriteAsync(HttpContext http, int status, IMessage message)
    {
        var protobuf = http.Request.ContentType?.StartsWith(Protobuf, StringComparison.OrdinalIgnoreCase) == true;
        var bytes = protobuf ? message.ToByteArray() : System.Text.Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(message));
        (http.Response.StatusCode, http.Response.ContentType, http.Response.ContentLength) = (status, protobuf ? Protobuf : "application/json", bytes.Length);
        return http.Response.Body.WriteAsync(bytes, http.RequestAborted).AsTask();
    }
}
