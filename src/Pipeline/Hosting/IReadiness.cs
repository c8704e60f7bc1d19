namespace Pipeline.Hosting;

/// <summary>What /readyz asks of the process. Views that stopped name themselves.</summary>
public interface IReadiness
{
    /// <summary>The log can be read and written.</summary>
    bool LogOpen { get; }

    /// <summary>Every scope has decided what the log held at the start.</summary>
    bool StateRecovered { get; }

    /// <summary>False while a start recovers or a stop drains.</summary>
    bool IngestAccepting { get; }
}
