using System.Diagnostics;
using System.Text.Json;
using Dedupe.Vocabulary;
using Ingest.Http;
using Ingest.Reading;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Ingest;

/// <summary>What the routes need.</summary>
/// <param name="Identities">Asked for at each request, so that new rules count at once.</param>
public sealed record IngestServices(IIntake Intake, Func<Identities> Identities, IngestLimits Limits, Access Access, TimeProvider Clock);

/// <summary>HTTP in: a body becomes a delivery, and 2xx means that it is durable.</summary>
/// <remarks>
/// The host must bound what is in no body: connections, header sizes, and how slowly a body may trickle in (Kestrel's MinRequestBodyDataRate
/// and RequestHeadersTimeout), and must let bodies of <see cref="IngestLimits.BodyBytes"/> through (MaxRequestBodySize).
/// </remarks>
public static class Endpoints
{
    private const int RetrySoon = 1, RetryLater = 5, LongestKey = 255;

    private static readonly OurAnswers Ours = new();

    /// <summary>Maps <c>/ingest/{source}</c>, <c>/api/v2/alerts</c>, <c>/v1/logs</c>, <c>/v2/enqueue</c> and <c>/v2/change/enqueue</c>.</summary>
    public static IEndpointRouteBuilder MapIngest(this IEndpointRouteBuilder routes, IngestServices services)
    {
        Map("/ingest/{source}", http => TakeNamedAsync(http, services));
        Map("/api/v2/alerts", Fixed("alertmanager-v2", services, new AlertmanagerAnswers()));
        Map("/v1/logs", Fixed("otlp", services, new OtlpAnswers()));
        Map("/v2/enqueue", Fixed("pagerduty", services, new PagerDutyAnswers()));
        Map("/v2/change/enqueue", Fixed("pagerduty-change", services, new PagerDutyAnswers()));
        return routes;

        void Map(string route, RequestDelegate take) => routes.MapPost(route, take).WithMetadata(TakesAlerts.Mark);
    }

    private static RequestDelegate Fixed(string name, IngestServices services, IAnswers answers)
    {
        var source = Sources.Find(name) ?? throw new UnreachableException();
        return http => TakeAsync(http, source, services, answers);
    }

    private static Task TakeNamedAsync(HttpContext http, IngestServices services)
    {
        var name = (string)http.Request.RouteValues["source"]!;
        if (Sources.Find(name) is { } source) return TakeAsync(http, source, services, Ours);
        if (!services.Access.Allows(http.Request)) return RefuseAsync(http, Ours, "unknown", "unauthorized", StatusCodes.Status401Unauthorized, "Authorization", Unauthorized);
        return RefuseAsync(http, Ours, "unknown", "bad", StatusCodes.Status404NotFound, "source",
            $"\"{LabelObject.Shown(name)}\" is not known; post to /ingest/ and one of {Sources.Names}");
    }

    private const string Unauthorized = "has no token that we know; send \"Authorization: Bearer <token>\" with one of auth.ingest";

    private const string Unsigned = Unauthorized + "; as the webhook's secret GitHub signs with it and GitLab sends it";

    private static async Task TakeAsync(HttpContext http, ISource source, IngestServices services, IAnswers answers)
    {
        var (name, cancel) = (source.Name, http.RequestAborted);
        try
        {
            // PagerDuty's senders have no header to set: their routing key, in the body, is the token.
            var keyed = source is PagerDutySource or PagerDutyChangeSource;
            // GitHub signs its bodies with it, GitLab has a header of its own.
            var signed = source is GitHubSource or GitLabSource;
            var allowed = services.Access.Allows(http.Request);
            if (!allowed && !keyed && !signed)
            {
                await RefuseAsync(http, answers, name, "unauthorized", StatusCodes.Status401Unauthorized, "Authorization", Unauthorized).ConfigureAwait(false);
                return;
            }
            if (!services.Intake.Ready)
            {
                await RefuseAsync(http, answers, name, "unavailable", StatusCodes.Status503ServiceUnavailable, "", "Starting or stopping; send it again.", RetrySoon).ConfigureAwait(false);
                return;
            }
            var body = await RequestBody.ReadAsync(http.Request, services.Limits.BodyBytes, cancel).ConfigureAwait(false);
            if (body.Status != StatusCodes.Status200OK)
            {
                var outcome = body.Status == StatusCodes.Status413PayloadTooLarge ? "too-large" : "bad";
                await RefuseAsync(http, answers, name, outcome, body.Status, "body", body.Problem!).ConfigureAwait(false);
                return;
            }
            if (!allowed && signed && !services.Access.AllowsSigned(http.Request, body.Bytes.Span))
            {
                await RefuseAsync(http, answers, name, "unauthorized", StatusCodes.Status401Unauthorized, "Authorization", Unsigned).ConfigureAwait(false);
                return;
            }
            if (!allowed && keyed && !services.Access.Knows(RoutingKey(body.Bytes.Span, services.Limits)))
            {
                await RefuseAsync(http, answers, name, "unauthorized", StatusCodes.Status401Unauthorized, "routing_key", "is none of auth.ingest").ConfigureAwait(false);
                return;
            }
            await TakeAsync(http, source, body.Bytes, services, answers).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            IngestMeter.Count(name, "aborted");
        }
    }

    private static async Task TakeAsync(HttpContext http, ISource source, ReadOnlyMemory<byte> body, IngestServices services, IAnswers answers)
    {
        // Whole milliseconds, as the log keeps them: what is parsed now must be what is parsed from the log.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(services.Clock.GetUtcNow().ToUnixTimeMilliseconds());
        var parsed = source.Parse(body, new(services.Identities(), services.Limits, now));
        if (parsed.Problem is { } problem)
        {
            var (status, outcome) = parsed.TooLarge ? (StatusCodes.Status413PayloadTooLarge, "too-large") : (StatusCodes.Status400BadRequest, "bad");
            IngestMeter.Count(source.Name, outcome, 0, Math.Max(1, parsed.Rejected.Count));
            await answers.RefusedAsync(http, status, problem.Field, problem.Problem, parsed.Rejected is [] ? [problem] : parsed.Rejected).ConfigureAwait(false);
            return;
        }
        string? key = http.Request.Headers["Idempotency-Key"];
        if (key is { Length: > LongestKey })
        {
            await RefuseAsync(http, answers, source.Name, "bad", StatusCodes.Status400BadRequest, "Idempotency-Key", $"is longer than {LongestKey} characters").ConfigureAwait(false);
            return;
        }
        if (string.IsNullOrEmpty(key)) key = parsed.MessageId ?? (source is GitHubSource ? GuidOf(http.Request) : null);
        var answer = await services.Intake.AcceptAsync(new(source.Name, now, key, body, parsed), http.RequestAborted).ConfigureAwait(false);
        await AnswerAsync(http, source.Name, parsed, answer, answers).ConfigureAwait(false);
    }

    /// <summary>GitHub's own number of a delivery, the same when somebody has it sent again.</summary>
    private static string? GuidOf(HttpRequest request) =>
        request.Headers["X-GitHub-Delivery"].ToString() is { Length: > 0 and <= LongestKey } guid ? guid : null;

    private static Task AnswerAsync(HttpContext http, string source, Parsed parsed, IntakeAnswer answer, IAnswers answers)
    {
        var count = parsed.Alerts.Count + parsed.Changes.Count;
        switch (answer.Status)
        {
            case IntakeStatus.Recorded:
                IngestMeter.Count(source, "accepted", count, parsed.Rejected.Count);
                return answers.AcceptedAsync(http, parsed, 0);
            case IntakeStatus.Copy:
                IngestMeter.Count(source, "copy");
                return answers.AcceptedAsync(http, parsed, count);
            case IntakeStatus.KeyReused:
                return RefuseAsync(http, answers, source, "key-reused", StatusCodes.Status422UnprocessableEntity, "Idempotency-Key",
                    answer.Detail ?? "came before with another body; use a new key for a new body");
            case IntakeStatus.Busy:
                return RefuseAsync(http, answers, source, "busy", StatusCodes.Status429TooManyRequests, "", answer.Detail ?? "Too much is waiting; send it again.", RetrySoon);
            case IntakeStatus.Unavailable:
                return RefuseAsync(http, answers, source, "unavailable", StatusCodes.Status503ServiceUnavailable, "", answer.Detail ?? "Not ready; send it again.", RetryLater);
            default:
                throw new UnreachableException();
        }
    }

    private static Task RefuseAsync(
        HttpContext http, IAnswers answers, string source, string outcome, int status, string field, string problem, int? retryAfter = null)
    {
        IngestMeter.Count(source, outcome);
        return answers.RefusedAsync(http, status, field, problem, [], retryAfter);
    }

    private static string? RoutingKey(ReadOnlySpan<byte> body, IngestLimits limits)
    {
        try
        {
            var reader = new Utf8JsonReader(JsonBody.WithoutMark(body), new JsonReaderOptions { MaxDepth = limits.Depth });
            string? key = null;
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var ours = reader.ValueTextEquals("routing_key"u8);
                reader.Read();
                if (ours && reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= 1024) key = reader.GetString();
                else reader.Skip();
            }
            return key;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // no key that can be read is no key
        }
    }
}
