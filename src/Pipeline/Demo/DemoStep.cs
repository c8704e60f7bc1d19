namespace Pipeline.Demo;

/// <summary>One moment of a story, after its beginning.</summary>
public abstract record DemoStep
{
    private DemoStep() { }

    /// <summary>Outage time since the story began.</summary>
    public required TimeSpan Offset { get; init; }

    /// <summary>A monitoring system, or a deployment, sends something.</summary>
    public sealed record Delivery(string Source, string Body) : DemoStep;

    /// <summary>Somebody acknowledges the open incident.</summary>
    public sealed record Acknowledge(string By, string Note, string Awaiting) : DemoStep;

    /// <summary>What a bystander would say happens now.</summary>
    public sealed record Narration(string Text) : DemoStep;
}

/// <summary>A fact that the people in the founding outage missed, and how to recognise it among what was paged.</summary>
/// <param name="From">Since when in the story it could be known.</param>
/// <param name="Label">The label by which it is known.</param>
/// <param name="Contains">What that label's value contains.</param>
public sealed record MissedFact(string Name, string WhyMissed, TimeSpan From, string Label, string Contains)
{
    /// <summary>The fast clock reads what was sent at a moment as a little before or after it.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    /// <summary>True where a paged change with these labels, this long after the beginning, is this fact.</summary>
    public bool Is(IReadOnlyDictionary<string, string> labels, TimeSpan offset) =>
        offset >= From - Tolerance && labels.TryGetValue(Label, out var value) && value.Contains(Contains, StringComparison.OrdinalIgnoreCase);
}
