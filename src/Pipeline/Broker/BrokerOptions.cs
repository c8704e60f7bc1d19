namespace Pipeline.Broker;

/// <summary>How the broker is used; the defaults are what the measurements in bench/RESULTS.md were made with.</summary>
internal sealed record BrokerOptions
{
    public required BrokerAddress Address { get; init; }

    /// <summary>What the names of exchanges and queues begin with; its last part is the version of what they carry.</summary>
    public string Prefix { get; init; } = "pipeline.v1";

    /// <summary>Queues that the scopes are spread over.</summary>
    public int Partitions { get; init; } = 8;

    /// <summary>Bytes that each queue keeps; beyond it a publish is refused and the sender answered 503.</summary>
    public long QueueBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>How often a message may come back unacknowledged (a reader that died with it) before it is a dead letter.</summary>
    public int DeliveryLimit { get; init; } = 100;

    /// <summary>Messages of a partition that a reader holds; a message is at most 512 KiB, or one larger delivery.</summary>
    public ushort Prefetch { get; init; } = 64;

    /// <summary>Without a confirm for this long a publish counts as failed.</summary>
    public TimeSpan ConfirmWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A connection that says nothing for twice this long is gone.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>One attempt to connect to one host.</summary>
    public TimeSpan ConnectWithin { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Messages that wait for their confirm at once.</summary>
    public int UnderWay { get; init; } = 32;

    /// <summary>The same of one scope: what comes while so many are under way shares the next message.</summary>
    public int UnderWayOfAScope { get; init; } = 4;

    /// <summary>Deliveries that ingest holds until they are confirmed; beyond it the answer is 429.</summary>
    public int Waiting { get; init; } = 8_192;

    /// <summary>Bytes of the same.</summary>
    public long WaitingBytes { get; init; } = 64L * 1024 * 1024;
}
