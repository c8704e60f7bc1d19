using System.Diagnostics;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;

namespace Projections;

public enum IncidentState : byte
{
    Open,
    Acknowledged,
    Resolved,

    /// <summary>Nothing of it heard for long; never called recovered.</summary>
    Stale,
}

/// <summary>Who took it, until when, and up to which version of the incident.</summary>
public sealed record Acknowledgement(string By, string? Note, DateTimeOffset At, DateTimeOffset Until, string? Awaiting, long Seen)
{
    /// <summary>The version of the incident that it made: which line of the timeline it is.</summary>
    public long Version { get; init; }

    /// <summary>When what it waits for was recorded; null where it was not, or nothing is awaited.</summary>
    public DateTimeOffset? AwaitedAt { get; init; }
}

/// <summary>A surfaced change, with the version of its incident at which it came.</summary>
public sealed record SurfacedChange(
    long Version, DateTimeOffset At, long Ordinal, Reason Reason, double Rank, Fingerprint Fingerprint, LabelSet Labels, string Why,
    Severity Severity,
    Severity? Was, int Count, string? Summary, double? Value, double? From, double? To, double? PerHour)
{
    /// <summary>The pagers that it is due to; empty where nobody is to be paged.</summary>
    public IReadOnlyList<string> Due { get; init; } = [];

    /// <param name="version">The version of the incident that it made.</param>
    public static SurfacedChange Of(Decision.ChangeSurfaced c, long version) => new(
        version, c.At, c.Ordinal, c.Reason, c.Rank, c.Fingerprint, c.Labels, c.Why, c.Severity, c.Was, c.Count, c.Summary, c.Value, c.From, c.To,
        c.PerHour) { Due = c.Due ?? [] };
}

/// <summary>A member of an incident, as the incident's own decisions say.</summary>
/// <param name="JoinedTicks">When it joined, in UTC ticks.</param>
/// <param name="Because">Why it joined, in words; null where it opened the incident, or where only the log says so.</param>
/// <param name="BecauseInLog">Why it joined stands in the log and is not held here.</param>
public readonly record struct Member(
    AlertState State, Severity Severity, long JoinedTicks, long JoinedVersion, long Repeats, string? Because, bool BecauseInLog = false)
{
    public DateTimeOffset Joined => new(JoinedTicks, TimeSpan.Zero);

    public bool IsFiring => State is AlertState.Firing or AlertState.Silent;
}

/// <summary>What a person wrote into an incident.</summary>
public sealed record Note(DateTimeOffset At, string By, string Text);

/// <summary>One incident: the fold of its decisions, the same for the live view and for a past moment.</summary>
/// <param name="mostExplained">For how many members it holds why they joined: a sentence each, longer than all else that is held of one.</param>
internal sealed partial class Incident(int scope, IncidentId id, int mostExplained = Incident.MostHeld)
{
    /// <summary>Changes and notes held in memory; older ones are in the timeline.</summary>
    internal const int MostHeld = 1_000;
    private int explained;

    private readonly int[] firingBySeverity = new int[5];

    public int Scope { get; } = scope;
    public IncidentId Id { get; } = id;

    /// <summary>The scope's version at which it opened: where reading its past begins.</summary>
    public long FirstVersion { get; private set; }

    /// <summary>Number of its decisions so far.</summary>
    public long Version { get; private set; }

    public string Title { get; private set; } = "";
    public bool Ended { get; private set; }
    public bool Stale { get; private set; }
    public Severity Worst { get; private set; } = Severity.Ok;
    public DateTimeOffset OpenedAt { get; private set; }
    public DateTimeOffset? ResolvedAt { get; private set; }
    public string? ResolvedBy { get; private set; }
    public DateTimeOffset UpdatedAt { get; private set; }
    public Dictionary<Fingerprint, Member> Members { get; } = [];
    public int Firing { get; private set; }
    public long Repeats { get; private set; }
    public int Pages { get; private set; }
    public long SurfacedCount { get; private set; }
    public List<SurfacedChange> Surfaced { get; } = [];
    public List<Note> Notes { get; } = [];

    /// <summary>Who was told what of it, and what was acknowledged.</summary>
    public Tellings Tellings { get; } = new();

    /// <summary>Recorded changes that may have caused it, most likely first.</summary>
    public IReadOnlyList<Suspect> Suspects { get; private set; } = [];

    /// <summary>Where it likely began, and what stands above what fires in it; as its last page said.</summary>
    public string? Origin { get; private set; }
    public IReadOnlyList<Affected> Impact { get; private set; } = [];
    public bool Storm { get; private set; }

    /// <summary>The one in force; null once it ended. It may cover less than there is by now.</summary>
    public Acknowledgement? Acknowledged { get; private set; }

    /// <summary>Up to which version people have seen it: what acknowledgements covered, ended ones included.</summary>
    public long Seen { get; private set; }

    public IncidentState State =>
        Ended ? IncidentState.Resolved
        : Stale ? IncidentState.Stale
        : Acknowledged is not null && !HasNews ? IncidentState.Acknowledged
        : IncidentState.Open;

    /// <summary>Something was surfaced since what acknowledgements covered: that opens an acknowledged incident again.</summary>
    private bool HasNews => Surfaced is [.., var last] && last.Version > Seen;

    /// <summary>How much was, as far as it is held.</summary>
    public int News
    {
        get
        {
            var news = 0;
            while (news < Surfaced.Count && Surfaced[^(news + 1)].Version > Seen) news++;
            return news;
        }
    }

    /// <summary>The worst that fires now; of an ended one, the worst there was.</summary>
    public Severity Severity
    {
        get
        {
            if (Firing == 0) return Worst;
            var worst = Severity.Ok;
            for (var s = Severity.Unknown; s <= Severity.Critical; s++)
                if (firingBySeverity[(int)s] > 0) worst = Worse(worst, s);
            return worst;
        }
    }

    /// <summary>Folds the next decision of this incident.</summary>
    public void Fold(DecisionRecord record, Decision decision, StringPool pool)
    {
        if (Version == 0) (FirstVersion, OpenedAt) = (record.Version, decision.At);
        Version++;
        UpdatedAt = decision.At;
        switch (decision)
        {
            case Decision.IncidentOpened opened:
                (OpenedAt, Title, Worst) = (opened.At, opened.Title, Worse(Worst, opened.Severity));
                break;
            case Decision.AlertDecided alert: Fold(alert, pool); break;
            case Decision.AlertExpired expired: SetState(expired.Fingerprint, AlertState.Expired); break;
            case Decision.AlertEnded ended: SetState(ended.Fingerprint, AlertState.Resolved); break;
            case Decision.ChangeSurfaced change: Fold(change); break;
            case Decision.PageDecided page:
                Pages++;
                Tellings.Add(page, Surfaced.Count == 0 ? long.MaxValue : Surfaced[0].Ordinal);
                break;
            case Decision.IncidentReopened: (Ended, Stale, ResolvedAt, ResolvedBy) = (false, false, null, null); break;
            case Decision.IncidentResolved resolved:
                (Ended, Stale, Storm, ResolvedAt, ResolvedBy, Acknowledged) = (true, false, false, resolved.At, resolved.By, null);
                if (resolved.Note is { Length: > 0 } note) Keep(Notes, new(resolved.At, resolved.By ?? "", note));
                break;
            case Decision.IncidentWentStale: (Stale, Storm) = (true, false); break;
            case Decision.IncidentAcknowledged a:
                Acknowledged = Tellings.Add(a, Version);
                Seen = Math.Max(Seen, a.Seen);
                break;
            case Decision.AcknowledgementEnded: Acknowledged = null; break;
            case Decision.IncidentNoted noted: Keep(Notes, new(noted.At, noted.By, noted.Text)); break;
            case Decision.SuspectsNamed named: Suspects = named.Suspects; break;
            case Decision.OriginNamed named: (Origin, Impact) = (named.Origin, named.Impact); break;
            case Decision.SettleBegan or Decision.SettleEnded: break;
            case Decision.StormBegan: Storm = true; break;
            case Decision.StormEnded: Storm = false; break;
            default: throw new UnreachableException($"{record.Type} belongs to no incident");
        }
    }

    /// <summary>Repeats belong to the scope's count, not to the incident's decisions: they raise no version.</summary>
    public void Count(Repeats repeats)
    {
        Repeats += repeats.Count;
        if (!Members.TryGetValue(repeats.Fingerprint, out var member)) return;
        Set(repeats.Fingerprint, member with
        {
            Repeats = member.Repeats + repeats.Count,
            State = member.State == AlertState.Silent ? AlertState.Firing : member.State,
        });
    }

    /// <summary>Other identity rules belong to the scope: members go by other names, and none of that is news of the incident. True where it has any of them.</summary>
    public bool Rekey(Decision.IdentitiesRekeyed rekeyed)
    {
        var any = false;
        foreach (var item in rekeyed.Items)
        {
            if (!Members.TryGetValue(item.From, out var member)) continue;
            any = true;
            Leave(item.From);
            // It counts in another incident now: here it neither fires nor has it recovered.
            if (item.Incident is { } elsewhere && elsewhere != Id && member.IsFiring) member = member with { State = AlertState.Expired };
            Set(item.To, Members.TryGetValue(item.To, out var there) ? Together(there, member) : member);
        }
        return any;
    }

    private static Member Together(Member a, Member b)
    {
        var (first, other) = a.JoinedVersion <= b.JoinedVersion ? (a, b) : (b, a);
        var speaks = a.IsFiring == b.IsFiring ? (b.State is AlertState.Expired or AlertState.Firing ? b : a) : a.IsFiring ? a : b;
        return first with
        {
            State = speaks.State, Severity = a.IsFiring && b.IsFiring ? Worse(a.Severity, b.Severity) : speaks.Severity,
            Repeats = a.Repeats + b.Repeats, Because = first.Because ?? other.Because,
            BecauseInLog = first.Because is null && other.Because is null && (first.BecauseInLog || other.BecauseInLog),
        };
    }

    private void Fold(Decision.AlertDecided alert, StringPool pool)
    {
        var known = Members.TryGetValue(alert.Fingerprint, out var member);
        if (!known) member = new(AlertState.Resolved, alert.Severity, alert.At.UtcTicks, Version, 0, null);
        var resolved = alert.Status == AlertStatus.Resolved;
        Stale &= resolved;
        Set(alert.Fingerprint, member with
        {
            State = resolved ? AlertState.Resolved : AlertState.Firing,
            Severity = resolved && alert.Severity is Severity.Unknown or Severity.Ok ? member.Severity : alert.Severity,
        });
        if (alert.Because is { } because && member is { Because: null, BecauseInLog: false }) Explain(alert.Fingerprint, because, pool);
        if (!resolved) Worst = Worse(Worst, alert.Severity);
    }

    private void Explain(Fingerprint fingerprint, string because, StringPool pool)
    {
        var holds = explained < mostExplained;
        if (holds) explained++;
        Set(fingerprint, Members[fingerprint] with { Because = holds ? pool.Share(because) : null, BecauseInLog = !holds });
    }

    private void Fold(Decision.ChangeSurfaced c)
    {
        SurfacedCount++;
        Keep(Surfaced, SurfacedChange.Of(c, Version));
        if (c.Reason != Reason.WentSilent) return;
        foreach (var fingerprint in c.Fingerprints ?? [c.Fingerprint]) SetState(fingerprint, AlertState.Silent);
    }

    private void SetState(Fingerprint fingerprint, AlertState state)
    {
        if (Members.TryGetValue(fingerprint, out var member)) Set(fingerprint, member with { State = state });
    }

    private void Leave(Fingerprint fingerprint)
    {
        if (!Members.Remove(fingerprint, out var was) || !was.IsFiring) return;
        Firing--;
        firingBySeverity[(int)was.Severity]--;
    }

    private void Set(Fingerprint fingerprint, Member now)
    {
        Leave(fingerprint);
        if (now.IsFiring)
        {
            Firing++;
            firingBySeverity[(int)now.Severity]++;
        }
        Members[fingerprint] = now;
    }

    private static void Keep<T>(List<T> list, T item) => Keep(MostHeld, list, item);

    internal static void Keep<T>(int most, List<T> list, T item)
    {
        if (list.Count >= most) list.RemoveRange(0, most / 10);
        list.Add(item);
    }

    private static Severity Worse(Severity a, Severity b) => Badness(a) >= Badness(b) ? a : b;

    /// <summary>Unknown counts as a warning, and a known warning says more.</summary>
    private static int Badness(Severity severity) => severity == Severity.Unknown ? 5 : (int)severity * 2;
}
