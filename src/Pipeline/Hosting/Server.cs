using Pipeline.Cli;

namespace Pipeline.Hosting;

/// <summary>The HTTP server: alive, and ends well.</summary>
public static class Server
{
    public static async Task<int> RunAsync(ServeOptions options, CancellationToken cancel)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls([.. options.Urls]);
        await using var app = builder.Build();
        app.MapGet("/healthz", () => "alive\n");
        await app.StartAsync(cancel);
        Console.WriteLine($"listening on {string.Join(", ", app.Urls)}");
        await app.WaitForShutdownAsync(cancel);
        return ExitCode.Ok;
    }
}
