namespace Dedupe.Templates;

/// <summary>The stack trace that a service is in the middle of, when its lines come one by one.</summary>
internal sealed class OpenTraces
{
    /// <summary>Services followed at once; the lines of a further one are messages each until others have gone quiet.</summary>
    public const int Max = 1_000;

    /// <summary>A line that comes later goes on with nothing. In milliseconds; shippers send what they gathered every second.</summary>
    public const long Longest = 2_000;

    private readonly Dictionary<(string Service, bool Trains), OpenTrace> open = [];

    public IReadOnlyDictionary<(string Service, bool Trains), OpenTrace> All => open;

    /// <summary>Where this service is. Lines below error are followed apart, so that no error goes on with one of them.</summary>
    public OpenTrace Of(string service, bool trains, long now)
    {
        if (!open.TryGetValue((service, trains), out var trace))
        {
            if (open.Count >= Max) Drop(now);
            trace = new();
            if (open.Count < Max) open[(service, trains)] = trace;
        }
        if (now - trace.At > Longest) trace.Reader.Reset();
        trace.At = now;
        return trace;
    }

    public void Restore(string service, bool trains, OpenTrace trace) => open[(service, trains)] = trace;

    public void Clear() => open.Clear();

    private void Drop(long now)
    {
        foreach (var (key, trace) in open)
            if (now - trace.At > Longest) open.Remove(key);
    }
}

/// <summary>One service's lines so far.</summary>
internal sealed class OpenTrace
{
    public TraceReader Reader { get; } = new();

    /// <summary>What the lines before were taken for.</summary>
    public LogTemplate? Template { get; set; }

    /// <summary>That was never seen before these lines.</summary>
    public bool IsNew { get; set; }

    /// <summary>When the last line came.</summary>
    public long At { get; set; } = long.MinValue / 2;
}
