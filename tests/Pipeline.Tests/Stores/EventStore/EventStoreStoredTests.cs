using System.Text;
using Dedupe.Log;
using global::Stores.EventStore;
using Xunit;

namespace Pipeline.Tests.Stores.EventStore;

/// <summary>How the log lies in EventStoreDB: what is in parts, what goes, what a second process sees.</summary>
public sealed class EventStoreStoredTests : OnFakeEventStore
{
    [Fact]
    public async Task A_commit_over_the_limit_is_one_event_and_its_parts_alone_are_nothing()
    {
        var large = new byte[600_000];
        DecisionRecord[] commit = [Decision(1) with { Data = large }, Decision(2) with { Data = large }, Decision(3, "inc_a")];
        Faults.AtAppend = stream => stream == "pipeline-decisions-1" ? throw new IOException("killed behind the parts") : Task.CompletedTask;
        await Assert.ThrowsAsync<IOException>(async () => await log.AppendDecisionsAsync(scope, 0, commit, Cancel));
        Assert.Equal(1, server.Streams.Last("pipeline-decisions-1-parts"));
        Assert.Equal(0, (await log.PositionAsync(scope, Cancel)).LastDecision);
        Assert.Empty(await log.ReadDecisionsAsync(scope, 1, Cancel).ToListAsync(Cancel));

        Faults.AtAppend = null;
        await log.AppendDecisionsAsync(scope, 0, commit, Cancel);
        Assert.Equal(0, server.Streams.Last("pipeline-decisions-1"));
        await log.AppendDecisionsAsync(scope, 3, [Decision(4), Decision(5)], Cancel);
        await using var again = await EventStoreLog.OpenAsync(server.Address, Cancel);
        Assert.Equal(5, (await again.PositionAsync(scope, Cancel)).LastDecision);
        for (var from = 1; from <= 6; from++)
            Assert.Equal(
                Enumerable.Range(from, 6 - from).Select(v => (long)v),
                (await again.ReadDecisionsAsync(scope, from, Cancel).ToListAsync(Cancel)).Select(d => d.Version));
        Assert.Equal([3], (await again.ReadIncidentAsync(scope, "inc_a", Cancel).ToListAsync(Cancel)).Select(d => d.Version));
        await using var followed = again.FollowDecisionsAsync(scope, 3, Cancel).GetAsyncEnumerator(Cancel);
        for (var version = 3; version <= 5; version++) Assert.Equal(version, (await NextAsync(followed)).Version);
    }

    [Fact]
    public async Task Parts_go_with_the_day_that_names_them_and_not_before()
    {
        var body = new byte[2_000_000];
        await log.AppendInputsAsync([Input(1) with { Body = body }], Cancel);
        await log.AppendInputsAsync([Input(2) with { At = Day.AddDays(1), Body = body }, Input(3) with { At = Day.AddDays(2) }], Cancel);
        await log.AppendDecisionsAsync(scope, 0, [Decision(1) with { Input = 3 }], Cancel);
        Assert.Equal(1, await log.TrimAsync(Day.AddDays(1), DateTimeOffset.MinValue, null, Cancel));
        Assert.Equal([2, 3], await InputNumbersAsync());
        Assert.Equal(3, server.Streams.Visible("pipeline-inputs-1-parts")![0].Revision);
        Assert.Equal(1, await log.TrimAsync(Day.AddDays(2), DateTimeOffset.MinValue, null, Cancel));
        Assert.Equal([3], await InputNumbersAsync());
    }

    [Theory]
    [InlineData(899_000)]
    [InlineData(900_000)]
    [InlineData(1_048_576)]
    [InlineData(1_800_000)]
    [InlineData(1_800_001)]
    public async Task Whatever_its_size_a_body_is_taken(int size)
    {
        var body = new byte[size];
        body[^1] = 7;
        await log.AppendInputsAsync([Input(1) with { Body = body }], Cancel);
        var read = Assert.Single(await log.ReadInputsAsync(scope, 1, Cancel).ToListAsync(Cancel));
        Assert.True(read.Body.Span.SequenceEqual(body));
    }

    [Fact]
    public async Task The_newest_whole_snapshot_counts_while_a_newer_one_is_half_written()
    {
        var state = new byte[2_000_000];
        state[^1] = 1;
        await log.SaveSnapshotAsync(scope, new("decider", "w", 1, 1, state), Cancel);
        var appends = 0;
        Faults.AtAppend = stream => stream.Contains("snapshot", StringComparison.Ordinal) && ++appends == 3 ? throw new IOException("killed") : Task.CompletedTask;
        await Assert.ThrowsAsync<IOException>(async () => await log.SaveSnapshotAsync(scope, new("decider", "w", 2, 2, state), Cancel));
        Assert.Equal(1, (await log.LoadSnapshotAsync(scope, "decider", Cancel))!.Input);
        Faults.AtAppend = null;
        await log.SaveSnapshotAsync(scope, new("decider", "w", 3, 3, state), Cancel);
        var loaded = await log.LoadSnapshotAsync(scope, "decider", Cancel);
        Assert.Equal((3, true), (loaded!.Input, loaded.Data.Span.SequenceEqual(state)));
        // What it replaced may be scavenged.
        Assert.Equal(3, server.Streams.Visible("pipeline-snapshot-1-decider")!.Count);
    }

    [Fact]
    public async Task Numbers_that_another_process_gave_are_seen_by_one_that_had_looked_before()
    {
        await using var other = await EventStoreLog.OpenAsync(server.Address, Cancel);
        await log.AppendDecisionsAsync(scope, 0, [Decision(1, "inc_a")], Cancel);
        Assert.Single(await other.ReadIncidentAsync(scope, "inc_a", Cancel).ToListAsync(Cancel));
        await log.AppendDecisionsAsync(scope, 1, [Decision(2, "inc_a"), .. Enumerable.Range(3, 600).Select(v => Decision(v)), Decision(603, "inc_a")], Cancel);
        Assert.Equal([1, 2, 603], (await other.ReadIncidentAsync(scope, "inc_a", Cancel).ToListAsync(Cancel)).Select(d => d.Version));
        Assert.Equal(2, await other.ScopeAsync("second", Cancel));
        Assert.Equal(3, await log.ScopeAsync("third", Cancel));
        Assert.Equal(["default", "second", "third"], (await other.ScopesAsync(Cancel)).Select(s => s.Value));
    }

    [Fact]
    public async Task A_log_of_a_newer_release_is_not_opened()
    {
        var newer = Encoding.UTF8.GetBytes("{\"format\":2}");
        var made = new FakeEvent(
            Guid.NewGuid(), "$$pipeline-scopes", -1, "$metadata", "application/json", default!, Google.Protobuf.ByteString.CopyFrom(newer), 0);
        Assert.NotNull(server.Streams.Append(made.Stream, null, [made with { Header = Google.Protobuf.ByteString.Empty }]));
        await Assert.ThrowsAsync<InvalidDataException>(() => EventStoreLog.OpenAsync(server.Address, Cancel));
    }

    [Fact]
    public async Task A_commit_of_ten_thousand_decisions_is_one_commit()
    {
        await log.AppendDecisionsAsync(scope, 0, [Decision(1)], Cancel);
        await log.AppendDecisionsAsync(scope, 1, [.. Enumerable.Range(2, 10_000).Select(v => Decision(v, $"inc_{v % 100}"))], Cancel);
        Assert.Equal(1, server.Streams.Last("pipeline-decisions-1"));
        await log.AppendDecisionsAsync(scope, 10_001, [Decision(10_002, "inc_7")], Cancel);
        Assert.Equal([10_000, 10_001, 10_002], (await log.ReadDecisionsAsync(scope, 10_000, Cancel).ToListAsync(Cancel)).Select(d => d.Version));
        var found = (await log.ReadIncidentAsync(scope, "inc_7", Cancel).ToListAsync(Cancel)).Select(d => d.Version).ToList();
        Assert.Equal([.. Enumerable.Range(2, 10_000).Where(v => v % 100 == 7).Select(v => (long)v), 10_002], found);
    }

    [Fact]
    public async Task Keys_and_outcomes_go_on_after_a_trim_and_a_reopening()
    {
        await log.AppendInputsAsync([Input(1) with { Key = "a" }, Input(2) with { Key = "b", ReceivedAt = Day.AddDays(2) }], Cancel);
        await log.AppendOutcomesAsync([Outcome("pg_1"), Outcome("pg_2") with { At = Day.AddDays(2) }], Cancel);
        await log.TrimAsync(DateTimeOffset.MinValue, Day.AddDays(1), null, Cancel);
        await using var again = await EventStoreLog.OpenAsync(server.Address, Cancel);
        await again.AppendInputsAsync([Input(3) with { Key = "c", ReceivedAt = Day.AddDays(2) }], Cancel);
        await again.AppendOutcomesAsync([Outcome("pg_3")], Cancel);
        Assert.Equal(["b", "c"], (await again.ReadKeysAsync(DateTimeOffset.MinValue, Cancel).ToListAsync(Cancel)).Select(k => k.Key));
        Assert.Equal(["pg_2", "pg_3"], (await again.ReadOutcomesAsync(Cancel).ToListAsync(Cancel)).Select(o => o.PageId));
    }
}
