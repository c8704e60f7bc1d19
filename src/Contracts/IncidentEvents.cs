namespace Pipeline.Contracts;

/// <summary>A failure nobody knew of. What opened it follows as an <see cref="IncidentChanged"/> with the reason <c>opened</c>.</summary>
public sealed record IncidentOpened : IIncidentEvent
{
    public string Incident { get; init; } = "";

    public string Scope { get; init; } = "";

    public long Version { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>One line for people.</summary>
    public string Title { get; init; } = "";

    /// <summary><c>ok</c>, <c>info</c>, <c>warning</c>, <c>critical</c> or <c>unknown</c>.</summary>
    public string Severity { get; init; } = "unknown";

    /// <summary>True for the one incident that gathers what had failed before the pipeline first listened.</summary>
    public bool Preexisting { get; init; }
}

/// <summary>Somebody took the incident. It covers what was known to them and nothing later.</summary>
public sealed record IncidentAcknowledged : IIncidentEvent
{
    public string Incident { get; init; } = "";

    public string Scope { get; init; } = "";

    public long Version { get; init; }

    public DateTimeOffset At { get; init; }

    public string By { get; init; } = "";

    public string? Note { get; init; }

    /// <summary>When it ends by itself.</summary>
    public DateTimeOffset Until { get; init; }

    /// <summary>What they wait for: <c>restart</c>, <c>rollback</c> or <c>deploy</c>; null where they did not say.</summary>
    public string? Awaiting { get; init; }
}

/// <summary>
/// An acknowledgement's time is up before its incident is over. News that it does not cover ends none: each is an <see cref="IncidentChanged"/>,
/// and opens the incident again.
/// </summary>
public sealed record IncidentAcknowledgementEnded : IIncidentEvent
{
    public string Incident { get; init; } = "";

    public string Scope { get; init; } = "";

    public long Version { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>In words.</summary>
    public string Why { get; init; } = "";
}

/// <summary>Over: its last firing member ended a while ago, or somebody said so.</summary>
public sealed record IncidentResolved : IIncidentEvent
{
    public string Incident { get; init; } = "";

    public string Scope { get; init; } = "";

    public long Version { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>Who resolved it; null where it settled by itself.</summary>
    public string? By { get; init; }

    /// <summary>True where members were still firing.</summary>
    public bool Forced { get; init; }

    public string? Note { get; init; }
}

/// <summary>A resolved incident fires again soon after: the same failure, under the same id.</summary>
public sealed record IncidentReopened : IIncidentEvent
{
    public string Incident { get; init; } = "";

    public string Scope { get; init; } = "";

    public long Version { get; init; }

    public DateTimeOffset At { get; init; }
}

/// <summary>Nothing of it was heard for long, and nobody said that it ended. It is not recovered, only no longer open.</summary>
public sealed record IncidentWentStale : IIncidentEvent
{
    public string Incident { get; init; } = "";

    public string Scope { get; init; } = "";

    public long Version { get; init; }

    public DateTimeOffset At { get; init; }
}
