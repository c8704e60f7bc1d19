using System.Globalization;
using System.Text;
using Ingest;

namespace Pipeline.Broker;

/// <summary>Something that came over the broker and could not be taken.</summary>
/// <param name="Id">Of the delivery or message, the same when it is handed on again; null where it has none.</param>
/// <param name="Source">The source it claims to be of, or "amqp".</param>
/// <param name="At">When it came in, as far as known.</param>
/// <param name="Reason">Why it is here, in words.</param>
/// <param name="Body">Raw: of one delivery where the message could be read, else the whole message.</param>
internal sealed record DeadLetter(string? Id, string Source, DateTimeOffset At, string Reason, ReadOnlyMemory<byte> Body);

/// <summary>Hands the dead letters on to be recorded as rejected parts, where people see them and can submit them again. One node reads, which one is its roles' business.</summary>
/// <param name="record">Completes when it is recorded; what it throws is logged and tried again. A letter may come twice.</param>
internal sealed class DeadLetters(BrokerConnection broker, BrokerOptions options, Func<DeadLetter, CancellationToken, Task> record, TimeProvider time, ILogger logger)
{
    /// <summary>What is recorded of a letter whose source nobody knows.</summary>
    public const string UnknownSource = "amqp";

    private readonly BrokerNames names = new(options.Prefix);

    /// <summary>Reads until stopped, a message at a time: they are few, and so only one can be recorded twice.</summary>
    public Task RunAsync(CancellationToken stop) => new QueueReader(broker, names.Dead, prefetch: 1, TakeAsync, time, logger).RunAsync(stop);

    private async Task<IReadOnlyCollection<ulong>> TakeAsync(IReadOnlyList<QueueMessage> messages, CancellationToken stop)
    {
        foreach (var message in messages)
            foreach (var letter in Open(message)) await record(letter, stop);
        return [];
    }

    private IEnumerable<DeadLetter> Open(QueueMessage message)
    {
        if (message.Properties.Type != BrokerNames.GatheredType && Header(message, "x-first-death-queue")?.StartsWith(names.Deliveries, StringComparison.Ordinal) != true)
            return [Raw(message, Why(message))];
        var read = DeliveryFrames.Read(message.Body);
        return read.Problem is { } problem
            ? [Raw(message, $"the message {problem}")]
            : read.Deliveries.Select(d => new DeadLetter(d.Id, d.Source, d.ReceivedAt, Why(message), d.Body));
    }

    private DeadLetter Raw(QueueMessage message, string reason)
    {
        var id = string.IsNullOrEmpty(message.Properties.MessageId) ? null : message.Properties.MessageId;
        var source = Sources.Find(message.RoutingKey) is null ? UnknownSource : message.RoutingKey;
        var at = message.Properties.Headers?.TryGetValue(BrokerNames.ReceivedAtHeader, out var value) == true && value is long milliseconds
            ? DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(milliseconds, 0, time.GetUtcNow().ToUnixTimeMilliseconds()))
            : DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        return new(id, source, at, reason, message.Body);
    }

    private string Why(QueueMessage message)
    {
        if (Header(message, BrokerNames.ReasonHeader) is { } ours) return ours;
        return Header(message, "x-first-death-reason") switch
        {
            "delivery_limit" => string.Create(CultureInfo.InvariantCulture, $"was handed out {options.DeliveryLimit} times and never acknowledged: whoever reads it may die of it"),
            "rejected" => "was refused by its reader",
            { } other => $"left queue {Header(message, "x-first-death-queue")}: {other}",
            null => "was published to the dead letters with no reason",
        };
    }

    private static string? Header(QueueMessage message, string name) =>
        message.Properties.Headers?.TryGetValue(name, out var value) == true ? value switch { byte[] text => Encoding.UTF8.GetString(text), string text => text, _ => null } : null;
}
