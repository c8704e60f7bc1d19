using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>Which silence covers an alert now.</summary>
internal static class Silences
{
    /// <summary>The active silence that covers these labels, the one that lasts longest; null where none does.</summary>
    public static Silence? Covering(World world, LabelSet labels, Severity severity)
    {
        Silence? best = null;
        var now = world.Now.ToTime();
        foreach (var silence in world.State.Silences.Values)
            if (silence.StartsAt <= now && silence.EndsAt > now && silence.Covers(labels, severity) && (best is null || silence.EndsAt > best.EndsAt))
                best = silence;
        return best;
    }
}
