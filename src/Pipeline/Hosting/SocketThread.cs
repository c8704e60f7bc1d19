namespace Pipeline.Hosting;

/// <summary>What a socket brings is handled by the thread that waits for sockets: at bodies of one alert 0.9 changes of thread a request, not 3.</summary>
/// <remarks>
/// So that thread must never be held: ingest takes short bodies there, which is parsing and a place in a queue, and all else moves to the
/// pool first. Nothing in the process may block on a task that a socket completes; a driver that does forbids this.
/// </remarks>
internal static class SocketThread
{
    /// <summary>For the whole process and what it starts, and before its first socket: the runtime reads its settings only then.</summary>
    public static void Use()
    {
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        // A core in two: the others commit and decide.
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", Math.Max(1, Environment.ProcessorCount / 2).ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Everything that does not say that it is brief goes on in the pool.</summary>
    public static void KeepFree(IApplicationBuilder app) => app.Use(next => http =>
        http.GetEndpoint()?.Metadata.GetMetadata<Ingest.Http.TakesAlerts>() is null ? ElsewhereAsync(next, http) : next(http));

    private static async Task ElsewhereAsync(RequestDelegate next, HttpContext http)
    {
        await Task.Yield();
        await next(http);
    }
}
