using System.Text;
using Dedupe.Log;
using global::Stores.EventStore;
using Xunit;

namespace Pipeline.Tests.Stores.EventStore;

/// <summary>A fake server with the log open on it, and what is written there.</summary>
public abstract class OnFakeEventStore : IAsyncLifetime
{
    private protected static readonly DateTimeOffset Day = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
    private protected FakeEventStore server = null!;
    private protected EventStoreLog log = null!;
    private protected int scope;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected Faults Faults => server.Faults;

    public async ValueTask InitializeAsync()
    {
        server = await FakeEventStore.StartAsync();
        log = await EventStoreLog.OpenAsync(server.Address, Cancel);
        scope = await log.ScopeAsync("default", Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await log.DisposeAsync();
        await server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected async Task<IEnumerable<long>> InputNumbersAsync() =>
        (await log.ReadInputsAsync(scope, 1, Cancel).ToListAsync(Cancel)).Select(i => i.Number);

    private protected static async Task<T> NextAsync<T>(IAsyncEnumerator<T> followed)
    {
        Assert.True(await followed.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancel));
        return followed.Current;
    }

    private protected InputRecord Input(long number) =>
        new(scope, number, Day.AddMilliseconds(number), InputKind.Delivery, Day, "generic", $"d{number}", null, Encoding.UTF8.GetBytes($"body {number}"));

    private protected static DecisionRecord Decision(long version, string? incident = null) =>
        new(version, 1, Day.AddMilliseconds(version), "alert-decided", incident, Encoding.UTF8.GetBytes($"{{\"v\":{version}}}"));

    private protected static OutcomeRecord Outcome(string page) => new(page, "ops", PageState.Sent, Day, 1, "200 OK");
}
