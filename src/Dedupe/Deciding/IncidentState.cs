using Dedupe.Grouping;
using Dedupe.Surfacing;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

internal enum Course : byte
{
    Open,
    Resolved,
    Stale,
}

/// <summary>All that is remembered of one incident. Everything here folds from decisions.</summary>
internal sealed class IncidentState(IncidentId id, string title, long order, long openedAt) : IDue
{
    /// <summary>Names, components and unseen changes that one incident remembers: it may be open for ever.</summary>
    public const int MostRemembered = 1_000;

    public IncidentId Id { get; } = id;
    public string Title { get; set; } = title;
    public long Order { get; } = order;
    public long Armed { get; set; } = Clock.Never;
    public long OpenedAt { get; } = openedAt;

    /// <summary>When it came to life again, after it had ended or after ten minutes without news; Never where it did not.</summary>
    public long StirredAt { get; set; } = Clock.Never;

    public Course Course { get; set; }
    public long ClosedAt { get; set; } = Clock.Never;

    /// <summary>A person resolved it although members fired: their repeats re-open nothing.</summary>
    public bool Forced { get; set; }

    /// <summary>Decisions of this incident so far.</summary>
    public long Version { get; set; }

    public List<IdentityState> Members { get; } = [];
    public int Firing { get; set; }

    /// <summary>Firing members that are neither silent nor flapping.</summary>
    public int Sure { get; set; }
    public int Resolved { get; set; }
    public int Expired { get; set; }

    /// <summary>Firing members by severity.</summary>
    public int[] FiringBySeverity { get; } = new int[5];
    public Severity Peak { get; set; }
    public long Repeats { get; set; }
    public HashSet<string> Names { get; } = new(StringComparer.Ordinal);
    public HashSet<string> Components { get; } = new(StringComparer.Ordinal);

    /// <summary>When the last alert that was not a repeat was decided.</summary>
    public long LastNews { get; set; } = openedAt;

    /// <summary>A member is known to have been heard then; the true last one is looked up when it matters.</summary>
    public long HeardAtLeast { get; set; } = openedAt;

    /// <summary>When the last firing member ended, while none fires.</summary>
    public long LastEndedAt { get; set; } = Clock.Never;

    /// <summary>New alerts said within the present minute.</summary>
    public NewInAMinute NewIn;

    /// <summary>When few enough members were left to be survivors; Never while it is not so.</summary>
    public long SurvivorsSince { get; set; } = Clock.Never;

    /// <summary>The components and services of its members: where a change must be near to be suspect.</summary>
    public HashSet<string> Places { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Recorded changes that may have caused it, most likely first.</summary>
    public IReadOnlyList<Suspect> Suspects { get; set; } = [];

    /// <summary>Where it likely began, and what stands above what fires in it.</summary>
    public string? Origin { get; set; }
    public IReadOnlyList<Affected> Impact { get; set; } = [];

    /// <summary>How many of its members ended lately: within two minutes half of them is a mass recovery.</summary>
    public Endings Endings { get; } = new();

    /// <summary>When a mass recovery was seen that has yet to settle; Never while there is none.</summary>
    public long RecoveredAt { get; set; } = Clock.Never;

    /// <summary>The incident in which its members came back, all at once after a calm.</summary>
    public IncidentState? FollowedBy { get; set; }

    /// <summary>A person said that it is part of this one.</summary>
    public IncidentState? MergedInto { get; set; }

    /// <summary>A person said that its members are none of this one.</summary>
    public IncidentState? SplitFrom { get; set; }

    public Acknowledgement? Ack { get; set; }

    /// <summary>Somebody has it, and nothing was surfaced that they have not seen: news opens it again, while the acknowledgement lasts for what it covers.</summary>
    public bool IsAcknowledged => Ack is not null && Unseen.Count == 0;

    /// <summary>Version at which each surfaced change came that no acknowledgement has covered, in order.</summary>
    public List<long> Unseen { get; } = [];

    public Dictionary<string, Desk> Desks { get; } = new(StringComparer.Ordinal);

    public bool Storming { get; set; }

    /// <summary>The statistics here: they learn from inputs.</summary>
    public StormGauge Storm;
    public Wave Wave;

    public int Total => Firing + Resolved + Expired;

    public bool IsOpen => Course == Course.Open;

    /// <summary>The worst that fires now; the worst there was when nothing does.</summary>
    public Severity Severity
    {
        get
        {
            if (FiringBySeverity[(int)Severity.Critical] > 0) return Severity.Critical;
            if (FiringBySeverity[(int)Severity.Warning] > 0) return Severity.Warning;
            if (FiringBySeverity[(int)Severity.Unknown] > 0) return Severity.Unknown;
            return FiringBySeverity[(int)Severity.Info] > 0 ? Severity.Info : Peak;
        }
    }
}

/// <summary>How many new alerts were said of an incident within a minute: in a crowd one more is no reason to call again.</summary>
internal struct NewInAMinute
{
    private const long MinuteMs = 60_000;

    public long Since;
    public int Said;

    public void Add(long at)
    {
        if (at - Since >= MinuteMs) (Since, Said) = (at, 0);
        Said++;
    }

    public readonly bool IsCrowd(long at) => at - Since < MinuteMs && Said >= Wave.Crowd;
}

/// <summary>Somebody has it. Covers what was known and nothing later.</summary>
internal sealed record Acknowledgement(string By, string? Note, long At, long Until, string? Awaiting, long Seen);

/// <summary>What one pager was told of one incident, and what it is still to be told.</summary>
internal sealed class Desk(string pager)
{
    public string Pager { get; } = pager;

    /// <summary>It got a page of this incident, so it gets <c>resolved</c> too.</summary>
    public bool Told { get; set; }
    public List<Decision.ChangeSurfaced> Pending { get; } = [];
    public long FirstPendingAt { get; set; } = Clock.Never;
    public long FirstUrgentAt { get; set; } = Clock.Never;

    /// <summary>The opening of the incident is among what waits: no gathering.</summary>
    public bool OpeningWaits { get; set; }

    /// <summary>The first suspect of its last page: a page names another one in its line.</summary>
    public string? Suspect { get; set; }

    /// <summary>Pages spent as of <see cref="SpentAt"/>; one is given back a minute.</summary>
    public double Spent { get; set; }
    public long SpentAt { get; set; }
    public int Pages { get; set; }

    public void Add(Decision.ChangeSurfaced change, long at)
    {
        Pending.Add(change);
        if (FirstPendingAt == Clock.Never) FirstPendingAt = at;
        if (change.Urgent && FirstUrgentAt == Clock.Never) FirstUrgentAt = at;
        if (change.Reason == Reason.Opened) OpeningWaits = true;
    }

    public void Clear()
    {
        Pending.Clear();
        FirstPendingAt = FirstUrgentAt = Clock.Never;
        OpeningWaits = false;
    }
}

/// <summary>Alerts of an incident in the present minute and the one before.</summary>
internal struct StormGauge
{
    private const long MinuteMs = 60_000;
    public long Minute;
    public int Now;
    public int Before;
    public long Total;

    public void Add(long at)
    {
        Roll(at);
        Now++;
        Total++;
    }

    /// <summary>The larger of the present and the last whole minute.</summary>
    public int PerMinute(long at)
    {
        Roll(at);
        return Math.Max(Now, Before);
    }

    /// <summary>The end of the first minute that can have had fewer than this: a storm ends with a minute, whenever it is looked at.</summary>
    public readonly long LooksAt(int few) => (Minute + (Now < few ? 1 : 2)) * MinuteMs;

    private void Roll(long at)
    {
        var minute = at / MinuteMs;
        if (minute == Minute) return;
        Before = minute == Minute + 1 ? Now : 0;
        Now = 0;
        Minute = minute;
    }
}
