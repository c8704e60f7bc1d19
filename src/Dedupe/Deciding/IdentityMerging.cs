using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>What is known of one thing that went by two names.</summary>
internal static class IdentityMerging
{
    /// <summary>How much a phase says when two differ and neither fires.</summary>
    public static int Rank(this Phase phase) => phase switch { Phase.Firing => 3, Phase.Expired => 2, Phase.Resolved => 1, _ => 0 };

    /// <summary>Takes over what was known of another that was the same thing all along; counts of incidents are the caller's.</summary>
    public static void Take(this IdentityState kept, IdentityState other)
    {
        TakeStatistics(kept, other);
        TakeFacts(kept, other);
    }

    private static void TakeFacts(IdentityState kept, IdentityState other)
    {
        var both = kept.IsFiring && other.IsFiring;
        var speaks = kept.IsFiring || !other.IsFiring ? kept : other;
        kept.Silent = both ? kept.Silent && other.Silent : speaks.Silent;
        kept.SilencedBy = both && other.SilencedBy is null ? null : speaks.SilencedBy;
        kept.Began = both ? Math.Min(kept.Began, other.Began) : speaks.Began;
        kept.Severity = both && other.Severity.ForPaging() > kept.Severity.ForPaging() ? other.Severity : speaks.Severity;
        kept.Source = speaks.Source;
        kept.EndedAt = kept.EndedAt == Clock.Never ? other.EndedAt : other.EndedAt == Clock.Never ? kept.EndedAt : Math.Max(kept.EndedAt, other.EndedAt);
        if (other.IsFiring || ((other.Incident == kept.Incident || kept.Incident is null) && other.Phase.Rank() > kept.Phase.Rank())) kept.Phase = other.Phase;
        kept.Beats = both ? kept.Beats && other.Beats : speaks.Beats;
        kept.FlapSaid |= other.FlapSaid;
        kept.SurvivorSaid |= other.SurvivorSaid;
        kept.Recorded |= other.Recorded;
        kept.Lacks |= other.Lacks;
        kept.SurfacedAt = Math.Max(kept.SurfacedAt, other.SurfacedAt);
        kept.StillSaidAt = Math.Max(kept.StillSaidAt, other.StillSaidAt);
        kept.RateSaidAt = Math.Max(kept.RateSaidAt, other.RateSaidAt);
        kept.MessageSaidAt = Math.Max(kept.MessageSaidAt, other.MessageSaidAt);
    }

    private static void TakeStatistics(IdentityState kept, IdentityState other)
    {
        // Copies of one alert were heard in the same episodes: the fuller record is the record of both.
        if (other.Episodes.Ever > kept.Episodes.Ever) (kept.Episodes, kept.BegunBy, kept.LongestQuiet) = (other.Episodes, other.BegunBy, other.LongestQuiet);
        if (other.Burst.Record > kept.Burst.Record) kept.Burst = other.Burst;
        if (kept.Rate.Most is null) kept.Rate = other.Rate;
        var voice = kept.IsFiring != other.IsFiring ? (kept.IsFiring ? kept : other) : other.LastSeen > kept.LastSeen ? other : kept;
        if (voice == other)
        {
            (kept.Resends, kept.EndsAt, kept.Value, kept.Summary, kept.Url) = (other.Resends, other.EndsAt, other.Value, other.Summary, other.Url);
            (kept.Voice, kept.Voices, kept.PacedBy, kept.PacedAt) = (other.Voice, other.Voices, other.PacedBy, other.PacedAt);
            (kept.Number, kept.Drift, kept.OutOfRangeAt) = (other.Number, other.Drift, other.OutOfRangeAt);
            (kept.Habit, kept.Flaps, kept.Mask, kept.LastObservers) = (other.Habit, other.Flaps, other.Mask, other.LastObservers);
        }
        kept.FirstSeen = kept.FirstSeen < 0 ? other.FirstSeen : other.FirstSeen < 0 ? kept.FirstSeen : Math.Min(kept.FirstSeen, other.FirstSeen);
        kept.LastSeen = Math.Max(kept.LastSeen, other.LastSeen);
        kept.Observations += other.Observations;
        kept.Observers = [.. kept.Observers.Union(other.Observers).Take(IdentityState.MostObservers)];
    }
}
