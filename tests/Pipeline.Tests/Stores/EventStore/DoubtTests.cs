using System.Text;
using Ingest;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Hosting;
using Pipeline.Tests.Counterparts;
using Xunit;
using Holder = Pipeline.Hosting.Deciding;

namespace Pipeline.Tests.Stores.EventStore;

/// <summary>What is recorded although nobody heard so.</summary>
public sealed class DoubtTests : OnFakeEventStore
{
    [Fact]
    public async Task A_delivery_whose_answer_is_lost_is_decided_though_nothing_comes_behind_it()
    {
        // Time stands still: nothing falls due, and no tick wakes anybody.
        var time = new FakeTimeProvider(Day);
        await using var deciding = new Holder(new(), log, new(), time, NullLogger.Instance, (_, _, _) => { });
        deciding.Start();
        await deciding.OpenAsync([new(scope, ScopeNames.Default)], Cancel);
        Assert.Equal(IntakeStatus.Recorded, await TakeAsync(deciding, "HostDown"));
        await Wait.ForAsync("it being decided", async () => (await log.PositionAsync(scope, Cancel)).LastDecided == await LastInputAsync() ? "" : null, () => "it is not");
        Faults.LoseAnswer("pipeline-inputs-1");
        Assert.Equal(IntakeStatus.Unavailable, await TakeAsync(deciding, "DiskFull"));
        await Wait.ForAsync("what was recorded all the same being decided", async () => (await log.PositionAsync(scope, Cancel)).LastDecided == await LastInputAsync() ? "" : null, () => "it waits for another input");
    }

    private async Task<long> LastInputAsync() => (await log.PositionAsync(scope, Cancel)).LastInput;

    private static async Task<IntakeStatus> TakeAsync(Holder holder, string name)
    {
        var body = Encoding.UTF8.GetBytes($$$"""{"labels":{"alertname":"{{{name}}}"}}""");
        var parsed = Sources.Parse("generic", body, new(new Dedupe.Vocabulary.Identities(Dedupe.Rules.RuleSet.Default.Identity), new(), Day));
        return (await holder.Recorder.TakeAsync(ScopeNames.Default, name, new("generic", Day, null, body, parsed))).Status;
    }
}
