using Dedupe.Surfacing;

namespace Dedupe.Deciding;

/// <summary>What most identities never have: together in one object, made when the first of it is set, for 8 bytes instead of 80.</summary>
internal sealed partial class IdentityState
{
    private sealed class Seldom
    {
        public long EndedAt = Clock.Never;
        public string? SilencedBy;
        public long MessageSaidAt = -1;
        public long StillSaidAt = -1;
        public long RateSaidAt = -1;
        public long OutOfRangeAt = -1;
        public DriftOf? Drift;
        public Companions? Companions;
        public Voices? Voices;
        public long LongestQuiet;
        public int UncountedObservers;
    }

    private Seldom? seldom;

    public long EndedAt
    {
        get => seldom is null ? Clock.Never : seldom.EndedAt;
        set
        {
            if (seldom is not null || value != Clock.Never) Own().EndedAt = value;
        }
    }

    public string? SilencedBy
    {
        get => seldom?.SilencedBy;
        set
        {
            if (seldom is not null || value is not null) Own().SilencedBy = value;
        }
    }

    public long MessageSaidAt
    {
        get => seldom is null ? -1 : seldom.MessageSaidAt;
        set
        {
            if (seldom is not null || value != -1) Own().MessageSaidAt = value;
        }
    }

    /// <summary>When it was last said to fire still, whatever should have ended it.</summary>
    public long StillSaidAt
    {
        get => seldom is null ? -1 : seldom.StillSaidAt;
        set
        {
            if (seldom is not null || value != -1) Own().StillSaidAt = value;
        }
    }

    /// <summary>When a rate-shift of it was last said.</summary>
    public long RateSaidAt
    {
        get => seldom is null ? -1 : seldom.RateSaidAt;
        set
        {
            if (seldom is not null || value != -1) Own().RateSaidAt = value;
        }
    }

    /// <summary>When its number was last out of its range.</summary>
    public long OutOfRangeAt
    {
        get => seldom is null ? -1 : seldom.OutOfRangeAt;
        set
        {
            if (seldom is not null || value != -1) Own().OutOfRangeAt = value;
        }
    }

    /// <summary>Null until its number changes.</summary>
    public DriftOf? Drift
    {
        get => seldom?.Drift;
        set
        {
            if (seldom is not null || value is not null) Own().Drift = value;
        }
    }

    /// <summary>Null until something began together with it.</summary>
    public Companions? Companions
    {
        get => seldom?.Companions;
        set
        {
            if (seldom is not null || value is not null) Own().Companions = value;
        }
    }

    public Voices? Voices
    {
        get => seldom?.Voices;
        set
        {
            if (seldom is not null || value is not null) Own().Voices = value;
        }
    }

    /// <summary>The longest quiet between two of its episodes, in milliseconds.</summary>
    public long LongestQuiet
    {
        get => seldom?.LongestQuiet ?? 0;
        set
        {
            if (seldom is not null || value != 0) Own().LongestQuiet = value;
        }
    }

    public int UncountedObservers
    {
        get => seldom?.UncountedObservers ?? 0;
        set
        {
            if (seldom is not null || value != 0) Own().UncountedObservers = value;
        }
    }

    private Seldom Own() => seldom ??= new();
}
