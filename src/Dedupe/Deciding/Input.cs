using System.Text.Json.Serialization;
using Dedupe.Rules;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>What the decider is told, in the order of the log. Everything it knows of time and world comes in here.</summary>
public abstract record Input
{
    private Input() { }

    /// <summary>Position in the scope's log, from 1 without gaps.</summary>
    public required long Number { get; init; }

    /// <summary>The time that decides; never before the previous input's.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>A delivery, parsed. <see cref="Alerts"/> holds the scope's own; changes go to every scope.</summary>
    public sealed record Delivery : Input
    {
        public required string Source { get; init; }

        /// <summary>The same in every copy of this delivery that a broker may hand out; a second one is dropped. Empty: never a copy.</summary>
        public string Id { get; init; } = "";
        public IReadOnlyList<Alert> Alerts { get; init; } = [];
        public IReadOnlyList<Change> Changes { get; init; } = [];
        public IReadOnlyList<RejectedPart> Rejected { get; init; } = [];

        /// <summary>The sender's own key and a hash of the body; a second one of the source with the same within 24 h is dropped. Null: it gave none.</summary>
        public string? CopyKey { get; init; }
    }

    /// <summary>Time passed with nothing to say.</summary>
    public sealed record Tick : Input;

    /// <summary>We did not listen: downtime, an unreachable broker, a backlog.</summary>
    public sealed record Blind(DateTimeOffset From, DateTimeOffset To) : Input;

    public sealed record RulesInForce(RuleSet Rules) : Input;

    public sealed record TopologyInForce(Topology Topology) : Input;

    /// <summary>A person or a program did something to an incident or a silence.</summary>
    public sealed record Acted(Act Act) : Input;

    /// <summary>A pager has failed for a minute, or answers again.</summary>
    public sealed record PagerReported(string Pager, bool Failing, string Answer) : Input;
}

/// <summary>Commands: what a person or a program asks of the decider. Stored as inputs; add cases and defaults, never change one.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "act")]
[JsonDerivedType(typeof(Acknowledge), "acknowledge")]
[JsonDerivedType(typeof(Resolve), "resolve")]
[JsonDerivedType(typeof(AddNote), "note")]
[JsonDerivedType(typeof(Merge), "merge")]
[JsonDerivedType(typeof(Split), "split")]
[JsonDerivedType(typeof(SetSilence), "set-silence")]
[JsonDerivedType(typeof(EndSilence), "end-silence")]
public abstract record Act
{
    private Act() { }

    /// <param name="Until">When it ends; null for the default of an hour. At most 24 h are given.</param>
    /// <param name="Awaiting">restart, rollback or deploy, where the acknowledgement waits for one.</param>
    /// <param name="Seen">The incident version the person had seen; null: all known when the request came.</param>
    public sealed record Acknowledge(
        IncidentId Incident, string By, string? Note = null, DateTimeOffset? Until = null, string? Awaiting = null, long? Seen = null) : Act;

    public sealed record Resolve(IncidentId Incident, string By, bool Force = false, string? Note = null) : Act;

    public sealed record AddNote(IncidentId Incident, string By, string Text) : Act;

    /// <summary>Two incidents are one failure: what fires in the one goes on in the other, and comes back there.</summary>
    public sealed record Merge(IncidentId Incident, IncidentId Into, string By) : Act;

    /// <summary>Some members are another failure: an incident of their own, and none of them joins the old one again.</summary>
    public sealed record Split(IncidentId Incident, IReadOnlyList<Fingerprint> Fingerprints, string By) : Act;

    /// <summary>A new silence, or a new content for the one of this id.</summary>
    public sealed record SetSilence(Silence Silence) : Act;

    public sealed record EndSilence(string Id, string By) : Act;
}
