using Ingest;
using Pipeline.Tests.Counterparts;
using Xunit;

namespace Pipeline.Tests.Broker;

/// <summary>A broker of its own, to be killed.</summary>
public sealed class MortalRabbit : IAsyncLifetime
{
    internal RabbitServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RabbitServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>The broker dies or hangs under us, and comes back.</summary>
[Trait("needs", "server")]
public sealed class BrokerLossTests(MortalRabbit rabbit) : IClassFixture<MortalRabbit>
{
    private static readonly TimeSpan Quickly = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task What_was_confirmed_survives_kill_9_and_meanwhile_it_is_refused_at_once_and_then_taken_again()
    {
        await using var rig = await StartAsync();
        var sent = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => rig.SendAsync(BrokerRig.Alert($"A{i}"))));
        await rabbit.Server.KillAsync();
        Assert.All(sent, a => Assert.Equal(IntakeStatus.Recorded, a.Status));
        var gone = await rig.SendAsync(BrokerRig.Alert("gone")).WaitAsync(Quickly);
        Assert.Equal(IntakeStatus.Unavailable, gone.Status);

        await rabbit.Server.StartAgainAsync();
        await rig.PublishableAsync();
        Assert.Equal(new(IntakeStatus.Recorded), await rig.SendAsync(BrokerRig.Alert("back")));
        var taken = rig.ReadAll();
        await taken.AtLeastAsync(501);
        Assert.Superset(Enumerable.Range(0, 500).Select(i => BrokerRig.Alert($"A{i}")).Append(BrokerRig.Alert("back")).ToHashSet(), taken.Bodies.ToHashSet());
    }

    [Fact]
    public async Task Killed_in_the_middle_of_much_what_was_answered_as_recorded_is_there()
    {
        await using var rig = await StartAsync();
        using var enough = new CancellationTokenSource();
        var recorded = new System.Collections.Concurrent.ConcurrentBag<string>();
        var senders = Enumerable.Range(0, 8).Select(async sender =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                var body = BrokerRig.Alert($"S{sender}-{i}");
                if ((await rig.SendAsync(body)).Status == IntakeStatus.Recorded) recorded.Add(body);
                else await Task.Yield();
            }
        }).ToList();
        await Wait.ForAsync("some being recorded", () => Task.FromResult(recorded.Count > 500 ? "yes" : null), () => $"{recorded.Count} were");
        await rabbit.Server.KillAsync();
        await enough.CancelAsync();
        await Task.WhenAll(senders);
        await rabbit.Server.StartAgainAsync();
        await rig.PublishableAsync();
        var taken = rig.ReadAll();
        await taken.AtLeastAsync(recorded.Count);
        Assert.Superset(recorded.ToHashSet(), taken.Bodies.ToHashSet());
    }

    [Fact]
    public async Task A_broker_that_hangs_is_waited_for_once_and_then_refused_at_once()
    {
        await using var rig = await BrokerRig.StartAsync(rabbit.Server, o => o with { ConfirmWithin = TimeSpan.FromSeconds(3), Heartbeat = TimeSpan.FromSeconds(60) });
        rabbit.Server.Freeze();
        try
        {
            var silent = await rig.SendAsync(BrokerRig.Alert("silent"));
            Assert.Equal(IntakeStatus.Unavailable, silent.Status);
            Assert.Contains("confirm", silent.Detail, StringComparison.Ordinal);
            var probe = rig.SendAsync(BrokerRig.Alert("probe"));
            Assert.Equal(IntakeStatus.Unavailable, (await rig.SendAsync(BrokerRig.Alert("behind")).WaitAsync(Quickly)).Status);
            Assert.False(probe.IsCompleted);
        }
        finally
        {
            rabbit.Server.Thaw();
        }
        await Wait.ForAsync("being taken again", async () => (await rig.SendAsync(BrokerRig.Alert("again"))).Status == IntakeStatus.Recorded ? "yes" : null, () => "still refused");
    }

    [Fact]
    public async Task A_reader_goes_on_where_it_was_when_the_broker_is_back()
    {
        await using var rig = await StartAsync();
        var taken = rig.ReadAll();
        Assert.Equal(IntakeStatus.Recorded, (await rig.SendAsync(BrokerRig.Alert("before"))).Status);
        await taken.AtLeastAsync(1);
        await rabbit.Server.KillAsync();
        await rabbit.Server.StartAgainAsync();
        await rig.PublishableAsync();
        Assert.Equal(new(IntakeStatus.Recorded), await rig.SendAsync(BrokerRig.Alert("after")));
        await Wait.ForAsync("the next being read", () => Task.FromResult(taken.Bodies.Contains(BrokerRig.Alert("after")) ? "yes" : null), () => string.Join('\n', taken.Bodies));
    }

    private async Task<BrokerRig> StartAsync()
    {
        var rig = await BrokerRig.StartAsync(rabbit.Server);
        await rabbit.Server.RememberedAsync(Enumerable.Range(0, rig.Options.Partitions).Select(rig.Names.Partition));
        return rig;
    }
}
