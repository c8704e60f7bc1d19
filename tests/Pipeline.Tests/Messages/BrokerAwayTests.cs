using Pipeline.Contracts;
using Pipeline.Messages;
using Pipeline.Tests.Broker;
using Pipeline.Tests.Counterparts;
using Xunit;

namespace Pipeline.Tests.Messages;

/// <summary>A broker that is killed while events are published.</summary>
[Trait("needs", "server")]
public sealed class BrokerAwayTests
{
    private const int Before = 200, While = 200;

    [Fact]
    public async Task A_broker_that_is_away_delays_events_and_loses_none()
    {
        await using var server = await RabbitServer.StartAsync();
        // Not a quorum queue: RabbitMQ 3.10 writes down half a second later that there is a new one, and after a kill before that it has no leader for ever.
        await using var rig = new MessageRig(quorum: false);
        await rig.OpenAsync(new(server.Url), TimeProvider.System);
        await rig.PublishFromTheFirstAsync();
        for (var i = 0; i < Before; i++) await rig.DecideAsync(MessageRig.Opened($"inc_{i}"));
        var heard = new List<IIncidentEvent>((await rig.Subscriber.TakeAsync(20)).Select(h => h.Event));
        // So are those of acts and nudges, which are quorum queues as where they are used.
        await server.RememberedAsync([Names.ActsOf(rig.Node), Names.PagesDueOf(rig.Node)]);
        await server.KillAsync();
        for (var i = Before; i < Before + While; i++) await rig.DecideAsync(MessageRig.Opened($"inc_{i}"));
        await server.StartAgainAsync();
        var seen = heard.Select(e => e.Version).ToHashSet();
        while (seen.Count < Before + While)
        {
            var next = (await rig.Subscriber.TakeAsync(1))[0].Event;
            // Twice is allowed; out of order is not.
            if (seen.Add(next.Version)) heard.Add(next);
        }
        Assert.Equal(Enumerable.Range(0, Before + While).Select(i => $"inc_{i}"), heard.Select(e => e.Incident));
        // And the nodes hear each other again.
        // (MassTransit connects again after 3, 6, up to 30 s; until then the answer is late, and asking again is safe.)
        await Wait.ForAsync("an act that is decided", async () =>
            await rig.Acts.ActAsync(rig.ScopeNumber, new Dedupe.Deciding.Act.AddNote(new("inc_0"), "ada", "back"), TestContext.Current.CancellationToken) ? "decided" : null,
            () => "every answer was late");
    }
}
