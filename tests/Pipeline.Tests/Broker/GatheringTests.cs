using Pipeline.Broker;
using Xunit;

namespace Pipeline.Tests.Broker;

/// <summary>How ingest cuts what waits into messages, without a broker.</summary>
public sealed class GatheringTests
{
    private static readonly BrokerOptions Options = new()
    {
        Address = BrokerAddress.Parse("amqp://nowhere", out _)!, UnderWay = 3, UnderWayOfAScope = 2, Waiting = 2_000, WaitingBytes = 10 * 1024 * 1024,
    };

    private readonly Gathering gathering = new(Options);
    private int sequence;

    [Fact]
    public void The_first_goes_at_once_and_what_comes_while_enough_is_under_way_shares_the_next()
    {
        Add("a");
        var first = Take(1);
        Add("a");
        var second = Take(1);
        for (var i = 0; i < 1_500; i++) Add("a");
        Assert.False(gathering.TryTake(out _));
        gathering.Done(first, PublishOutcome.Confirmed);
        Take(1_024);
        gathering.Done(second, PublishOutcome.Confirmed);
        Take(476);
    }

    [Fact]
    public void A_message_holds_512_KiB_at_most_and_a_larger_delivery_goes_alone()
    {
        foreach (var size in new[] { 300, 100, 300, 600, 10 }) Add("a", size * 1024);
        Take(2, out var first);
        Take(1, out var second);
        Assert.False(gathering.TryTake(out _));
        gathering.Done(first, PublishOutcome.Confirmed);
        Take(1, out _);
        gathering.Done(second, PublishOutcome.Confirmed);
        Take(1, out _);
    }

    [Fact]
    public void One_scope_does_not_take_every_place()
    {
        for (var i = 0; i < 3; i++) Add("a", 500 * 1024);
        Add("b");
        Take(1);
        Assert.True(gathering.TryTake(out var other));
        Assert.Equal("b", other.Lane.Scope);
    }

    [Fact]
    public void Over_the_bound_on_count_or_bytes_nothing_more_is_taken_until_room_is_made()
    {
        for (var i = 0; i < Options.Waiting; i++) Add("a");
        Assert.Equal(Gathering.Added.Full, gathering.TryAdd([Part("a", 10)]));
        gathering.Done(Take(1_024), PublishOutcome.Confirmed);
        Add("a");
        Assert.Equal(Gathering.Added.Full, gathering.TryAdd([Part("b", 10 * 1024 * 1024)]));
    }

    [Fact]
    public void A_queue_without_a_confirm_refuses_what_comes_except_one_at_a_time_and_recovers()
    {
        Add("a");
        Add("b");
        var (silent, fine) = (Take(1), Take(1));
        Add("a");
        Assert.Single(gathering.Done(silent, PublishOutcome.Unconfirmed)); // who waited behind it is told too
        gathering.Done(fine, PublishOutcome.Confirmed);
        Add("a");
        Assert.Equal(Gathering.Added.Yes, gathering.TryAdd([Part("b", 10)]));
        var probe = Take(1);
        Assert.Equal(Gathering.Added.Stalled, gathering.TryAdd([Part("a", 10)]));
        gathering.Done(probe, PublishOutcome.Confirmed);
        Add("a");
        Add("a");
    }

    [Fact]
    public async Task It_is_idle_when_everything_is_answered()
    {
        Add("a");
        var message = Take(1);
        var idle = gathering.WhenIdleAsync();
        Assert.False(idle.IsCompleted);
        gathering.Done(message, PublishOutcome.Nacked);
        await idle;
    }

    private void Add(string scope, int bytes = 10) => Assert.Equal(Gathering.Added.Yes, gathering.TryAdd([Part(scope, bytes)]));

    private Gathering.Part Part(string scope, int bytes) =>
        new(new($"x-{++sequence}", scope, "generic", DateTimeOffset.UnixEpoch, null, new byte[bytes]), new());

    private Gathering.Message Take(int parts)
    {
        Take(parts, out var message);
        return message;
    }

    private void Take(int parts, out Gathering.Message message)
    {
        Assert.True(gathering.TryTake(out message));
        Assert.Equal(parts, message.Parts.Count);
    }
}
