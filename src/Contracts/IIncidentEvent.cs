namespace Pipeline.Contracts;

/// <summary>What every published event of an incident says. Subscribe to this to be told of all of them, as this or by their own type.</summary>
/// <remarks>
/// Version 1. These names and this namespace are what goes over the wire: a member may be added (readers see its default until the sender has
/// it), none is renamed, removed or given another meaning. What cannot be said that way becomes a second set of events, published beside these.
/// </remarks>
public interface IIncidentEvent
{
    /// <summary>The incident's id, as in <c>/api/incidents/{id}</c> and on pages.</summary>
    string Incident { get; }

    /// <summary>The name of the scope that the incident lies in; <c>default</c> where there is only one.</summary>
    string Scope { get; }

    /// <summary>Grows within a scope with every decision; of two events of an incident, the one with the higher version is the later one.</summary>
    long Version { get; }

    /// <summary>When it was decided, in the pipeline's time; UTC, whole milliseconds.</summary>
    DateTimeOffset At { get; }
}
