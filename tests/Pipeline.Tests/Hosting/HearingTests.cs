using Dedupe.Log;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Config;
using Pipeline.Hosting;
using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Stores;
using Stores.Sqlite;
using Xunit;

namespace Pipeline.Tests.Hosting;

/// <summary>A broker that is away is no silence of the sources.</summary>
public sealed class HearingTests
{
    [Fact]
    public async Task While_a_scope_is_not_heard_nothing_falls_due_in_it_and_then_that_time_is_noted()
    {
        using var folder = new TemporaryFolder();
        await using var log = await SqliteLog.OpenAsync(folder.Path);
        var time = new FakeTimeProvider(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var deciding = new Pipeline.Hosting.Deciding(Reading.OfText("", "pipeline.yaml").Settings, log, new(), time, NullLogger.Instance, (_, _, _) => { });
        var scope = await log.ScopeAsync("default", CancellationToken.None);
        deciding.Start();
        await deciding.OpenAsync([new(scope, "default")], CancellationToken.None);
        var before = (await log.PositionAsync(scope, CancellationToken.None)).LastInput;

        deciding.Deafen(scope);
        var deaf = time.GetUtcNow();
        for (var second = 0; second < 200; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        await deciding.HearAsync(scope, CancellationToken.None);

        var first = (await log.ReadInputsAsync(scope, before + 1, CancellationToken.None).ToListAsync(TestContext.Current.CancellationToken))[0];
        Assert.Equal(InputKind.Blind, first.Kind);
        var blind = HostingJson.ReadBlind(first.Body.Span);
        Assert.Equal((deaf, deaf + TimeSpan.FromSeconds(200)), (blind.From, blind.To));
        // From now on time passes again.
        await Wait.ForAsync("a tick", async () =>
        {
            time.Advance(TimeSpan.FromSeconds(10));
            return (await log.ReadInputsAsync(scope, first.Number + 1, CancellationToken.None).ToListAsync()).Exists(i => i.Kind == InputKind.Tick) ? "" : null;
        }, () => "none came");
    }

    [Fact]
    public async Task A_moment_without_hearing_is_not_worth_noting()
    {
        using var folder = new TemporaryFolder();
        await using var log = await SqliteLog.OpenAsync(folder.Path);
        var time = new FakeTimeProvider(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var deciding = new Pipeline.Hosting.Deciding(Reading.OfText("", "pipeline.yaml").Settings, log, new(), time, NullLogger.Instance, (_, _, _) => { });
        var scope = await log.ScopeAsync("default", CancellationToken.None);
        deciding.Start();
        deciding.Deafen(scope);
        await deciding.OpenAsync([new(scope, "default")], CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(2));
        await deciding.HearAsync(scope, CancellationToken.None);
        Assert.DoesNotContain(await log.ReadInputsAsync(scope, 1, CancellationToken.None).ToListAsync(TestContext.Current.CancellationToken), i => i.Kind == InputKind.Blind);
    }
}
