using System.Text;
using Dedupe.Log;
using global::Stores.EventStore;
using Xunit;

namespace Pipeline.Tests.Stores.EventStore;

/// <summary>What can go wrong between us and EventStoreDB, and what holds all the same.</summary>
public sealed class EventStoreFaultTests : OnFakeEventStore
{
    [Fact]
    public async Task Of_two_writers_of_one_number_the_second_is_refused_even_with_the_same_content()
    {
        await using var other = await EventStoreLog.OpenAsync(server.Address, Cancel);
        Assert.Equal(0, (await other.PositionAsync(scope, Cancel)).LastInput);
        await log.AppendInputsAsync([Input(1)], Cancel);
        await log.AppendDecisionsAsync(scope, 0, [Decision(1)], Cancel);
        await Assert.ThrowsAsync<WrongNumberException>(async () => await other.AppendInputsAsync([Input(1)], Cancel));
        await Assert.ThrowsAsync<WrongNumberException>(async () => await other.AppendDecisionsAsync(scope, 0, [Decision(1)], Cancel));
        await other.AppendInputsAsync([Input(2)], Cancel);
        await other.AppendDecisionsAsync(scope, 1, [Decision(2)], Cancel);
        Assert.Equal(new(2, Input(2).At, 2, 1, 1), await log.PositionAsync(scope, Cancel));
    }

    [Fact]
    public async Task After_a_lost_answer_nothing_is_sent_again_and_the_log_says_what_there_is()
    {
        await log.AppendInputsAsync([Input(1)], Cancel);
        Faults.LoseAnswer("pipeline-inputs-1");
        var before = Faults.Calls;
        await Assert.ThrowsAsync<IOException>(async () => await log.AppendInputsAsync([Input(2), Input(3)], Cancel));
        Assert.Equal(before + 1, Faults.Calls);
        Assert.Equal(3, (await log.PositionAsync(scope, Cancel)).LastInput);
        await log.AppendInputsAsync([Input(4)], Cancel);
        Assert.Equal([1, 2, 3, 4], await InputNumbersAsync());
    }

    [Fact]
    public async Task A_writer_that_lost_its_answer_and_repeats_the_commit_has_it_once()
    {
        Faults.LoseAnswer("pipeline-decisions-1");
        await Assert.ThrowsAsync<IOException>(async () => await log.AppendDecisionsAsync(scope, 0, [Decision(1), Decision(2)], Cancel));
        await Assert.ThrowsAsync<WrongNumberException>(async () => await log.AppendDecisionsAsync(scope, 0, [Decision(1), Decision(2)], Cancel));
        Assert.Equal([1, 2], (await log.ReadDecisionsAsync(scope, 1, Cancel).ToListAsync(Cancel)).Select(d => d.Version));
    }

    [Fact]
    public async Task Inputs_of_several_scopes_that_break_off_are_whole_in_each_and_their_key_is_not_taken()
    {
        var other = await log.ScopeAsync("other", Cancel);
        InputRecord[] both = [Input(1) with { Key = "k" }, Input(1) with { Key = "k", Scope = other }, Input(2), Input(2) with { Scope = other }];
        Faults.AtAppend = async stream =>
        {
            if (stream != $"pipeline-inputs-{other}") return;
            Faults.AtAppend = null;
            await using var second = await EventStoreLog.OpenAsync(server.Address, Cancel);
            await second.AppendInputsAsync([Input(1) with { Scope = other, Id = "of another writer" }], Cancel);
        };
        // No wrong number: of that it is said that nothing was written.
        await Assert.ThrowsAsync<IOException>(async () => await log.AppendInputsAsync(both, Cancel));
        Assert.Equal(2, (await log.PositionAsync(scope, Cancel)).LastInput);
        Assert.Equal(1, (await log.PositionAsync(other, Cancel)).LastInput);
        Assert.Empty(await log.ReadKeysAsync(DateTimeOffset.MinValue, Cancel).ToListAsync(Cancel));

        await log.AppendInputsAsync([Input(3) with { Key = "k" }, Input(2) with { Key = "k", Scope = other }], Cancel);
        Assert.Single(await log.ReadKeysAsync(DateTimeOffset.MinValue, Cancel).ToListAsync(Cancel));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Dropped_at_any_event_a_follower_gets_each_one_once(int events)
    {
        await log.AppendDecisionsAsync(scope, 0, [Decision(1), Decision(2), Decision(3), Decision(4)], Cancel);
        Faults.DropAfter("pipeline-decisions-1", events);
        await using var followed = log.FollowDecisionsAsync(scope, 1, Cancel).GetAsyncEnumerator(Cancel);
        for (var version = 1; version <= 4; version++) Assert.Equal(version, (await NextAsync(followed)).Version);
        Faults.DropSubscriptions();
        await log.AppendDecisionsAsync(scope, 4, [Decision(5)], Cancel);
        Assert.Equal(5, (await NextAsync(followed)).Version);
        // After the last one given, which a subscription does not give again.
        Assert.Equal([-1, events - 1, 3], Faults.Subscriptions.Select(s => s.After).Distinct());
    }

    [Fact]
    public async Task Followers_go_on_when_the_server_comes_back()
    {
        await log.AppendOutcomesAsync([Outcome("pg_1")], Cancel);
        await using var followed = log.FollowOutcomesAsync(1, Cancel).GetAsyncEnumerator(Cancel);
        Assert.Equal("pg_1", (await NextAsync(followed)).Outcome.PageId);
        var next = NextAsync(followed);
        var (port, streams) = (server.Port, server.Streams);
        await server.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(async () => await log.AppendOutcomesAsync([Outcome("pg_2")], Cancel));
        server = await FakeEventStore.StartAsync(streams, port);
        // Who follows has to come back by itself: this append is another process's.
        await using (var other = await EventStoreLog.OpenAsync(server.Address, Cancel)) await other.AppendOutcomesAsync([Outcome("pg_3")], Cancel);
        Assert.Equal("pg_3", (await next).Outcome.PageId);
        await log.AppendOutcomesAsync([Outcome("pg_4")], Cancel);
        Assert.Equal("pg_4", (await NextAsync(followed)).Outcome.PageId);
    }

    [Fact]
    public async Task A_page_that_breaks_off_is_read_again()
    {
        await log.AppendInputsAsync([Input(1), Input(2), Input(3)], Cancel);
        Faults.BreakRead("pipeline-inputs-1", 2);
        Assert.Equal([1, 2, 3], await InputNumbersAsync());
    }

    [Fact]
    public async Task Who_does_not_lead_names_the_leader_and_is_not_asked_again()
    {
        await using var leader = await FakeEventStore.StartAsync(server.Streams);
        await using var followed = log.FollowDecisionsAsync(scope, 1, Cancel).GetAsyncEnumerator(Cancel);
        await log.AppendInputsAsync([Input(1)], Cancel);
        Faults.Leader = $"127.0.0.1:{leader.Port}";
        var before = Faults.Calls;
        await log.AppendInputsAsync([Input(2)], Cancel);
        await log.AppendDecisionsAsync(scope, 0, [Decision(1)], Cancel);
        Assert.Equal((before + 1, 2), (Faults.Calls, leader.Faults.Calls));
        Assert.Equal([1, 2], await InputNumbersAsync());
        Faults.DropSubscriptions();
        Assert.Equal(1, (await NextAsync(followed)).Version);
    }

    [Fact]
    public async Task When_the_leader_dies_the_node_that_was_named_says_who_leads_now()
    {
        await using (var leader = await FakeEventStore.StartAsync(server.Streams))
        {
            Faults.Leader = $"127.0.0.1:{leader.Port}";
            await log.AppendInputsAsync([Input(1)], Cancel);
        }
        Faults.Leader = null;
        await Assert.ThrowsAsync<IOException>(async () => await log.AppendInputsAsync([Input(2)], Cancel));
        Assert.Equal(1, (await log.PositionAsync(scope, Cancel)).LastInput);
        await log.AppendInputsAsync([Input(2)], Cancel);
    }

    [Fact]
    public async Task While_nobody_leads_an_append_fails_and_says_so()
    {
        Faults.Leader = "";
        var refused = await Assert.ThrowsAsync<IOException>(async () => await log.AppendInputsAsync([Input(1)], Cancel));
        Assert.Contains("does not lead", refused.Message, StringComparison.Ordinal);
        Faults.Leader = null;
        await log.AppendInputsAsync([Input(1)], Cancel);
    }

    [Fact]
    public async Task A_server_that_takes_less_says_what_to_set()
    {
        Faults.LargestAppend = 1000;
        var refused = await Assert.ThrowsAsync<InvalidDataException>(
            async () => await log.AppendInputsAsync([Input(1) with { Body = new byte[2000] }], Cancel));
        Assert.Contains("MaxAppendSize", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await log.PositionAsync(scope, Cancel)).LastInput);
        await log.AppendInputsAsync([Input(1)], Cancel);
    }

    [Fact]
    public async Task A_deleted_stream_ends_a_follower_and_refuses_appends_with_what_to_do()
    {
        await using var followed = log.FollowDecisionsAsync(scope, 1, Cancel).GetAsyncEnumerator(Cancel);
        server.Streams.Tombstone("pipeline-decisions-1");
        var refused = await Assert.ThrowsAsync<InvalidDataException>(async () => await log.AppendDecisionsAsync(scope, 0, [Decision(1)], Cancel));
        Assert.Contains("prefix", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidDataException>(() => NextAsync(followed));
    }

    [Fact]
    public async Task Who_has_no_right_is_told_to_name_a_user_and_who_has_gets_in()
    {
        Faults.Password = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("ada:p@ss"));
        var refused = await Assert.ThrowsAsync<UnauthorizedAccessException>(() => EventStoreLog.OpenAsync(server.Address, Cancel));
        Assert.Contains("user:password", refused.Message, StringComparison.Ordinal);
        await using var open = await EventStoreLog.OpenAsync(new($"esdb://ada:p%40ss@127.0.0.1:{server.Port}?tls=false"), Cancel);
        await open.AppendInputsAsync([Input(1)], Cancel);
    }
}
