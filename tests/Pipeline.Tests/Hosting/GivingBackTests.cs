using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Ingest;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Hosting;
using Pipeline.Tests.Stores;
using Stores.Sqlite;
using Xunit;

namespace Pipeline.Tests.Hosting;

/// <summary>Without it 100,000 identities stood at 640 MiB after ten rounds instead of 390 (decision record 0005), and nothing else told.</summary>
public sealed class GivingBackTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_a_load_left_behind_is_given_back_after_200_000_alerts()
    {
        using var folder = new TemporaryFolder();
        await using var log = await SqliteLog.OpenAsync(folder.Path);
        var given = 0;
        var scope = await log.ScopeAsync("default", TestContext.Current.CancellationToken);
        var owner = new ScopeOwner(scope, "default", new(
            log, new FakeTimeProvider(Noon), NullLogger.Instance, name => new(name, new IngestLimits()), _ => { }, (_, _, _) => { }, () => given++, TestContext.Current.CancellationToken));
        await owner.StartAsync(TestContext.Current.CancellationToken);
        var alert = new Alert { Identity = new Identities(RuleSet.Default.Identity).Read([new("alertname", "HostDown"), new("host", "db-1")]), Severity = Severity.Warning };
        var body = Enumerable.Repeat(alert, 10_000).ToList();
        for (var number = 1; number <= 21; number++)
        {
            var input = new Input.Delivery { Number = number, At = Noon.AddSeconds(number), Source = "generic", Alerts = body };
            await log.AppendInputsAsync([new(scope, number, input.At, InputKind.Delivery, input.At, "generic", "", null, "[]"u8.ToArray())], TestContext.Current.CancellationToken);
            await owner.HandAsync(new(input, null));
        }
        owner.Close();
        await owner.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, given);
    }
}
