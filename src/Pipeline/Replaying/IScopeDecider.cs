using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Pipeline.Replaying;

/// <summary>One scope's decider, as a replay drives it.</summary>
public interface IScopeDecider
{
    /// <summary>Fires what is due by the input's time, each at its moment, then decides the input. Valid until the next call.</summary>
    IReadOnlyList<Decision> Decide(Input input);

    /// <summary>One per alert of the delivery just decided.</summary>
    ReadOnlySpan<AlertOutcome> Outcomes { get; }

    /// <summary>Decides owed pages, and nothing new.</summary>
    IReadOnlyList<Decision> Flush();

    /// <summary>When time alone next causes something.</summary>
    DateTimeOffset? NextDue { get; }
}

/// <summary>What became of one alert of a delivery.</summary>
/// <param name="Index">Position among the delivery's alerts.</param>
public readonly record struct AlertOutcome(Fingerprint Fingerprint, IncidentId? Incident, Disposition Disposition, int Index);
