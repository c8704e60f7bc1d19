using Dedupe.Log;
using global::Stores.EventStore;
using Pipeline.Tests.Servers;
using Xunit;

namespace Pipeline.Tests.Stores.EventStore;

/// <summary>The contract, on EventStoreDB's protocol as the fake speaks it.</summary>
public sealed class EventStoreLogContract : SharedLogContract
{
    private FakeEventStore server = null!;
    private Servers.Wire wire = null!;

    public override async ValueTask InitializeAsync()
    {
        server = await FakeEventStore.StartAsync();
        wire = new(server.Port);
        await base.InitializeAsync();
    }

    protected override async Task<ILog> OpenAsync() => await EventStoreLog.OpenAsync(new($"esdb://127.0.0.1:{wire.Port}?tls=false"), Cancel);

    protected override Task BreakConnectionsAsync()
    {
        wire.Cut();
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await wire.DisposeAsync();
        await server.DisposeAsync();
    }
}

/// <summary>The contract, on a real server: the one that EVENTSTORE_URL names, on this machine's loopback.</summary>
[Trait("needs", "server")]
public sealed class EventStoreServerContract : SharedLogContract
{
    private readonly string prefix = $"test-{Guid.NewGuid():N}";
    private Uri url = null!;
    private Servers.Wire? wire;

    public override async ValueTask InitializeAsync()
    {
        var named = Environment.GetEnvironmentVariable("EVENTSTORE_URL");
        Assert.SkipWhen(
            string.IsNullOrEmpty(named),
            "no EventStoreDB or KurrentDB is packaged for this machine; start one and set EVENTSTORE_URL=esdb://127.0.0.1:2113?tls=false");
        url = new(named!);
        wire = new(url.Port > 0 ? url.Port : 2113);
        await base.InitializeAsync();
    }

    protected override async Task<ILog> OpenAsync()
    {
        var through = new UriBuilder(url) { Host = "127.0.0.1", Port = wire!.Port };
        through.Query = (through.Query.Length > 1 ? through.Query + "&" : "?") + $"prefix={prefix}";
        return await EventStoreLog.OpenAsync(through.Uri, Cancel);
    }

    protected override Task BreakConnectionsAsync()
    {
        wire!.Cut();
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        if (wire is null) return;
        await base.DisposeAsync();
        await wire.DisposeAsync();
    }
}
