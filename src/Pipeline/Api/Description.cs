using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Pipeline.Api;

/// <summary>What /openapi.json says besides the routes themselves.</summary>
internal static class Description
{
    public static void Configure(OpenApiOptions options) => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Info = new()
        {
            Title = "Pipeline",
            Version = typeof(Description).Assembly.GetName().Version?.ToString(3) ?? "0",
            Description = "Takes alerts from monitoring systems, makes one incident of what belongs together, "
                + "and names on its own whatever is new.",
        };
        document.Components ??= new();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes["token"] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http, Scheme = "bearer",
            Description = "A token of auth.api, or for ingest of auth.ingest, where configured.",
        };
        return Task.CompletedTask;
    });
}
