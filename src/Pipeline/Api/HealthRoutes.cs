using Pipeline.Hosting;
using Projections;

namespace Pipeline.Api;

/// <summary>Alive, and ready; open to everybody.</summary>
internal static class HealthRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Answers.Json(new AliveBody("alive"), ApiJson.Default.AliveBody))
            .WithSummary("200 while the process lives").WithTags("health").Produces<AliveBody>();
        routes.MapGet("/readyz", Ready)
            .WithSummary("200 when the log is open, state is recovered and ingest accepts; names views that stopped")
            .WithTags("health").Produces<ReadyBody>().Produces<ReadyBody>(503);
    }

    // A view that stopped is named but does not take deliveries away from us: they are recorded and decided all the same.
    private static IResult Ready(IReadiness readiness, Views views)
    {
        var ready = readiness is { LogOpen: true, StateRecovered: true, IngestAccepting: true };
        var body = new ReadyBody(ready, readiness.LogOpen, readiness.StateRecovered, readiness.IngestAccepting, views.Stopped);
        return Results.Json(body, ApiJson.Default.ReadyBody, statusCode: ready ? 200 : 503);
    }
}
