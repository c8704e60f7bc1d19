namespace Pipeline.Contracts;

/// <summary>Something new in an open incident, surfaced on its own whether or not anybody is paged for it.</summary>
public sealed record IncidentChanged : IIncidentEvent
{
    public string Incident { get; init; } = "";

    public string Scope { get; init; } = "";

    public long Version { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>
    /// Why it was surfaced: <c>opened</c>, <c>new-alert</c>, <c>new-subsystem</c>, <c>severity-rose</c>, <c>refired</c>, <c>still-firing</c>,
    /// <c>survivor</c>, <c>creeping</c>, <c>rate-shift</c>, <c>new-error-class</c>, <c>message-changed</c>, <c>flapping</c>, <c>went-silent</c>,
    /// <c>ack-expired</c> or <c>unsilenced</c>. Others may be added: take an unknown one as news.
    /// </summary>
    public string Reason { get; init; } = "";

    /// <summary>How surprising, from 0 to 1.</summary>
    public double Rank { get; init; }

    /// <summary>The reason in words, with the facts it rests on.</summary>
    public string Why { get; init; } = "";

    /// <summary>True where it is paged without waiting for other news.</summary>
    public bool Urgent { get; init; }

    /// <summary><c>ok</c>, <c>info</c>, <c>warning</c>, <c>critical</c> or <c>unknown</c>.</summary>
    public string Severity { get; init; } = "unknown";

    /// <summary>The severity before, where it rose.</summary>
    public string? Was { get; init; }

    /// <summary>The identity that it is about; of several, the first.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>Further identities where it is about more than one; at most those that the page names.</summary>
    public IReadOnlyList<string> Fingerprints { get; init; } = [];

    /// <summary>How many identities it is about.</summary>
    public int Count { get; init; } = 1;

    /// <summary>The identity's labels; of several identities, those that they share.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The alert's own text, where it had one.</summary>
    public string? Summary { get; init; }

    /// <summary>The measured value, where the alert had one.</summary>
    public double? Value { get; init; }

    /// <summary>Where the value was and where it is now, for what drifts or changes its rate.</summary>
    public double? From { get; init; }

    public double? To { get; init; }

    /// <summary>How fast it drifts, an hour.</summary>
    public double? PerHour { get; init; }
}
