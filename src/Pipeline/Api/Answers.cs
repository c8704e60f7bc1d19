using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Api;

/// <summary>The answers that many routes give.</summary>
internal static class Answers
{
    /// <summary>Bytes of a body that asks for an act.</summary>
    public const int MostActBytes = 64 * 1024;

    public static IResult Json<T>(T value, JsonTypeInfo<T> type) => Results.Json(value, type);

    public static IResult BadRequest(string field, string detail) =>
        Results.Problem(detail, statusCode: 400, title: "Not understood", extensions: [new("field", field)]);

    public static IResult NotFound(string detail) => Results.Problem(detail, statusCode: 404, title: "Not found");

    public static IResult Gone(string detail) => Results.Problem(detail, statusCode: 410, title: "Outside retention");

    public static IResult Conflict(string detail, params KeyValuePair<string, object?>[] more) =>
        Results.Problem(detail, statusCode: 409, title: "Conflict", extensions: more);

    public static IResult Unavailable(HttpContext http, string detail)
    {
        http.Response.Headers.RetryAfter = "1";
        return Results.Problem(detail, statusCode: 503, title: "Not now");
    }

    /// <summary>Reads a body; null with a problem where it is not the JSON that is wanted.</summary>
    public static async ValueTask<(T? Body, IResult? Problem)> ReadAsync<T>(
        HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancel)
        where T : class
    {
        try
        {
            var body = await JsonSerializer.DeserializeAsync(request.Body, type, cancel);
            return body is null ? (null, BadRequest("", "the body is null; give a JSON object")) : (body, null);
        }
        catch (JsonException e)
        {
            return (null, BadRequest(e.Path ?? "", $"the body is not the JSON object that is wanted: {e.Message}"));
        }
        catch (BadHttpRequestException e)
        {
            return (null, Results.Problem(e.Message, statusCode: e.StatusCode));
        }
    }
}
