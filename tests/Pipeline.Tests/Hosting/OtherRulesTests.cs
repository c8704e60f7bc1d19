using Dedupe.Log;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Ingest;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Config;
using Pipeline.Hosting;
using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Faults;
using Pipeline.Tests.Stores;
using Stores.Sqlite;
using Holder = Pipeline.Hosting.Deciding;
using Xunit;

namespace Pipeline.Tests.Hosting;

/// <summary>Two processes that both think that a scope is theirs, while rules are changed from one to the next.</summary>
public sealed class OtherRulesTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private SqliteLog log = null!;

    public async ValueTask InitializeAsync() => log = await SqliteLog.OpenAsync(folder.Path);

    [Fact]
    public async Task What_a_stale_holder_records_is_read_again_as_it_was_decided()
    {
        var plain = RuleSet.Default;
        var other = plain with { Identity = plain.Identity with { Volatile = [.. plain.Identity.Volatile, "shard"] } };
        var scope = await log.ScopeAsync(ScopeNames.Default, CancellationToken.None);
        await using (var stale = await HolderAsync(plain, scope))
        {
            Assert.Equal(IntakeStatus.Recorded, await TakeAsync(stale, plain, 1));
            await using (var next = await HolderAsync(other, scope)) Assert.Equal(IntakeStatus.Recorded, await TakeAsync(next, other, 2));
            // It learns only now that it is not the only one; what it was given is handed out again.
            Assert.Equal(IntakeStatus.Unavailable, await TakeAsync(stale, plain, 3));
            Assert.Equal(IntakeStatus.Recorded, await TakeAsync(stale, plain, 3));
            // The next one is decided as it was parsed, not as it is read again on the way back to where the log stands.
            await SettledAsync(stale);
            Assert.Equal(IntakeStatus.Recorded, await TakeAsync(stale, plain, 4));
        }
        Assert.Null(await LogCheck.DifferenceAsync(log, scope, ScopeNames.Default, (_, _) => { }));
        // Once for each that began, and once where the other's might have been in force.
        Assert.Equal(3, await log.ReadInputsAsync(scope, 1, CancellationToken.None).CountAsync(i => i.Kind == InputKind.Rules));
    }

    public async ValueTask DisposeAsync()
    {
        await log.DisposeAsync();
        folder.Dispose();
    }

    private async Task<Holder> HolderAsync(RuleSet rules, int scope)
    {
        var deciding = new Holder(new() { Rules = rules }, log, new(), TimeProvider.System, NullLogger.Instance, (_, _, _) => { });
        deciding.Start();
        await deciding.OpenAsync([new(scope, ScopeNames.Default)], CancellationToken.None);
        await SettledAsync(deciding);
        return deciding;
    }

    private static async Task SettledAsync(Holder deciding) =>
        await Wait.ForAsync("all being decided", async () => await deciding.SettledAsync(CancellationToken.None) ? "" : null, () => "it is not");

    private static async Task<IntakeStatus> TakeAsync(Holder holder, RuleSet rules, int number)
    {
        var body = System.Text.Encoding.UTF8.GetBytes($$$"""[{"labels":{"alertname":"HostDown","shard":"{{{number}}}"}},{"labels":{"alertname":"HostDown","shard":"x"}}]""");
        var parsed = Sources.Parse("generic", body, new(new Identities(rules.Identity), new(), DateTimeOffset.UtcNow));
        return (await holder.Recorder.TakeAsync(ScopeNames.Default, $"d-{number}", new("generic", DateTimeOffset.UtcNow, null, body, parsed))).Status;
    }
}
