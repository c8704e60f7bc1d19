using System.Text;
using Dedupe.Log;
using Xunit;

namespace Pipeline.Tests.Stores;

/// <summary>What every store must do. A backend's tests are one line: a subclass that opens it.</summary>
public abstract partial class LogContract : IAsyncLifetime
{
    private protected static readonly DateTimeOffset Day = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
    private protected static readonly DateTimeOffset Never = DateTimeOffset.MinValue;
    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected ILog log = null!;
    private protected int scope;

    /// <summary>Opens the store; the same contents again when it was open and closed before.</summary>
    protected abstract Task<ILog> OpenAsync();

    public virtual async ValueTask InitializeAsync()
    {
        log = await OpenAsync();
        scope = await log.ScopeAsync("default", Cancel);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await log.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Inputs_come_back_in_order_as_they_were_appended()
    {
        InputRecord[] written =
        [
            new(scope, 1, Day, InputKind.Delivery, Day.AddMilliseconds(-3), "generic", "d1", "key-1",
                Encoding.UTF8.GetBytes("{\"a\":\"é\"}")),
            new(scope, 2, Day.AddMilliseconds(1), InputKind.Tick, Day.AddMilliseconds(1), "", "", null, default),
            new(scope, 3, Day.AddDays(1), InputKind.Act, Day.AddDays(1), "api", "", "", new byte[] { 0, 255, 128 }),
        ];
        await log.AppendInputsAsync(written[..2], Cancel);
        await log.AppendInputsAsync(written[2..], Cancel);
        AssertSame(written, await Inputs(1));
    }

    [Fact]
    public async Task An_empty_log_stands_before_its_first_number()
    {
        Assert.Equal(new(0, DateTimeOffset.MinValue, 0, 0, 1), await log.PositionAsync(scope, Cancel));
        Assert.Empty(await Inputs(1));
        Assert.Empty(await Decisions(1));
        Assert.Null(await log.LoadSnapshotAsync(scope, "decider", Cancel));
    }

    [Fact]
    public async Task A_scope_keeps_its_number()
    {
        var other = await log.ScopeAsync("other", Cancel);
        Assert.NotEqual(scope, other);
        await ReopenAsync();
        Assert.Equal(scope, await log.ScopeAsync("default", Cancel));
        Assert.Equal(other, await log.ScopeAsync("other", Cancel));
        Assert.Equal([new(scope, "default"), new(other, "other")], await log.ScopesAsync(Cancel));
    }

    [Fact]
    public async Task Asked_for_at_once_a_scope_is_made_once()
    {
        var numbers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => log.ScopeAsync("busy", Cancel).AsTask()));
        Assert.Single(numbers.Distinct());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task An_input_that_does_not_follow_the_last_is_refused_with_its_whole_request(long wrong)
    {
        await log.AppendInputsAsync([Input(1), Input(2)], Cancel);
        await Assert.ThrowsAsync<WrongNumberException>(async () => await log.AppendInputsAsync([Input(wrong), Input(wrong + 1)], Cancel));
        await Assert.ThrowsAsync<WrongNumberException>(async () => await log.AppendInputsAsync([Input(3), Input(5)], Cancel));
        AssertSame([Input(1), Input(2)], await Inputs(1));
        await log.AppendInputsAsync([Input(3)], Cancel);
        Assert.Equal(3, (await log.PositionAsync(scope, Cancel)).LastInput);
    }

    [Fact]
    public async Task One_append_may_hold_inputs_of_several_scopes()
    {
        var other = await log.ScopeAsync("other", Cancel);
        await log.AppendInputsAsync(
            [Input(1), Input(1) with { Scope = other }, Input(2), Input(2) with { Scope = other }, Input(3)], Cancel);
        Assert.Equal([1, 2, 3], (await Inputs(1)).Select(i => i.Number));
        AssertSame([Input(1) with { Scope = other }, Input(2) with { Scope = other }], await Inputs(1, other));
    }

    [Fact]
    public async Task A_wrong_number_in_one_scope_refuses_the_other_scopes_inputs_too()
    {
        var other = await log.ScopeAsync("other", Cancel);
        await Assert.ThrowsAsync<WrongNumberException>(
            async () => await log.AppendInputsAsync([Input(1), Input(2) with { Scope = other }], Cancel));
        Assert.Empty(await Inputs(1));
        Assert.Equal(0, (await log.PositionAsync(scope, Cancel)).LastInput);
    }

    [Fact]
    public async Task Of_writers_at_once_each_number_is_given_to_one()
    {
        const int Writers = 8, Each = 50;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var done = 0; done < Each;)
            {
                var next = (await log.PositionAsync(scope, Cancel)).LastInput + 1;
                try
                {
                    await log.AppendInputsAsync([Input(next) with { Id = $"{writer}/{done}" }], Cancel);
                    done++;
                }
                catch (WrongNumberException)
                {
                    // Another one was first: that is what this is about.
                }
            }
        })));
        var inputs = await Inputs(1);
        Assert.Equal(Enumerable.Range(1, Writers * Each).Select(n => (long)n), inputs.Select(i => i.Number));
        Assert.Equal(Writers * Each, inputs.Select(i => i.Id).Distinct().Count());
    }

    [Fact]
    public async Task Reading_starts_at_a_number_and_goes_on_after_new_appends()
    {
        await log.AppendInputsAsync([.. Enumerable.Range(1, 2500).Select(n => Input(n))], Cancel);
        Assert.Equal([2499, 2500], (await Inputs(2499)).Select(i => i.Number));
        Assert.Empty(await Inputs(2501));
        await log.AppendInputsAsync([Input(2501)], Cancel);
        AssertSame([Input(2501)], await Inputs(2501));
        Assert.Equal(2501, (await Inputs(1)).Count);
    }

    [Fact]
    public async Task A_reading_under_way_ends_where_the_log_stood_when_it_began()
    {
        await log.AppendInputsAsync([.. Enumerable.Range(1, 3000).Select(n => Input(n))], Cancel);
        var read = 0L;
        await foreach (var input in log.ReadInputsAsync(scope, 1, Cancel))
        {
            if (read == 0) await log.AppendInputsAsync([Input(3001)], Cancel);
            Assert.Equal(++read, input.Number);
        }
        Assert.Equal(3000, read);
    }

    [Fact]
    public async Task Positions_are_the_same_after_a_reopening()
    {
        var other = await log.ScopeAsync("other", Cancel);
        await log.AppendInputsAsync([Input(1), Input(2) with { At = Day.AddDays(2) }, Input(1) with { Scope = other }], Cancel);
        await log.AppendDecisionsAsync(scope, 0, [Decision(1), Decision(2) with { Input = 2 }], Cancel);
        LogPosition expected = new(2, Day.AddDays(2), 2, 2, 1);
        Assert.Equal(expected, await log.PositionAsync(scope, Cancel));
        await ReopenAsync();
        Assert.Equal(expected, await log.PositionAsync(scope, Cancel));
        Assert.Equal(new(1, Input(1).At, 0, 0, 1), await log.PositionAsync(other, Cancel));
        await log.AppendInputsAsync([Input(3)], Cancel);
    }

    [Fact]
    public async Task Decisions_come_back_in_order_as_they_were_appended()
    {
        DecisionRecord[] written =
            [Decision(1), Decision(2, "inc_a"), Decision(3) with { At = Day.AddMonths(2), Data = Array.Empty<byte>() }];
        await log.AppendDecisionsAsync(scope, 0, written[..2], Cancel);
        await log.AppendDecisionsAsync(scope, 2, written[2..], Cancel);
        AssertSame(written, await Decisions(1));
        AssertSame(written[2..], await Decisions(3));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(3, 4)]
    [InlineData(2, 4)]
    public async Task A_commit_with_another_expected_version_is_refused_whole(long expected, long first)
    {
        await log.AppendDecisionsAsync(scope, 0, [Decision(1), Decision(2)], Cancel);
        await Assert.ThrowsAsync<WrongNumberException>(
            async () => await log.AppendDecisionsAsync(scope, expected, [Decision(first), Decision(first + 1)], Cancel));
        AssertSame([Decision(1), Decision(2)], await Decisions(1));
        Assert.Equal(2, (await log.PositionAsync(scope, Cancel)).LastDecision);
    }

    [Fact]
    public async Task Of_commits_at_once_on_one_version_one_is_taken()
    {
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            try
            {
                await log.AppendDecisionsAsync(scope, 0, [Decision(1, $"inc_{i}"), Decision(2, $"inc_{i}")], Cancel);
                return 1;
            }
            catch (WrongNumberException)
            {
                return 0;
            }
        })));
        Assert.Equal(1, taken.Sum());
        var decisions = await Decisions(1);
        Assert.Equal([1, 2], decisions.Select(d => d.Version));
        Assert.Equal(decisions[0].Incident, decisions[1].Incident);
    }

    [Fact]
    public async Task An_incident_is_read_alone_and_in_order()
    {
        var other = await log.ScopeAsync("other", Cancel);
        await log.AppendDecisionsAsync(scope, 0, [Decision(1, "inc_a"), Decision(2, "inc_b"), Decision(3)], Cancel);
        await log.AppendDecisionsAsync(scope, 3, [Decision(4, "inc_a") with { At = Day.AddMonths(1) }, Decision(5, "inc_b")], Cancel);
        await log.AppendDecisionsAsync(other, 0, [Decision(1, "inc_a")], Cancel);
        var found = await log.ReadIncidentAsync(scope, "inc_a", Cancel).ToListAsync(Cancel);
        AssertSame([Decision(1, "inc_a"), Decision(4, "inc_a") with { At = Day.AddMonths(1) }], found);
        Assert.Empty(await log.ReadIncidentAsync(scope, "inc_c", Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task Outcomes_come_back_in_the_order_they_were_appended()
    {
        OutcomeRecord[] written =
        [
            new("pg_1", "ops", PageState.Failing, Day.AddSeconds(2), 1, "connection refused"),
            new("pg_2", "ops", PageState.Sent, Day.AddSeconds(1), 1, "200 OK"),
            new("pg_1", "ops", PageState.Sent, Day.AddSeconds(3), 2, ""),
        ];
        await log.AppendOutcomesAsync(written[..1], Cancel);
        await log.AppendOutcomesAsync(written[1..], Cancel);
        await ReopenAsync();
        Assert.Equal(written, await log.ReadOutcomesAsync(Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task A_snapshot_replaces_the_one_of_its_scope_and_name()
    {
        var other = await log.ScopeAsync("other", Cancel);
        await log.SaveSnapshotAsync(scope, new("decider", "w1", 1, 1, new byte[] { 1 }), Cancel);
        await log.SaveSnapshotAsync(scope, new("incidents", "w1", 2, 2, new byte[] { 2 }), Cancel);
        await log.SaveSnapshotAsync(other, new("decider", "w1", 3, 3, new byte[] { 3 }), Cancel);
        await log.SaveSnapshotAsync(scope, new("decider", "w2", 4, 5, new byte[] { 4, 4 }), Cancel);
        await ReopenAsync();
        AssertSnapshot(new("decider", "w2", 4, 5, new byte[] { 4, 4 }), await log.LoadSnapshotAsync(scope, "decider", Cancel));
        AssertSnapshot(new("incidents", "w1", 2, 2, new byte[] { 2 }), await log.LoadSnapshotAsync(scope, "incidents", Cancel));
        AssertSnapshot(new("decider", "w1", 3, 3, new byte[] { 3 }), await log.LoadSnapshotAsync(other, "decider", Cancel));
        Assert.Null(await log.LoadSnapshotAsync(scope, "other", Cancel));
    }

    [Fact]
    public async Task Large_bodies_and_snapshots_are_kept_whole()
    {
        var body = new byte[5 * 1024 * 1024];
        new Random(7).NextBytes(body);
        var state = new byte[20 * 1024 * 1024];
        new Random(8).NextBytes(state);
        await log.AppendInputsAsync([Input(1) with { Body = body }, Input(2), Input(3) with { Body = body }], Cancel);
        await log.AppendDecisionsAsync(scope, 0, [Decision(1) with { Data = body }], Cancel);
        await log.SaveSnapshotAsync(scope, new("decider", "w", 3, 1, state), Cancel);
        var inputs = await Inputs(1);
        Assert.True(inputs[0].Body.Span.SequenceEqual(body));
        Assert.True(inputs[2].Body.Span.SequenceEqual(body));
        Assert.True((await Decisions(1))[0].Data.Span.SequenceEqual(body));
        Assert.True((await log.LoadSnapshotAsync(scope, "decider", Cancel))!.Data.Span.SequenceEqual(state));
    }

    [Fact]
    public async Task Keys_since_a_time_come_oldest_first_with_their_bodies_hashes()
    {
        await log.AppendInputsAsync(
            [Input(1) with { Key = "old" }, Input(2), Input(3) with { Key = "k3", ReceivedAt = Day.AddHours(3) }], Cancel);
        await log.AppendInputsAsync([Input(4) with { Key = "k4", Source = "logs", ReceivedAt = Day.AddHours(4) }], Cancel);
        Assert.Equal(
            [
                new("generic", "k3", KeyRecord.HashOf(Input(3).Body.Span), Day.AddHours(3)),
                new("logs", "k4", KeyRecord.HashOf(Input(4).Body.Span), Day.AddHours(4)),
            ],
            await log.ReadKeysAsync(Day.AddHours(3), Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task A_refused_input_leaves_no_key()
    {
        await Assert.ThrowsAsync<WrongNumberException>(
            async () => await log.AppendInputsAsync([Input(1) with { Key = "k" }, Input(3)], Cancel));
        Assert.Empty(await log.ReadKeysAsync(Never, Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task A_delivery_in_several_scopes_has_one_key()
    {
        var other = await log.ScopeAsync("other", Cancel);
        await log.AppendInputsAsync([Input(1) with { Key = "k" }, Input(1) with { Key = "k", Scope = other }], Cancel);
        Assert.Single(await log.ReadKeysAsync(Never, Cancel).ToListAsync(Cancel));
    }

    private protected async Task ReopenAsync()
    {
        await log.DisposeAsync();
        log = await OpenAsync();
    }

    private protected InputRecord Input(long number) =>
        new(scope, number, Day.AddMilliseconds(number), InputKind.Delivery, Day, "generic", $"d{number}", null,
            Encoding.UTF8.GetBytes($"body {number}"));

    private protected static DecisionRecord Decision(long version, string? incident = null) =>
        new(version, 1, Day.AddMilliseconds(version), "alert-decided", incident, Encoding.UTF8.GetBytes($"{{\"v\":{version}}}"));

    private protected ValueTask<List<InputRecord>> Inputs(long from, int? other = null) =>
        log.ReadInputsAsync(other ?? scope, from, Cancel).ToListAsync(Cancel);

    private protected ValueTask<List<DecisionRecord>> Decisions(long from) => log.ReadDecisionsAsync(scope, from, Cancel).ToListAsync(Cancel);

    private protected static void AssertSame(IEnumerable<InputRecord> expected, IEnumerable<InputRecord> actual)
    {
        Assert.Equal(expected.Select(i => i with { Body = default }), actual.Select(i => i with { Body = default }));
        Assert.Equal(expected.Select(i => Convert.ToHexString(i.Body.Span)), actual.Select(i => Convert.ToHexString(i.Body.Span)));
    }

    private protected static void AssertSame(IEnumerable<DecisionRecord> expected, IEnumerable<DecisionRecord> actual)
    {
        Assert.Equal(expected.Select(d => d with { Data = default }), actual.Select(d => d with { Data = default }));
        Assert.Equal(expected.Select(d => Convert.ToHexString(d.Data.Span)), actual.Select(d => Convert.ToHexString(d.Data.Span)));
    }

    private static void AssertSnapshot(SnapshotRecord expected, SnapshotRecord? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected with { Data = default }, actual with { Data = default });
        Assert.Equal(expected.Data.ToArray(), actual.Data.ToArray());
    }
}
