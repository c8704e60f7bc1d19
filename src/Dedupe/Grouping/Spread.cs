using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Grouping;

/// <summary>
/// A failure that goes through many components at once: what begins in its midst is part of it, though nothing is known to relate them. A storm that
/// a label explains stops where the label does.
/// </summary>
internal static class Spread
{
    /// <summary>So many components of one incident at least, that begin within a minute.</summary>
    public const int Crowd = 8;
    private const long WithinMs = 60_000;

    /// <param name="own">The component that begins now; null where the alert names none.</param>
    public static (IncidentState Incident, string Because)? Find(
        IncidentIndex index, string? own, LabelSet labels, long now, FiresTogether together, Func<IncidentState, bool> skip)
    {
        if (together.Begun.Count < Crowd) return null;
        Dictionary<IncidentState, List<IdentityState>> crowds = [];
        foreach (var (at, place) in together.Begun)
        {
            if (now - at > WithinMs || place == own || index.At(place, now, skip) is not var (incident, member)) continue;
            if (!crowds.TryGetValue(incident, out var members)) crowds[incident] = members = [];
            members.Add(member);
        }
        var (most, crowd) = crowds.OrderByDescending(c => c.Value.Count).ThenBy(c => c.Key.Order).FirstOrDefault();
        if (crowd is null || crowd.Count < Crowd || IsToldApart(index, crowd, labels)) return null;
        return (most, $"joined: {crowd.Count} components with no label in common began to alert within a minute");
    }

    /// <summary>True where most of the crowd carry a label that this one has not.</summary>
    private static bool IsToldApart(IncidentIndex index, List<IdentityState> crowd, LabelSet labels) =>
        crowd.SelectMany(member => index.Telling(member.Labels)).CountBy(label => label)
            .Any(label => label.Value * 2 > crowd.Count && labels[label.Key.Name] != label.Key.Value);
}
