using System.Text.Json.Serialization;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>What was decided. Stored for ever: add cases, add members with defaults, never change one.</summary>
/// <remarks>The case's name in kebab case is the stored type; <see cref="DecisionCodec"/> holds the list and a test compares.</remarks>
public abstract record Decision
{
    private Decision() { }

    /// <summary>When, in the log's time: the input's, or the due moment of what time alone caused.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The incident whose timeline this belongs to, where there is one.</summary>
    [JsonIgnore]
    public virtual IncidentId? OfIncident => null;

    /// <summary>An alert that was not a repeat: its identity's state changed, or something about it is news.</summary>
    /// <param name="Labels">Shown labels; always there when the identity is new to the scope, else null.</param>
    /// <param name="Began">When the identity was first heard in its present firing stretch.</param>
    /// <param name="Alert">Index of the alert in its delivery.</param>
    /// <param name="Component">The component it belongs to, where it joined with this alert.</param>
    /// <param name="Because">Why it joined its incident, in words, where it joined with this alert.</param>
    /// <param name="Heartbeat">The heartbeat that it is one beat of: it belongs to no incident, and all is well while it comes.</param>
    public sealed record AlertDecided(
        Fingerprint Fingerprint,
        Disposition Disposition,
        IncidentId? Incident,
        AlertStatus Status,
        Severity Severity,
        Severity Was,
        string Source,
        LabelSet? Labels = null,
        string? Summary = null,
        double? Value = null,
        string? Url = null,
        DateTimeOffset? StartsAt = null,
        DateTimeOffset? EndsAt = null,
        DateTimeOffset? Began = null,
        IReadOnlyList<string>? Observers = null,
        string? Because = null,
        string? SilencedBy = null,
        int? Alert = null,
        string? Component = null,
        string? Heartbeat = null) : Decision
    {
        [JsonIgnore]
        public override IncidentId? OfIncident => Incident;
    }

    /// <summary>Repeats since the last count: at most every 5 s, never one event each.</summary>
    public sealed record RepeatsCounted(IReadOnlyList<Repeats> Items) : Decision;

    /// <summary>No longer counts as firing, with nobody having said so: unheard for <c>identity.expire</c>. Never called recovered.</summary>
    public sealed record AlertExpired(Fingerprint Fingerprint, IncidentId? Incident) : Decision
    {
        [JsonIgnore]
        public override IncidentId? OfIncident => Incident;
    }

    /// <summary>Its told or assumed end passed: resolved without a delivery saying so.</summary>
    public sealed record AlertEnded(Fingerprint Fingerprint, IncidentId? Incident, string Why) : Decision
    {
        [JsonIgnore]
        public override IncidentId? OfIncident => Incident;
    }

    /// <summary>Beyond <c>identities.max</c>: no longer remembered.</summary>
    public sealed record IdentityForgotten(Fingerprint Fingerprint) : Decision;

    /// <summary>
    /// Other labels make an identity: what was known under one fingerprint is known under another, and several may be one now. Surfaces nothing.
    /// </summary>
    /// <param name="Items">Those whose fingerprint or labels change, each once.</param>
    /// <param name="Without">Labels that count no more: each item loses them.</param>
    /// <param name="Lacking">Labels that count from now on, which nobody knows of the identities there are.</param>
    /// <param name="Alert">Index of the alert in its delivery that brought what one lacked; null where the rules changed.</param>
    public sealed record IdentitiesRekeyed(
        IReadOnlyList<Rekeyed> Items, IReadOnlyList<string>? Without = null, IReadOnlyList<string>? Lacking = null, int? Alert = null) : Decision;

    /// <param name="SplitFrom">The incident of which a person said that this is none.</param>
    /// <param name="After">The incident whose members came back with it, where it is one that happens again.</param>
    public sealed record IncidentOpened(IncidentId Incident, string Title, Severity Severity, bool Preexisting = false, IncidentId? After = null, IncidentId? SplitFrom = null) : Decision
    {
        [JsonIgnore]
        public override IncidentId? OfIncident => Incident;
    }

    /// <summary>Firing again within <c>incident.reopen</c>, or news after a person resolved it.</summary>
    public sealed record IncidentReopened(IncidentId Incident) : Decision
    {
        [JsonIgnore]
        public override IncidentId? OfIncident => Incident;
    }

    /// <summary>Settled after its last member ended, or resolved by a person.</summary>
    /// <param name="MergedInto">The incident that a person made it part of.</param>
    public sealed record IncidentResolved(IncidentId Incident, string? By = null, bool Forced = false, string? Note = null, IncidentId? MergedInto = null) : Decision
    {
        [JsonIgnore]
        public override IncidentId? OfIncident => Incident;
    }

    /// <summary>Nothing of it heard for <c>incident.quiet</c>; never called recovered.</summary>
    public sealed record IncidentWentStale(IncidentId Incident) : Decision
    {
        [JsonIgnore]
        public override IncidentId? OfIncident => Incident;
    }

    /// <summary>Covers changes up to <paramref name="Seen"/> and nothing later.</summary>
    public sealed record IncidentAcknowledged(
        IncidentId Incident, string By, string? Note, DateTimeOffset Until, string? Awaiting, long Seen) : Decision
    {
        [JsonIgnore]
        public override IncidentId? OfIncident => Incident;
    }

    public sealed record AcknowledgementEnded(IncidentId Incident, string Why) : Decision
    {
        [JsonIgnore]
        public override IncidentId? OfIncident => Incident;
    }

    public sealed record IncidentNoted(IncidentId Incident, string By, string Text) : Decision
    {
        [JsonIgnore]
        public override IncidentId? OfIncident => Incident;
    }

    /// <summary>Many alerts a second in one incident: seen as a state, not as pages.</summary>
    public sealed record StormBegan(IncidentId Incident, int AlertsInAMinute) : Decision
    {
        [JsonIgnore]
        public override IncidentId? OfIncident => Incident;
    }

    public sealed record StormEnded(IncidentId Incident, long Alerts) : Decision
    {
        [JsonIgnore]
        public override IncidentId? OfIncident => Incident;
    }

    /// <summary>Something new, named on its own.</summary>
    /// <param name="Ordinal">Position among the scope's surfaced changes, from 1.</param>
    /// <param name="Rank">How surprising, 0 to 1.</param>
    /// <param name="Alert">Index of the alert in its delivery that caused it; null where time alone did.</param>
    /// <param name="Due">The pagers that it is due to; empty where nobody is to be paged.</param>
    /// <param name="Input">The input that brought that alert, where it is not the one that was decided: what came was news only with what followed.</param>
    /// <param name="Count">Identities in it: more than one for an opening delivery or for many gone silent at once.</param>
    public sealed record ChangeSurfaced(
        IncidentId Incident,
        long Ordinal,
        Reason Reason,
        double Rank,
        Fingerprint Fingerprint,
        LabelSet Labels,
        string Why,
        Severity Severity,
        bool Urgent,
        int? Alert = null,
        int Count = 1,
        Severity? Was = null,
        string? Summary = null,
        double? Value = null,
        double? From = null,
        double? To = null,
        double? PerHour = null,
        IReadOnlyList<Fingerprint>? Fingerprints = null,
        IReadOnlyList<string>? Due = null,
        long? Input = null) : Decision
    {
        [JsonIgnore]
        public override IncidentId? OfIncident => Incident;
    }

    /// <summary>A page with its frozen body: every attempt sends these bytes under this id.</summary>
    /// <param name="Kind">opened, changed, resolved or reminder.</param>
    /// <param name="Named">Ordinals of the surfaced changes that this page names or rolls up.</param>
    /// <param name="Body">The contract's section 4 JSON.</param>
    public sealed record PageDecided(
        string Page, string Pager, IncidentId Incident, string Kind, bool Urgent, IReadOnlyList<long> Named, string Body) : Decision
    {
        [JsonIgnore]
        public override IncidentId? OfIncident => Incident;
    }

    /// <summary>People changed something: a deploy, a rollback. Told again under its id it is how that one went on.</summary>
    /// <param name="Cure"><c>rollback</c> or <c>restart</c> where something is expected to end because of it: it begins a settle window.</param>
    public sealed record ChangeRecorded(Change Change, string? Cure = null) : Decision;

    /// <summary>Which recorded changes may have caused the incident, most likely first: all of them, in place of those named before.</summary>
    public sealed record SuspectsNamed(IncidentId Incident, IReadOnlyList<Suspect> Suspects) : Decision
    {
        [JsonIgnore]
        public override IncidentId? OfIncident => Incident;
    }

    /// <summary>Where the incident likely began and what stands above what fires in it, by the declared topology: in place of what was named before.</summary>
    /// <param name="Origin">The furthest upstream thing that fires; null where nothing that fires needs anything else that does.</param>
    public sealed record OriginNamed(IncidentId Incident, string? Origin, IReadOnlyList<Affected> Impact) : Decision
    {
        [JsonIgnore]
        public override IncidentId? OfIncident => Incident;
    }

    /// <summary>Members of the incident should end because of a change, and have until the end of a settle window.</summary>
    /// <param name="What">The change in words.</param>
    /// <param name="Covers">How many of its members fire that it should end.</param>
    public sealed record SettleBegan(string Change, IncidentId Incident, string What, int Covers) : Decision
    {
        [JsonIgnore]
        public override IncidentId? OfIncident => Incident;
    }

    /// <summary>A settle window is over: of a change for one incident, of a change altogether, or of an incident most of which recovered at once.</summary>
    /// <param name="Change">Null for a recovery.</param>
    /// <param name="Incident">Null for a change altogether.</param>
    /// <param name="StillFiring">How much it should have cured and did not.</param>
    public sealed record SettleEnded(string? Change, IncidentId? Incident, int StillFiring) : Decision
    {
        [JsonIgnore]
        public override IncidentId? OfIncident => Incident;
    }

    public sealed record SilenceSet(Silence Silence) : Decision;

    public sealed record SilenceEnded(string Id) : Decision;

    /// <summary>A part of a delivery that nobody could understand; the raw body stays under the input's number.</summary>
    public sealed record PartRejected(long Delivery, string Source, int Index, string Field, string Problem) : Decision;

    /// <summary>The decider failed on this input twice and skips it, in replay too.</summary>
    public sealed record InputSetAside(long Number, string Error) : Decision;

    /// <summary>A pager failed for a minute, or answers again.</summary>
    public sealed record PagerStateChanged(string Pager, bool Failing, string Answer) : Decision;

    public sealed record BlindNoted(DateTimeOffset From, DateTimeOffset To) : Decision;

    /// <summary>From here on these rules decide.</summary>
    public sealed record RulesAdopted(string Hash, string DeciderVersion) : Decision;

    public sealed record TopologyAdopted(Topology Topology) : Decision;
}

/// <summary>An identity under another name.</summary>
/// <param name="Labels">Its labels, where an alert has brought what it lacked.</param>
/// <param name="Incident">The incident in which it counts from now on, where several fall together.</param>
public sealed record Rekeyed(Fingerprint From, Fingerprint To, LabelSet? Labels = null, IncidentId? Incident = null);

/// <summary>Repeats of one identity since the last count.</summary>
/// <param name="LastSeen">Time of the latest one.</param>
/// <param name="Observers">Observers not noted before, if any.</param>
public sealed record Repeats(
    Fingerprint Fingerprint, IncidentId? Incident, int Count, DateTimeOffset LastSeen, double? Value = null, IReadOnlyList<string>? Observers = null);
