using System.Globalization;
using Ingest;
using Pipeline.Config;
using Pipeline.Hosting;
using RabbitMQ.Client;

namespace Pipeline.Broker;

/// <summary>Hands deliveries to the broker: answered when quorum queues have confirmed them on disk, else 503. Nothing is kept here.</summary>
internal sealed class BrokerIntake : IIntake
{
    private readonly Publisher publisher;
    private readonly BrokerOptions options;
    private readonly ScopeSettings scopes;
    private readonly IdempotencyKeys keys;
    private readonly TimeProvider time;
    private readonly BrokerNames names;
    private readonly Gathering gathering;
    private readonly Lock pumping = new();
    private readonly string incarnation = Guid.NewGuid().ToString("N")[..12];
    private long deliveries;
    private volatile bool stopping;

    public BrokerIntake(Publisher publisher, BrokerOptions options, ScopeSettings scopes, IdempotencyKeys keys, TimeProvider time)
    {
        (this.publisher, this.options, this.scopes, this.keys, this.time) = (publisher, options, scopes, keys, time);
        (names, gathering) = (new(options.Prefix), new(options));
    }

    /// <summary>False while stopping. A broker that is away is said by each answer instead, since it may be back with the next.</summary>
    public bool Ready => !stopping;

    /// <summary>Why nothing can be published now, for /readyz; null when it can.</summary>
    public string? Trouble => publisher.Trouble;

    public async ValueTask<IntakeAnswer> AcceptAsync(ReceivedDelivery delivery, CancellationToken cancel)
    {
        if (stopping) return new(IntakeStatus.Unavailable, "stopping");
        if (publisher.Trouble is { } trouble) return new(IntakeStatus.Unavailable, trouble);
        var handed = new Handed();
        var key = delivery.Key;
        if (key is not null && keys.Claim(delivery.Source, key, delivery.Body.Span, delivery.ReceivedAt, handed.Answer) is { } seen) return await seen;
        var parts = Split(delivery, handed);
        handed.Expect(parts.Count);
        switch (gathering.TryAdd(parts))
        {
            case Gathering.Added.Full:
                handed.Refuse(IntakeStatus.Busy, "more deliveries wait for the broker than are kept");
                break;
            case Gathering.Added.Stalled:
                handed.Refuse(IntakeStatus.Unavailable, NotConfirmed);
                break;
            default:
                Pump();
                break;
        }
        // No cancellation: what was handed over may be durable, and the sender should learn so if it still listens.
        var answer = await handed.Answer;
        if (key is not null && answer.Status != IntakeStatus.Recorded) keys.Remove(delivery.Source, key);
        return answer;
    }

    /// <summary>Sends a scope an empty delivery, so that the node on whose partition it comes takes the scope up; which one that is only the broker knows.</summary>
    /// <returns>Whether the broker has it.</returns>
    public Task<bool> CallAsync(string scope) => SendOnAsync(new(NextId(), scope, "generic", time.GetUtcNow(), null, "[]"u8.ToArray()));

    /// <summary>Sends a delivery on that came over the broker, to the scope that it names; taken also while stopping, since readers stop later.</summary>
    /// <returns>Whether the broker has it.</returns>
    public async Task<bool> SendOnAsync(BrokerDelivery delivery)
    {
        var handed = new Handed();
        handed.Expect(1);
        if (gathering.TryAdd([new(delivery, handed)]) is not Gathering.Added.Yes) return false;
        Pump();
        return (await handed.Answer).Status == IntakeStatus.Recorded;
    }

    /// <summary>Refuses what comes from now on, and waits until what was taken is answered; at most as long as a confirm may take.</summary>
    public async Task StopAsync()
    {
        stopping = true;
        using var patience = new CancellationTokenSource(options.ConfirmWithin, time);
        await gathering.WhenIdleAsync().WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static string NotConfirmed => "the broker did not confirm in time; it may have it all the same, and a copy does no harm";

    private string NextId() => string.Create(CultureInfo.InvariantCulture, $"{incarnation}-{Interlocked.Increment(ref deliveries)}");

    /// <summary>A part for each scope that has alerts in it, all under one id; what was not understood goes with the default scope.</summary>
    private List<Gathering.Part> Split(ReceivedDelivery delivery, Handed handed)
    {
        var id = NextId();
        var parsed = delivery.Parsed;
        if (scopes.Label is null) return [Part(ScopeNames.Default)];
        var parts = parsed.Alerts.Select(a => ScopeNames.Of(a, scopes.Label)).Distinct(StringComparer.Ordinal).Select(Part).ToList();
        if (parsed.Changes.Count > 0) parts.Add(Part(null));
        if ((parsed.Rejected.Count > 0 || parts.Count == 0) && !parts.Exists(p => p.Delivery.Scope == ScopeNames.Default)) parts.Add(Part(ScopeNames.Default));
        return parts;

        Gathering.Part Part(string? scope) => new(new(id, scope, delivery.Source, delivery.ReceivedAt, delivery.Key, delivery.Body), handed);
    }

    /// <summary>Starts what may go. One thread at a time, so that messages of a scope leave in order.</summary>
    private void Pump()
    {
        lock (pumping)
            while (gathering.TryTake(out var message)) _ = PublishAsync(message); // ends by itself, and is counted by WhenIdleAsync
    }

    private async Task PublishAsync(Gathering.Message message)
    {
        var outcome = PublishOutcome.Gone;
        try
        {
            using var body = DeliveryFrames.Write([.. message.Parts.Select(p => p.Delivery)]);
            var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent, Type = BrokerNames.GatheredType };
            outcome = message.Lane.Scope is { } scope
                ? await publisher.PublishAsync(names.Deliveries, BrokerNames.RoutingKey(scope), properties, body.Memory)
                : await publisher.PublishAsync(names.Everywhere, "", properties, body.Memory);
        }
        finally
        {
            // Whatever happened, those who wait are answered.
            BrokerMeter.Published(outcome, message.Parts.Count);
            var behind = gathering.Done(message, outcome);
            Pump();
            var why = Why(outcome);
            foreach (var part in message.Parts) part.Handed.Settle(why);
            foreach (var part in behind) part.Handed.Settle(why);
        }
    }

    private static string? Why(PublishOutcome outcome) => outcome switch
    {
        PublishOutcome.Confirmed => null,
        PublishOutcome.Nacked => "a queue of the broker is full",
        PublishOutcome.Returned => "the broker has no queue for it",
        PublishOutcome.Unconfirmed => NotConfirmed,
        _ => "the broker does not answer",
    };
}
