using Dedupe.Log;
using global::Stores.EventStore;
using Xunit;

namespace Pipeline.Tests.Stores.EventStore;

/// <summary>The contract, on EventStoreDB's protocol as the fake speaks it.</summary>
public sealed class EventStoreLogContract : LogContract
{
    private FakeEventStore server = null!;

    public override async ValueTask InitializeAsync()
    {
        server = await FakeEventStore.StartAsync();
        await base.InitializeAsync();
    }

    protected override async Task<ILog> OpenAsync() => await EventStoreLog.OpenAsync(server.Address);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await server.DisposeAsync();
    }
}

/// <summary>The contract, on a real server: the one that EVENTSTORE_URL names.</summary>
[Trait("needs", "server")]
public sealed class EventStoreServerContract : LogContract
{
    private readonly string prefix = $"test-{Guid.NewGuid():N}";

    public override async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(
            string.IsNullOrEmpty(Url),
            "no EventStoreDB or KurrentDB is packaged for this machine; start one and set EVENTSTORE_URL=esdb://127.0.0.1:2113?tls=false");
        await base.InitializeAsync();
    }

    protected override async Task<ILog> OpenAsync() =>
        await EventStoreLog.OpenAsync(new(Url + (Url!.Contains('?', StringComparison.Ordinal) ? "&" : "?") + $"prefix={prefix}"));

    public override async ValueTask DisposeAsync()
    {
        if (!string.IsNullOrEmpty(Url)) await base.DisposeAsync();
    }

    private static string? Url => Environment.GetEnvironmentVariable("EVENTSTORE_URL");
}
