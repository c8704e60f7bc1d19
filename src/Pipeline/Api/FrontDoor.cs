namespace Pipeline.Api;

/// <summary>What somebody who only knows the address gets: what this is, and where to go on. Open to everybody, as it tells no secret.</summary>
internal static class FrontDoor
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/", (HttpContext http) => Results.Text(Text(IncidentBodies.BaseUrl(http.Request)))).ExcludeFromDescription();

    private static string Text(string us) => $$"""
        pipeline: takes alerts, makes one incident of what belongs together, and names on its own whatever is new.

        try this first:
          curl {{us}}/ingest/generic -d '{"labels":{"alertname":"HostDown","host":"db-1"},"severity":"critical","summary":"db-1 does not answer"}'
        then:
          {{us}}/api/incidents    what is wrong
          {{us}}/api/summary      how much of it, by level, and what nobody has seen
          {{us}}/metrics          for Prometheus
          {{us}}/openapi.json     everything else

        """;
}
