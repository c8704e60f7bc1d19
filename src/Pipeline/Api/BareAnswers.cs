namespace Pipeline.Api;

/// <summary>What routing refuses before any route of ours sees it would be a bare number: says what to send instead.</summary>
internal static class BareAnswers
{
    /// <param name="role">What this process does, where others do the rest: who asks has only the wrong address.</param>
    public static void Explain(IApplicationBuilder app, string? role = null) => app.UseStatusCodePages(async context =>
    {
        var http = context.HttpContext;
        if (role is not null && http.Response.StatusCode == 404 && http.GetEndpoint() is null)
        {
            await Answers.NotFound($"this process has --role {role}, which does not answer this; ask one whose role does (deliveries: ingest, queries and acts: project)").ExecuteAsync(http);
            return;
        }
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
