namespace Pipeline.Broker;

/// <summary>What ingest holds until it is confirmed: a lane a scope, in order, cut into few messages.</summary>
/// <remarks>
/// A message goes at once while fewer than <see cref="BrokerOptions.UnderWayOfAScope"/> of its scope are under way; what comes meanwhile
/// waits and shares the next. So nothing waits when little comes, and thousands share a message when much does.
/// </remarks>
internal sealed class Gathering(BrokerOptions options)
{
    /// <summary>Scopes without a message that are remembered as stalled.</summary>
    private const int LanesAtMost = 4_096;
    private const string Everywhere = "\0";

    private readonly Lock gate = new();
    private readonly Dictionary<string, Lane> lanes = new(StringComparer.Ordinal);
    private readonly Queue<Lane> ready = new();
    private TaskCompletionSource? idle;
    private int held, underWay;
    private long heldBytes;

    internal enum Added { Yes, Full, Stalled }

    /// <summary>A scope's place in the queue, and whether the broker last kept us waiting for its confirm.</summary>
    internal sealed class Lane(string? scope)
    {
        public string? Scope => scope;
        public Queue<Part> Parts { get; } = new();
        public int UnderWay { get; set; }
        public bool IsReady { get; set; }
        public bool IsStalled { get; set; }
    }

    /// <summary>One delivery's part for one scope.</summary>
    internal sealed record Part(BrokerDelivery Delivery, Handed Handed)
    {
        public int Bytes { get; } = DeliveryFrames.SizeOf(Delivery);
    }

    internal readonly record struct Message(Lane Lane, List<Part> Parts);

    /// <summary>Takes all parts of a delivery, or none.</summary>
    public Added TryAdd(List<Part> parts)
    {
        var bytes = parts.Sum(p => (long)p.Bytes);
        lock (gate)
        {
            if (held + parts.Count > options.Waiting || (held > 0 && heldBytes + bytes > options.WaitingBytes)) return Added.Full;
            // One is let through to a stalled queue, to see whether it answers again; the others need not wait 5 s to learn that it does not.
            foreach (var part in parts)
                if (lanes.TryGetValue(Key(part), out var lane) && lane is { IsStalled: true, UnderWay: > 0 }) return Added.Stalled;
            foreach (var part in parts)
            {
                if (!lanes.TryGetValue(Key(part), out var lane)) lanes[Key(part)] = lane = new(part.Delivery.Scope);
                lane.Parts.Enqueue(part);
                MakeReady(lane);
            }
            held += parts.Count;
            heldBytes += bytes;
            return Added.Yes;
        }
    }

    /// <summary>The next message that may go, in the order of its scope; false when there is none or enough are under way.</summary>
    public bool TryTake(out Message message)
    {
        message = default;
        lock (gate)
        {
            Lane? lane;
            do
            {
                if (underWay >= options.UnderWay || !ready.TryDequeue(out lane)) return false;
                lane.IsReady = false;
                Forget(lane);
            }
            while (lane.Parts.Count == 0); // they were answered while it stood in line
            var parts = new List<Part>();
            for (var size = DeliveryFrames.HeaderBytes; lane.Parts.TryPeek(out var next) && parts.Count < DeliveryFrames.MessageDeliveries; size += next.Bytes)
            {
                if (parts.Count > 0 && size + next.Bytes > DeliveryFrames.MessageBytes) break;
                parts.Add(lane.Parts.Dequeue());
            }
            lane.UnderWay++;
            underWay++;
            MakeReady(lane);
            message = new(lane, parts);
            return true;
        }
    }

    /// <summary>Lets go of a message; gives those behind it that share its fate.</summary>
    public IReadOnlyList<Part> Done(Message message, PublishOutcome outcome)
    {
        lock (gate)
        {
            var lane = message.Lane;
            lane.UnderWay--;
            underWay--;
            lane.IsStalled = outcome == PublishOutcome.Unconfirmed || (lane.IsStalled && outcome == PublishOutcome.Gone);
            Release(message.Parts);
            List<Part> behind = [];
            // Whoever waits behind a message without a confirm would wait as long again: its time is up too.
            if (outcome is PublishOutcome.Unconfirmed or PublishOutcome.Gone) behind.AddRange(lane.Parts);
            if (behind.Count > 0) lane.Parts.Clear();
            Release(behind);
            MakeReady(lane);
            Forget(lane);
            if (held == 0) idle?.TrySetResult();
            return behind;
        }
    }

    /// <summary>Completes when nothing is held any more.</summary>
    public Task WhenIdleAsync()
    {
        lock (gate)
        {
            if (held == 0) return Task.CompletedTask;
            idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return idle.Task;
        }
    }

    private static string Key(Part part) => part.Delivery.Scope ?? Everywhere;

    private void MakeReady(Lane lane)
    {
        if (lane.IsReady || lane.Parts.Count == 0 || lane.UnderWay >= options.UnderWayOfAScope) return;
        lane.IsReady = true;
        ready.Enqueue(lane);
    }

    private void Forget(Lane lane)
    {
        if (lane is { Parts.Count: 0, UnderWay: 0, IsReady: false } && (!lane.IsStalled || lanes.Count > LanesAtMost)) lanes.Remove(lane.Scope ?? Everywhere);
    }

    private void Release(List<Part> parts)
    {
        held -= parts.Count;
        foreach (var part in parts) heldBytes -= part.Bytes;
    }
}
