using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Pipeline.Api.Alertmanager;
using Pipeline.Config;
using Projections;

namespace Pipeline.Api;

/// <summary>Everything over HTTP that is not ingest: queries, acts, Alertmanager's API, health, metrics, the description.</summary>
public static class ApiSetup
{
    /// <summary>Combinations of tags counted apart in one measure; what comes beyond counts as "other".</summary>
    private const int MostTagSets = 256;

    /// <summary>
    /// Needs in the container: <see cref="Views"/>, <see cref="Settings"/>, <see cref="TimeProvider"/>, <see cref="Dedupe.Log.ILog"/>,
    /// <see cref="Hosting.IActs"/>, <see cref="Hosting.IReadiness"/>, <see cref="Hosting.IPageDesk"/>, <see cref="Hosting.IResubmit"/>,
    /// <see cref="Hosting.IDeciding"/>, <see cref="Hosting.ILearned"/>.
    /// </summary>
    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.AddSingleton<Past>();
        services.AddSingleton<Scopes>();
        services.AddSingleton<Measures>();
        services.ConfigureHttpJsonOptions(json =>
        {
            // For the description's schemas; the routes name their own type information.
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(1, AlertmanagerJson.Default);
        });
        services.AddOpenApi(Description.Configure);
        services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService("pipeline", autoGenerateServiceInstanceId: false)).WithMetrics(metrics => metrics
            .AddMeter("pipeline.*")
            .AddMeter("System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
            // Places are set aside in advance, 2,000 a measure by default: 8 MiB that none of ours would ever fill.
            .AddView(_ => new() { CardinalityLimit = MostTagSets })
            .AddPrometheusExporter());
        return services;
    }

    public static void MapApi(this IEndpointRouteBuilder routes)
    {
        var settings = routes.ServiceProvider.GetRequiredService<Settings>();
        var tokens = new BearerTokens(settings.Auth.Api);
        // Made here so that its gauges exist before the first scrape.
        routes.ServiceProvider.GetRequiredService<Measures>();

        var api = routes.MapGroup("/api");
        tokens.Guard(api);
        StoreAway.Answer(api);
        var own = api.MapGroup("").WithTags("pipeline");
        IncidentRoutes.Map(own);
        ActRoutes.Map(own);
        ListRoutes.Map(own);
        TopologyRoutes.Map(own);
        PageRoutes.Map(own);
        StreamRoute.Map(own);
        ExportRoute.Map(own);
        var alertmanager = api.MapGroup("/v2").WithTags("alertmanager");
        AlertRoutes.Map(alertmanager);
        SilenceRoutes.Map(alertmanager);
        StatusRoutes.Map(alertmanager);

        FrontDoor.Map(routes);
        tokens.Guard(routes.MapOpenApi("/openapi.json"));
        routes.MapHealth();
    }

    /// <summary>Health and metrics: what every process answers, whatever its role.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        HealthRoutes.Map(routes);
        new BearerTokens(routes.ServiceProvider.GetRequiredService<Settings>().Auth.Api).Guard(routes.MapPrometheusScrapingEndpoint("/metrics"));
    }
}
