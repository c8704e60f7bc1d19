namespace Pipeline.Tests.Simulation;

/// <summary>One delivery on its way over the broker, for one scope.</summary>
/// <param name="Ones">The alerts in it that exist once.</param>
internal sealed record Carried(string Id, string Scope, string Source, DateTimeOffset ReceivedAt, string? Key, byte[] Body, IReadOnlyList<string> Ones);

/// <summary>A message that holds several gathered deliveries.</summary>
internal sealed class Message(IReadOnlyList<Carried> deliveries)
{
    public IReadOnlyList<Carried> Deliveries => deliveries;
    public int Returned { get; set; }
}

/// <summary>A partition, with a quorum queue's promises: what is not acknowledged comes again, in front; too often, and it is a dead letter.</summary>
internal sealed class SimulatedQueue(Site site, int limit)
{
    private readonly List<Message> ready = [];
    private readonly Dictionary<object, List<Message>> handed = [];

    public bool IsEmpty => ready.Count == 0 && handed.Values.All(h => h.Count == 0);

    public void Publish(IReadOnlyList<Carried> deliveries) => ready.Add(new(deliveries));

    /// <summary>Hands out the next ones in order.</summary>
    public IReadOnlyList<Message> Take(object consumer, int atMost)
    {
        var some = ready.Take(atMost).ToList();
        ready.RemoveRange(0, some.Count);
        if (!handed.TryGetValue(consumer, out var unacknowledged)) handed[consumer] = unacknowledged = [];
        unacknowledged.AddRange(some);
        return some;
    }

    /// <exception cref="IOException">The connection over which they came is gone: they come again.</exception>
    public void Acknowledge(object consumer, IReadOnlyList<Message> messages)
    {
        if (!handed.TryGetValue(consumer, out var unacknowledged) || messages.Any(m => !unacknowledged.Contains(m)))
            throw new IOException("the channel is closed");
        unacknowledged.RemoveAll(messages.Contains);
    }

    /// <summary>A consumer is gone: what it held comes again, mostly in front and in order.</summary>
    public void Drop(object consumer)
    {
        if (!handed.Remove(consumer, out var unacknowledged)) return;
        if (site.Fault(4)) unacknowledged.Reverse();
        var at = site.Fault(4) ? site.Random.Next(ready.Count + 1) : 0;
        foreach (var message in unacknowledged)
        {
            if (++message.Returned <= limit) ready.Insert(at++, message);
            else
                foreach (var one in message.Deliveries.SelectMany(d => d.Ones)) site.Checker.Listed(one);
        }
    }

    /// <summary>The broker is restarted, or the network breaks: every consumer's channel is gone.</summary>
    public void Interrupt()
    {
        foreach (var consumer in handed.Keys.ToList()) Drop(consumer);
    }
}
