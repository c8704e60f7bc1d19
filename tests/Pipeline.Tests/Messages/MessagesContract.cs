using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Contracts;
using Pipeline.Messages;
using Pipeline.Tests.Architecture;
using Xunit;

namespace Pipeline.Tests.Messages;

/// <summary>What messages promise on every transport; a subclass a transport.</summary>
public abstract partial class MessagesContract : IAsyncDisposable
{
    private protected static readonly Act Note = new Act.AddNote(new("inc_0123456789ab"), "ada", "looking");
    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected MessageRig Rig { get; } = new();

    /// <summary>The broker's address, or null for everything in one process.</summary>
    private protected abstract Task<Uri?> BrokerAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Rig.DisposeAsync();
    }

    [Fact]
    public async Task A_subscriber_gets_the_events_of_an_incident_in_order_as_they_were_decided()
    {
        await Rig.OpenAsync(await BrokerAsync(), new FakeTimeProvider(MessageRig.Then));
        await Rig.PublishFromTheFirstAsync();
        await Rig.DecideAsync([.. DecisionSamples.All]);
        var heard = await Rig.Subscriber.TakeAsync(7);
        Assert.Equal(
            [
                nameof(IncidentOpened), nameof(IncidentReopened), nameof(IncidentResolved), nameof(IncidentWentStale),
                nameof(IncidentAcknowledged), nameof(IncidentAcknowledgementEnded), nameof(IncidentChanged),
            ],
            heard.Select(h => h.Event.GetType().Name));
        Assert.All(heard, h => Assert.Equal(EventsOf.MessageId(h.Event), h.Id));
        Assert.All(heard, h => Assert.Equal(MessageRig.Incident, h.Event.Incident));
        var changed = Assert.IsType<IncidentChanged>(heard[^1].Event);
        Assert.Equal("creeping", changed.Reason);
        Assert.Equal("from 80 to 89 in an hour", changed.Why);
        Assert.Equal(0.93, changed.Rank);
        Assert.Equal("messages", changed.Labels["service"]);
        Assert.Equal(("fedcba9876543210", 2), (changed.Fingerprint, changed.Count));
        Assert.Equal(Rig.Scope, changed.Scope);
    }

    [Fact]
    public async Task A_publisher_that_starts_again_goes_on_where_it_was()
    {
        await Rig.OpenAsync(await BrokerAsync(), new FakeTimeProvider(MessageRig.Then));
        await Rig.PublishFromTheFirstAsync();
        await Rig.DecideAsync(MessageRig.Opened("inc_1"));
        await Rig.Subscriber.TakeAsync(1);
        await Rig.StopPublishingAsync();
        await Rig.DecideAsync(MessageRig.Opened("inc_2"));
        Rig.Publish();
        var next = (await Rig.Subscriber.TakeAsync(1))[0].Event.Incident;
        // A stop between the broker's having it and saying so publishes it again.
        if (next == "inc_1") next = (await Rig.Subscriber.TakeAsync(1))[0].Event.Incident;
        Assert.Equal("inc_2", next);
    }

    [Fact]
    public async Task What_a_killed_publisher_had_sent_comes_again_under_the_same_id()
    {
        await Rig.OpenAsync(await BrokerAsync(), new FakeTimeProvider(MessageRig.Then));
        await Rig.PublishFromTheFirstAsync();
        await Rig.DecideAsync(MessageRig.Opened("inc_1"));
        var first = await Rig.Subscriber.TakeAsync(1);
        await Rig.StopPublishingAsync();
        await Rig.ForgetPositionAsync();
        Rig.Publish();
        Assert.Equal(first[0].Id, (await Rig.Subscriber.TakeAsync(1))[0].Id);
    }

    [Fact]
    public async Task An_old_log_publishes_no_history()
    {
        await Rig.OpenAsync(await BrokerAsync(), new FakeTimeProvider(MessageRig.Then.AddDays(30)));
        await Rig.DecideAsync(MessageRig.Opened("inc_1"), MessageRig.Opened("inc_2"));
        Rig.Publish();
        await Rig.PositionSavedAsync();
        await Rig.DecideAsync(MessageRig.Opened("inc_3"));
        Assert.Equal("inc_3", (await Rig.Subscriber.TakeAsync(1))[0].Event.Incident);
    }

    [Fact]
    public async Task A_follower_wakes_when_pages_are_due()
    {
        await Rig.OpenAsync(await BrokerAsync(), TimeProvider.System);
        var woken = Rig.Bus.PagesDue.WaitAsync(3, 41, Counterparts.Wait.Patience, Cancel);
        Assert.False(woken.IsCompleted);
        for (var version = 1; version <= 1_000; version++) Rig.Bus.Nudges.PagesDue(3, version);
        Assert.True(await woken);
        Assert.True(await Rig.Bus.PagesDue.WaitAsync(3, 999, Counterparts.Wait.Patience, Cancel));
    }

    [Fact]
    public async Task A_follower_that_nobody_wakes_looks_when_its_time_is_over()
    {
        var time = new FakeTimeProvider(MessageRig.Then);
        await Rig.OpenAsync(await BrokerAsync(), time);
        var waiting = Rig.Bus.PagesDue.WaitAsync(3, 0, TimeSpan.FromSeconds(1), Cancel).AsTask();
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await waiting.WaitAsync(Counterparts.Wait.Patience, Cancel));
    }
}
