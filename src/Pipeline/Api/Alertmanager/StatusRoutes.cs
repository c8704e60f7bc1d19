using Pipeline.Config;

namespace Pipeline.Api.Alertmanager;

/// <summary>Status and receivers: what clients ask first, to see that they talk to an Alertmanager.</summary>
internal static class StatusRoutes
{
    /// <summary>The Alertmanager whose API this is; clients choose what they dare by it.</summary>
    private const string Imitated = "0.25.0";

    public static void Map(RouteGroupBuilder v2)
    {
        // Every process is its own start: asked when the routes are made.
        var started = ((IEndpointRouteBuilder)v2).ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow();
        v2.MapGet("/status", (Settings settings) => Answers.Json(Status(settings, started), AlertmanagerJson.Default.AlertmanagerStatus))
            .WithSummary("Version, cluster and configuration, as Alertmanager tells them").Produces<AlertmanagerStatus>();
        v2.MapGet("/receivers", (Settings settings) => Answers.Json(
                [.. PageRoutes.Names(settings).Select(n => new Receiver(n))], AlertmanagerJson.Default.IReadOnlyListReceiver))
            .WithSummary("The pagers, as receivers").Produces<IReadOnlyList<Receiver>>();
    }

    private static AlertmanagerStatus Status(Settings settings, DateTimeOffset started)
    {
        var own = typeof(StatusRoutes).Assembly.GetName().Version?.ToString(3) ?? "0";
        return new(
            new("", "ready", []), new(Imitated, own, "pipeline", "pipeline", "", ""), new(Config(PageRoutes.Names(settings))), started);
    }

    /// <summary>A configuration that amtool can read: where everything goes; secrets and addresses are nobody's business.</summary>
    private static string Config(IReadOnlyList<string> pagers) =>
        $"route:\n  receiver: {Quoted(pagers[0])}\nreceivers:\n{string.Concat(pagers.Select(p => $"- name: {Quoted(p)}\n"))}";

    private static string Quoted(string name) =>
        $"\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
