using System.Globalization;
using Dedupe.Vocabulary;
using Google.Protobuf;
using Ingest.Otlp;
using Ingest.Reading;

namespace Ingest;

/// <summary>OpenTelemetry logs by OTLP/HTTP, in protobuf or JSON, as exporters and collectors post them to <c>/v1/logs</c>.</summary>
/// <example><code>
/// {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeLogs":[{"logRecords":[
///   {"timeUnixNano":"1769860800000000000","severityNumber":17,"body":{"stringValue":"no thread for order 4711"}}]}]}]}
/// </code>Each record is a log line; from error (17) on it is an alert. An exception in its attributes is part of the message.</example>
/// <remarks>https://opentelemetry.io/docs/specs/otlp and https://opentelemetry.io/docs/specs/otel/logs/data-model</remarks>
internal sealed class OtlpSource : ISource
{
    private static readonly JsonParser Json = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    public string Name => "otlp";

    public static bool IsJson(ReadOnlySpan<byte> body) => body.TrimStart(" \t\r\n\uFEFF"u8) is [(byte)'{', ..];

    public Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context)
    {
        ExportLogsServiceRequest request;
        try
        {
            request = IsJson(body.Span) ? Json.Parse<ExportLogsServiceRequest>(System.Text.Encoding.UTF8.GetString(JsonBody.WithoutMark(body.Span))) : ExportLogsServiceRequest.Parser.ParseFrom(body.Span);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException or FormatException or OverflowException)
        {
            return Parsed.Failed("body", $"is no OTLP logs request: {e.Message}");
        }
        var (found, index) = (new Found(), 0);
        foreach (var resource in request.ResourceLogs)
        {
            var service = Text(resource.Resource?.Attributes.LastOrDefault(a => a.Key == "service.name")?.Value) ?? "";
            foreach (var record in resource.ScopeLogs.SelectMany(s => s.LogRecords))
            {
                if (index >= context.Limits.Alerts) return JsonBody.TooMany("logRecords", context.Limits.Alerts);
                var (severity, isError) = SeverityOf(record, context.Identities);
                if (!LogLine.Take(service, severity, isError, Message(record), TimeOf(record), context, found, out var flaw)) found.Reject(index, $"logRecords[{index}].{flaw.Field}", flaw.Problem);
                index++;
            }
        }
        return found.Parsed;
    }

    /// <summary>The data model's ranges: trace 1, debug 5, info 9, warn 13, error 17, fatal 21; without a number the source's own word counts.</summary>
    private static (Severity, bool) SeverityOf(LogRecord record, Identities identities) => record.SeverityNumber switch
    {
        >= 17 => (Severity.Critical, true),
        >= 13 => (Severity.Warning, false),
        > 0 => (Severity.Info, false),
        _ => identities.SeverityOf(record.SeverityText) is Severity.Critical ? (Severity.Critical, true) : (Severity.Info, false),
    };

    private static string? Message(LogRecord record)
    {
        var body = Text(record.Body);
        var exception = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var attribute in record.Attributes)
            if (attribute.Key.StartsWith("exception.", StringComparison.Ordinal)) exception[attribute.Key] = Text(attribute.Value);
        var said = exception.GetValueOrDefault("exception.stacktrace")
            ?? (exception.GetValueOrDefault("exception.type") is { } type ? $"{type}: {exception.GetValueOrDefault("exception.message")}" : exception.GetValueOrDefault("exception.message"));
        if (said is null || (body is not null && body.Contains(said, StringComparison.Ordinal))) return body;
        return string.IsNullOrEmpty(body) ? said : $"{body}\n{said}";
    }

    private static DateTimeOffset? TimeOf(LogRecord record)
    {
        var nanoseconds = record.TimeUnixNano > 0 ? record.TimeUnixNano : record.ObservedTimeUnixNano;
        return nanoseconds is 0 or > long.MaxValue ? null : DateTimeOffset.FromUnixTimeMilliseconds((long)(nanoseconds / 1_000_000));
    }

    private static string? Text(AnyValue? value) => value?.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => value.StringValue,
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        AnyValue.ValueOneofCase.IntValue => value.IntValue.ToString(CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.DoubleValue => value.DoubleValue.ToString(CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.ArrayValue => string.Join(' ', value.ArrayValue.Values.Select(Text)),
        AnyValue.ValueOneofCase.KvlistValue => value.KvlistValue.Values.FirstOrDefault(v => v.Key is "message" or "msg") is { } message
            ? Text(message.Value) : string.Join(' ', value.KvlistValue.Values.Select(v => $"{v.Key}={Text(v.Value)}")),
        _ => null,
    };
}
