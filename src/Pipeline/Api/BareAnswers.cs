namespace Pipeline.Api;

/// <summary>What routing refuses before any route of ours sees it would be a bare number: says what to send instead.</summary>
internal static class BareAnswers
{
    public static void Explain(IApplicationBuilder app) => app.UseStatusCodePages(async context =>
    {
        var http = context.HttpContext;
        // The imitated APIs answer as the ones they imitate do.
        if (http.Request.Path.StartsWithSegments("/api/v2") || http.Request.Path.StartsWithSegments("/v2")) return;
        var (status, path) = (http.Response.StatusCode, http.Request.Path.Value);
        var detail = status switch
        {
            404 => $"nothing is at {path}; GET / says what to try, /openapi.json what there is",
            405 => $"{path} does not take {http.Request.Method} but {http.Response.Headers.Allow}",
            415 => $"{path} takes JSON; send it with the header content-type: application/json",
            _ => null,
        };
        if (detail is not null) await Results.Problem(detail, statusCode: status).ExecuteAsync(http);
    });
}
