using Dedupe.Rules;
using Ingest;
using Ingest.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Console;
using Pipeline.Api;
using Pipeline.Cli;
using Pipeline.Cluster;
using Pipeline.Config;

namespace Pipeline.Hosting;

/// <summary>One process that does everything: the installation and the HTTP in front of it.</summary>
public sealed class Server : IAsyncDisposable
{
    /// <summary>Connections at once, idle ones included; what comes beyond is closed at once.</summary>
    private const int Connections = 20_000;
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(4);

    private readonly WebApplication app;

    private readonly ILoggerFactory loggers;
    private readonly string? folder;

    private Server(WebApplication app, IServed served, ILoggerFactory loggers, string? folder) =>
        (this.app, Served, this.loggers, this.folder) = (app, served, loggers, folder);

    /// <summary>What is served.</summary>
    public IServed Served { get; }

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
        await Task.WhenAny(stopped.Task, server.Served.Died);
        return server.Served.Died.IsCompleted ? ExitCode.Failed : ExitCode.Ok;
    }

    public static async Task<Server> StartAsync(ServeOptions options, CancellationToken cancel)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(options.LogLevel)
            // Else every request would get an activity and a log scope that nobody reads.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            // A start that fails is told by who started it, in a line.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
            .AddConsole(console => (console.LogToStandardErrorThreshold, console.FormatterName) = (LogLevel.Trace, LogLines.Called))
            .Services.AddSingleton<ConsoleFormatter>(new LogLines(options.Time)));
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseUrls([.. options.Urls]).ConfigureKestrel(kestrel => Bound(kestrel, options.Settings));
        // Ingest never blocks, so it may run where the socket was read: a change of thread less for each request and answer.
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopWithin);

        options = WithLinks(options);
        // A decider's commit blocks the thread that makes it: that must not leave the requests without one.
        ThreadPool.SetMinThreads(Environment.ProcessorCount + 2, Environment.ProcessorCount);
        var served = await OpenAsync(options, loggers, cancel);
        try
        {
            Register(builder.Services, options, served);
            var app = builder.Build();
            SocketThread.KeepFree(app);
            Map(app, options, served);
            // Listens while it recovers: /healthz answers, ingest says 503.
            await ListenAsync(app, cancel);
            var folder = options.Settings.Cluster is null ? options.DataFolder : null;
            if (folder is not null) ServedAddress.Note(folder, app.Urls.First(), loggers.CreateLogger("pipeline"));
            await served.StartAsync(cancel);
            return new(app, served, loggers, folder);
        }
        catch
        {
            await served.DisposeAsync();
            throw;
        }
    }

    /// <summary>Everything in one process with its log in a folder or elsewhere; or, with a broker, one process of a cluster.</summary>
    private static async Task<IServed> OpenAsync(ServeOptions options, ILoggerFactory loggers, CancellationToken cancel)
    {
        var (settings, terminal) = (options.Settings, options.Terminal ?? TextWriter.Null);
        if (settings.Cluster is { Broker: not null })
            return await ClusterNode.OpenAsync(new(settings, options.Role, options.Shadow, options.Time, terminal, loggers), cancel);
        var place = settings.Cluster is { } elsewhere ? LogPlace.Parse(elsewhere.Store) : new(options.DataFolder, options.DataFolder, IsFolder: true);
        var log = await place.OpenServedAsync(cancel);
        return new Installation(settings, log, options.Shadow, options.Time, terminal, loggers.CreateLogger("pipeline"));
    }

    private static void Map(WebApplication app, ServeOptions options, IServed served)
    {
        BareAnswers.Explain(app, options.Role == Role.All ? null : options.Role.Word());
        if (served.Queried is not null) app.MapApi();
        else app.MapHealth();
        if (served.Intake is { } intake)
            app.MapIngest(new(intake, () => served.Identities, options.Settings.Limits, new Access(options.Settings.Auth.Ingest), options.Time));
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
        if (folder is not null) ServedAddress.Remove(folder);
        // Ingest refuses first, so that what is in flight is answered truthfully.
        await Served.DisposeAsync();
        await app.StopAsync();
        await app.DisposeAsync();
        loggers.Dispose();
    }

    /// <summary>Pages link to where we listen, unless the configuration knows better; in a cluster only it does, since each process listens elsewhere.</summary>
    private static ServeOptions WithLinks(ServeOptions options)
    {
        var rules = options.Settings.Rules;
        if (options.Settings.Cluster is { Broker: not null }) return options;
        if (rules.Page.LinkBase != RuleSet.Default.Page.LinkBase || options.Urls[0].EndsWith(":0", StringComparison.Ordinal)) return options;
        return options with { Settings = options.Settings with { Rules = rules with { Page = rules.Page with { LinkBase = options.Urls[0] } } } };
    }

    private static void Register(IServiceCollection services, ServeOptions options, IServed served)
    {
        services.AddSingleton(options.Settings).AddSingleton(options.Time).AddSingleton<IReadiness>(served).AddSingleton(served.Queried?.Views ?? new());
        if (served.Queried is { } queried)
            services.AddSingleton(queried.Log).AddSingleton(queried.Acts).AddSingleton(queried.Resubmit).AddSingleton(queried.Desk)
                .AddSingleton(queried.Deciding).AddSingleton(queried.Learned);
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
        await terminal.WriteLineAsync($"pipeline listens on {server.Url}, {What(options)}{shadow}");
        if (server.Served.Intake is not null)
            await terminal.WriteLineAsync($$"""
                try:  curl {{server.Url}}/ingest/generic -d '{"labels":{"alertname":"HostDown","host":"db-1"},"severity":"critical","summary":"db-1 does not answer"}'
                """);
        if (server.Served.Queried is not null) await terminal.WriteLineAsync($"then: curl {server.Url}/api/incidents");
        await terminal.FlushAsync();
    }

    /// <summary>What this process is, without the passwords that addresses may hold.</summary>
    private static string What(ServeOptions options) => options.Settings.Cluster switch
    {
        null => $"keeps its log in {options.DataFolder}",
        { Broker: { } broker } => $"is a cluster's {options.Role.Word()} node at broker {Broker.BrokerAddress.Parse(broker, out _)}",
        { Store: var store } => $"keeps its log at {new Uri(store).Host}",
    };
}
