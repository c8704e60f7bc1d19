using System.Text;
using Dedupe.Vocabulary;
using Ingest;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Broker;
using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Ingest;
using RabbitMQ.Client;
using Xunit;

namespace Pipeline.Tests.Broker;

/// <summary>Queues being read: in order, acknowledged after the commit, and nothing in the way of what comes behind it.</summary>
[Trait("needs", "server")]
public sealed class ReaderTests(SharedRabbit rabbit)
{
    [Fact]
    public async Task What_was_under_way_when_the_connection_dropped_comes_again()
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync(), o => o with { Partitions = 1 });
        var (began, finish, calls) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        var taken = rig.ReadAll(async () =>
        {
            if (Interlocked.Increment(ref calls) > 1) return;
            began.SetResult();
            await finish.Task;
            throw new IOException("the store went away with it");
        });
        await rig.SendAsync(BrokerRig.Alert("A"));
        await began.Task.WaitAsync(Wait.Patience);
        await rig.Consume.DisposeAsync();
        finish.SetResult();
        await taken.AtLeastAsync(1);
        Assert.Equal([BrokerRig.Alert("A")], taken.Bodies);
        await rig.CountIsAsync(rig.Names.Partition(0), 0);
    }

    [Fact]
    public async Task A_store_that_fails_is_tried_again_and_nothing_loses_its_place()
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync(), o => o with { Partitions = 1, DeliveryLimit = 1 });
        for (var i = 0; i < 50; i++) await rig.SendAsync(BrokerRig.Alert($"A{i}"));
        var failures = 0;
        var taken = rig.ReadAll(() => ++failures <= 4 ? throw new InvalidOperationException("the store does not answer") : Task.CompletedTask);
        await taken.AtLeastAsync(50);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => BrokerRig.Alert($"A{i}")), taken.Bodies);
        Assert.Equal(0u, await rig.CountAsync(rig.Names.Dead));
    }

    [Fact]
    public async Task Stopping_waits_for_the_commit_and_acknowledges_it()
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync(), o => o with { Partitions = 1 });
        await rig.SendAsync(BrokerRig.Alert("A"));
        var (began, finish) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var stop = new CancellationTokenSource();
        var reading = new PartitionReader(rig.Consume, rig.Options, 0, (_, _) => { began.SetResult(); return finish.Task; }, TimeProvider.System, NullLogger.Instance).RunAsync(stop.Token);
        await began.Task.WaitAsync(Wait.Patience);
        await stop.CancelAsync();
        Assert.False(reading.IsCompleted);
        finish.SetResult();
        await reading.WaitAsync(Wait.Patience);
        await rig.CountIsAsync(rig.Names.Partition(0), 0);
    }

    [Fact]
    public async Task What_nobody_can_read_goes_to_the_dead_letters_and_what_is_behind_it_is_read()
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync(), o => o with { Partitions = 1 });
        await PublishAsync(rig, rig.Names.Deliveries, "default", "rubbish"u8.ToArray(), BrokerNames.GatheredType);
        await rig.SendAsync(BrokerRig.Alert("A"));
        var taken = rig.ReadAll();
        await taken.AtLeastAsync(1);
        var letter = Assert.Single(await LettersAsync(rig, 1));
        Assert.Equal((DeadLetters.UnknownSource, "rubbish"), (letter.Source, Text(letter)));
        Assert.Contains("no message of gathered deliveries", letter.Reason, StringComparison.Ordinal);
        await rig.CountIsAsync(rig.Names.Dead, 0);
    }

    [Fact]
    public async Task A_message_that_kills_its_readers_ends_as_dead_letters_delivery_by_delivery()
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync(), o => o with { Partitions = 1, DeliveryLimit = 2 });
        await Task.WhenAll(Enumerable.Range(0, 3).Select(i => rig.SendAsync(BrokerRig.Alert($"A{i}"))));
        await Wait.ForAsync("the queue running empty", async () =>
        {
            await using var channel = await rig.LookAsync();
            while (await channel.BasicGetAsync(rig.Names.Partition(0), autoAck: false) is not null) { }
            await channel.CloseAsync(); // with what it was given
            return await rig.CountAsync(rig.Names.Dead) > 0 && await rig.CountAsync(rig.Names.Partition(0)) == 0 ? "yes" : null;
        }, () => "it did not");
        var letters = await LettersAsync(rig, 3);
        Assert.Equal(["A0", "A1", "A2"], letters.Select(l => Parsing.One(l.Source, Text(l)).Identity.Labels["alertname"]!).Order());
        Assert.All(letters, l => Assert.Contains("never acknowledged", l.Reason, StringComparison.Ordinal));
        Assert.All(letters, l => Assert.Equal(Parsing.Now, l.At));
    }

    [Fact]
    public async Task A_producers_own_body_goes_the_way_of_HTTP()
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync());
        rig.Run(Inbox(rig).RunAsync);
        await PublishAsync(rig, rig.Names.In, "generic", Encoding.UTF8.GetBytes(BrokerRig.Alert("FromAmqp")), id: "m-1");
        await PublishAsync(rig, rig.Names.In, "generic", Encoding.UTF8.GetBytes(BrokerRig.Alert("FromAmqp")), id: "m-1");
        var taken = rig.ReadAll();
        await taken.AtLeastAsync(1);
        await rig.CountIsAsync(rig.Names.In, 0);
        var delivery = Assert.Single(taken.Deliveries); // the second is the same message again
        Assert.Equal(("generic", "m-1", BrokerRig.Alert("FromAmqp")), (delivery.Source, delivery.Key!, taken.Bodies.Single()));
    }

    [Theory]
    [InlineData("generic", "{\"labels\":7}", "generic", "labels")]
    [InlineData("nobody", "{}", DeadLetters.UnknownSource, "is not a source")]
    public async Task A_producers_body_that_nobody_understands_is_a_dead_letter_with_the_reason(string source, string body, string recorded, string reason)
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync());
        rig.Run(Inbox(rig).RunAsync);
        await PublishAsync(rig, rig.Names.In, source, Encoding.UTF8.GetBytes(body));
        var letter = Assert.Single(await LettersAsync(rig, 1));
        Assert.Equal((recorded, body), (letter.Source, Text(letter)));
        Assert.Contains(reason, letter.Reason, StringComparison.Ordinal);
        await rig.CountIsAsync(rig.Names.In, 0);
        await rig.CountIsAsync(rig.Names.Dead, 0);
    }

    [Fact]
    public async Task A_dead_letter_that_cannot_be_recorded_stays_until_it_can()
    {
        await using var rig = await BrokerRig.StartAsync(await rabbit.GetAsync());
        await PublishAsync(rig, rig.Names.Dead, "generic", "{}"u8.ToArray());
        var letters = await LettersAsync(rig, 1, failures: 2);
        Assert.Single(letters);
        await rig.CountIsAsync(rig.Names.Dead, 0);
    }

    private static Inbox Inbox(BrokerRig rig) =>
        new(rig.Consume, rig.Options, rig.Intake, rig.Publisher, () => Parsing.Identities, new IngestLimits(), TimeProvider.System, NullLogger.Instance);

    private static async Task PublishAsync(BrokerRig rig, string exchange, string routingKey, byte[] body, string? type = null, string? id = null)
    {
        var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent };
        if (type is not null) properties.Type = type;
        if (id is not null) properties.MessageId = id;
        Assert.Equal(PublishOutcome.Confirmed, await rig.Publisher.PublishAsync(exchange, routingKey, properties, body));
    }

    private static async Task<IReadOnlyList<DeadLetter>> LettersAsync(BrokerRig rig, int count, int failures = 0)
    {
        var letters = new System.Collections.Concurrent.ConcurrentQueue<DeadLetter>();
        var reader = new DeadLetters(rig.Consume, rig.Options, (letter, _) =>
        {
            if (failures-- > 0) throw new InvalidOperationException("the store does not answer");
            letters.Enqueue(letter);
            return Task.CompletedTask;
        }, TimeProvider.System, NullLogger.Instance);
        rig.Run(reader.RunAsync);
        await Wait.ForAsync($"{count} dead letters", () => Task.FromResult(letters.Count >= count ? "yes" : null), () => $"{letters.Count} came");
        return [.. letters];
    }

    private static string Text(DeadLetter letter) => Encoding.UTF8.GetString(letter.Body.Span);
}
