using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Pipeline.Tests.Stores.EventStore;

/// <summary>A loopback server that speaks what was observed of EventStoreDB 23.10. Its streams outlive its clients.</summary>
internal sealed class FakeEventStore : IAsyncDisposable
{
    private readonly WebApplication app;

    private FakeEventStore(WebApplication app, FakeStreams streams, Faults faults) => (this.app, Streams, Faults) = (app, streams, faults);

    public FakeStreams Streams { get; }

    public Faults Faults { get; }

    public int Port { get; private set; }

    public Uri Address => new($"esdb://127.0.0.1:{Port}?tls=false");

    /// <param name="streams">Another node's, for a cluster; null for its own.</param>
    /// <param name="port">One that was used before, for a restarted node; 0 for any.</param>
    public static async Task<FakeEventStore> StartAsync(FakeStreams? streams = null, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        var (kept, faults) = (streams ?? new(), new Faults());
        builder.Services.AddSingleton(kept).AddSingleton(faults).AddSingleton<FakeService>();
        // A server that is killed does not wait for its clients.
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(1));
        var app = builder.Build();
        app.MapGrpcService<FakeService>();
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new(app, kept, faults) { Port = new Uri(address).Port };
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
