using Dedupe.Log;
using Dedupe.Rules;
using Ingest;
using Ingest.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Pipeline.Api;
using Pipeline.Cli;
using Pipeline.Config;
using Stores.Sqlite;

namespace Pipeline.Hosting;

/// <summary>One process that does everything: the installation and the HTTP in front of it.</summary>
public sealed class Server : IAsyncDisposable
{
    /// <summary>Connections at once, idle ones included; what comes beyond is closed at once.</summary>
    private const int Connections = 20_000;
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(4);

    private readonly WebApplication app;

    private readonly ILoggerFactory loggers;
    private readonly string folder;

    private Server(WebApplication app, Installation installation, ILoggerFactory loggers, string folder) =>
        (this.app, Installation, this.loggers, this.folder) = (app, installation, loggers, folder);

    public Installation Installation { get; }

    /// <summary>Where it listens, as bound.</summary>
    public string Url => app.Urls.First();

    /// <summary>Serves until told to stop, and says where.</summary>
    public static async Task<int> RunAsync(ServeOptions options, CancellationToken cancel)
    {
        await using var server = await StartAsync(options, cancel);
        if (options.Terminal is { } terminal) await WelcomeAsync(server, options, terminal);
        var stopped = new TaskCompletionSource();
        await using var asked = cancel.Register(() => stopped.TrySetResult());
        server.app.Lifetime.ApplicationStopping.Register(() => stopped.TrySetResult());
        await Task.WhenAny(stopped.Task, server.Installation.Died);
        return server.Installation.Died.IsCompleted ? ExitCode.Failed : ExitCode.Ok;
    }

    public static async Task<Server> StartAsync(ServeOptions options, CancellationToken cancel)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(options.LogLevel)
            // Else every request would get an activity and a log scope that nobody reads.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            // A start that fails is told by who started it, in a line.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).AddSimpleConsole(console => console.SingleLine = true));
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseUrls([.. options.Urls]).ConfigureKestrel(kestrel => Bound(kestrel, options.Settings));
        // Ingest never blocks, so it may run where the socket was read: a change of thread less for each request and answer.
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopWithin);

        options = WithLinks(options);
        // A decider's commit blocks the thread that makes it: that must not leave the requests without one.
        ThreadPool.SetMinThreads(Environment.ProcessorCount + 2, Environment.ProcessorCount);
        var log = await SqliteLog.OpenAsync(options.DataFolder, cancel);
        Installation? installation = null;
        try
        {
            installation = new(options.Settings, log, options.Shadow, options.Time, options.Terminal ?? TextWriter.Null, loggers.CreateLogger("pipeline"));
            Register(builder.Services, options, log, installation);
            var app = builder.Build();
            app.MapApi();
            app.MapIngest(new(installation.Intake, () => installation.Identities, options.Settings.Limits, new Access(options.Settings.Auth.Ingest), options.Time));
            // Listens while it recovers: /healthz answers, ingest says 503.
            await ListenAsync(app, cancel);
            ServedAddress.Note(options.DataFolder, app.Urls.First(), loggers.CreateLogger("pipeline"));
            await installation.StartAsync(cancel);
            return new(app, installation, loggers, options.DataFolder);
        }
        catch
        {
            await (installation?.DisposeAsync() ?? log.DisposeAsync());
            throw;
        }
    }

    private static async Task ListenAsync(WebApplication app, CancellationToken cancel)
    {
        try
        {
            await app.StartAsync(cancel);
        }
        catch (IOException e)
        {
            throw new IOException($"{e.Message.TrimEnd('.')}; stop what listens there, or name another address with --urls", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        ServedAddress.Remove(folder);
        // Ingest refuses first, so that what is in flight is answered truthfully.
        await Installation.DisposeAsync();
        await app.StopAsync();
        await app.DisposeAsync();
        loggers.Dispose();
    }

    /// <summary>Pages link to where we listen, unless the configuration knows better.</summary>
    private static ServeOptions WithLinks(ServeOptions options)
    {
        var rules = options.Settings.Rules;
        if (rules.Page.LinkBase != RuleSet.Default.Page.LinkBase || options.Urls[0].EndsWith(":0", StringComparison.Ordinal)) return options;
        return options with { Settings = options.Settings with { Rules = rules with { Page = rules.Page with { LinkBase = options.Urls[0] } } } };
    }

    private static void Register(IServiceCollection services, ServeOptions options, ILog log, Installation installation)
    {
        services.AddSingleton(options.Settings).AddSingleton(options.Time).AddSingleton(log).AddSingleton(installation.Views)
            .AddSingleton<IActs>(installation).AddSingleton<IReadiness>(installation).AddSingleton<IResubmit>(installation)
            .AddSingleton<IDeciding>(installation)
            .AddSingleton(installation.PageDesk);
        services.AddApi();
    }

    private static void Bound(KestrelServerOptions kestrel, Settings settings)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        // Ingest refuses by its own limit, in words. The transport takes more, so that who sent too much can finish and read the answer.
        limits.MaxRequestBodySize = settings.Limits.BodyBytes * 16L;
        limits.MaxConcurrentConnections = limits.MaxConcurrentUpgradedConnections = Connections;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        limits.MinRequestBodyDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
    }

    private static async Task WelcomeAsync(Server server, ServeOptions options, TextWriter terminal)
    {
        var shadow = options.Shadow ? ", and pages nobody (--shadow)" : "";
        await terminal.WriteLineAsync($$"""
            pipeline listens on {{server.Url}}, keeps its log in {{options.DataFolder}}{{shadow}}
            try:  curl {{server.Url}}/ingest/generic -d '{"labels":{"alertname":"HostDown","host":"db-1"},"severity":"critical","summary":"db-1 does not answer"}'
            then: curl {{server.Url}}/api/incidents
            """);
        await terminal.FlushAsync();
    }
}
