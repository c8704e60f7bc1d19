using System.Text.Json;
using System.Text.Json.Serialization;
using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Pipeline.Hosting;
using Projections;

namespace Pipeline.Api;

/// <summary>An incident in a list.</summary>
internal record IncidentItem
{
    public required string Id { get; init; }
    public required string Scope { get; init; }

    /// <summary>Number of its decisions so far: what <c>seen</c> of an acknowledgement means.</summary>
    public required long Version { get; init; }
    public required string Title { get; init; }
    public required string State { get; init; }
    public required string Severity { get; init; }
    public required DateTimeOffset OpenedAt { get; init; }
    public required DateTimeOffset? ResolvedAt { get; init; }
    public required string? ResolvedBy { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public required string Url { get; init; }
    public required AlertCounts Alerts { get; init; }
    public required int Pages { get; init; }

    /// <summary>Changes surfaced in it, and how many of them nobody has seen.</summary>
    public required long Surfaced { get; init; }
    public required int Unseen { get; init; }

    /// <summary>Up to which version acknowledgements covered it, ended ones included; and how many changes were surfaced since.</summary>
    public required long Seen { get; init; }
    public required int News { get; init; }
    public required bool Storm { get; init; }

    /// <summary>The one in force. Where it covers less than there is by now, the state is open and <see cref="News"/> says how much.</summary>
    public required Acknowledgement? Acknowledgement { get; init; }

    /// <summary>The furthest upstream thing that fires, and the systems and businesses above what does, as its last page said; of one that has ended, as it was last.</summary>
    public required string? Origin { get; init; }
    public required IReadOnlyList<ImpactItem> Impact { get; init; }

    /// <summary>Recorded changes that may have caused it, most likely first.</summary>
    public required IReadOnlyList<Suspect> Suspects { get; init; }
}

internal sealed record ImpactItem(string Level, string Component);

/// <summary>An incident with what it is made of.</summary>
internal sealed record IncidentBody : IncidentItem
{
    public required IReadOnlyList<MemberItem> Members { get; init; }
    public required IReadOnlyList<ChangeItem> Changes { get; init; }
    public required IReadOnlyList<Note> Notes { get; init; }
}

internal sealed record MemberItem(
    Fingerprint Fingerprint, LabelSet Labels, string Severity, string State, DateTimeOffset JoinedAt, string? Because, long Repeats,
    string Summary);

/// <summary>A surfaced change, in the words of a page.</summary>
internal sealed record ChangeItem(
    string Reason, double Rank, DateTimeOffset At, Fingerprint Fingerprint, LabelSet Labels, int Count, string Severity, string? Was,
    string? Summary,
    string Why, double? Value, double? From, double? To, double? PerHour, long Version, ExposureItem Exposure);

/// <summary>Who was shown a change, by which page and when, what acknowledgement covered it first, and why whoever was not told was not.</summary>
/// <param name="Text">All of it for a person.</param>
internal sealed record ExposureItem(bool Seen, string Text, IReadOnlyList<ToldItem> Told, CoverItem? Acknowledged, IReadOnlyList<Waiting> Waiting);

/// <summary>A page that names it; <see cref="AnsweredAt"/> of one that was sent is when its pager took it.</summary>
internal sealed record ToldItem(
    string Page, string Pager, string Kind, DateTimeOffset At, string State, int Attempts, string? Answer, DateTimeOffset? AnsweredAt);

/// <summary>An acknowledgement that covers a change.</summary>
/// <param name="Version">Which line of the timeline it is.</param>
internal sealed record CoverItem(string By, DateTimeOffset At, long Version);

/// <param name="Why">gathering, owed, failing, undeliverable, silenced, info, unrouted or shadow: all that hold.</param>
internal sealed record UnseenItem(string Incident, string Url, IReadOnlyList<string> Why, ChangeItem Change);

/// <param name="Exposure">Of a surfaced change.</param>
/// <param name="Told">Of a page.</param>
internal sealed record TimelineItem(
    long Version, DateTimeOffset At, string Type, string Text, JsonElement Decision, ExposureItem? Exposure, ToldItem? Told);

internal sealed record StreamItem(
    string Scope, string? Incident, DateTimeOffset At, string Type, string Text, JsonElement Decision);

internal sealed record AlertItem(
    Fingerprint Fingerprint, LabelSet Labels, string Severity, string State, DateTimeOffset FirstSeen, DateTimeOffset LastSeen,
    long Repeats,
    IReadOnlyList<string> Observers, string? Incident, string Summary, string? Url, string? SilencedBy);

internal sealed record RejectedItem(
    string Id, DateTimeOffset At, string Source, int? Index, string Field, string Problem, string Scope, long Input);

internal record PageItem
{
    public required string Id { get; init; }
    public required string Pager { get; init; }
    public required string Incident { get; init; }
    public required string Kind { get; init; }
    public required string Urgency { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string State { get; init; }
    public required int Attempts { get; init; }
    public required string? Answer { get; init; }
    public required DateTimeOffset? AnsweredAt { get; init; }
    public required string Text { get; init; }
}

/// <summary>A page with the body that every attempt sends; null where retention took it.</summary>
internal sealed record PageWithBody : PageItem
{
    public required JsonElement? Body { get; init; }
}

internal sealed record SummaryBody(
    LevelCounts Host, LevelCounts Service, LevelCounts System, LevelCounts Business, IReadOnlyList<FailingPager> FailingPagers,
    int UnseenChanges);

/// <summary>The components that are declared, and apart from them what was learned of any, declared or not.</summary>
/// <param name="Learned">Components that begin to alert within a minute of each other time after time, strongest first; at most 1,000 of a scope.</param>
/// <param name="LearnedCount">How many of those there are.</param>
/// <param name="Unanswered">Scopes of which it is not known what they learned: nobody decides them at the moment, or their decider did not answer.</param>
internal sealed record TopologyBody(IReadOnlyList<ComponentItem> Components, IReadOnlyList<LearnedItem> Learned, int LearnedCount, IReadOnlyList<string> Unanswered);

/// <summary>A likely edge without a direction, that nobody declared: it groups alerts as a declared one does, and names no origin and no impact.</summary>
/// <param name="Between">The two components, by name.</param>
/// <param name="Times">Episodes in which both began within a minute of each other.</param>
/// <param name="Of">Episodes of the one that had more of them.</param>
/// <param name="Weight">The one divided by the other: 0.6 at least, 1 where neither ever began alone.</param>
/// <param name="LastSeen">When they last began together.</param>
/// <param name="Declared">The topology in force says so too: one needs the other or is part of it.</param>
internal sealed record LearnedItem(IReadOnlyList<string> Between, string Scope, int Times, int Of, double Weight, DateTimeOffset LastSeen, bool Declared);

internal sealed record ComponentItem(string Name, string Level, string? PartOf, IReadOnlyList<string> DependsOn);

internal sealed record TopologyRequest(IReadOnlyList<ComponentItem> Components);

internal sealed record ReadyBody(
    bool Ready, bool LogOpen, bool StateRecovered, bool IngestAccepting, IReadOnlyDictionary<string, string> StoppedViews);

internal sealed record AliveBody(string Status);

internal sealed record AcknowledgeRequest(string? By, string? Note, DateTimeOffset? Until, string? Awaiting, long? Seen);

internal sealed record ResolveRequest(string? By, string? Note, bool Force = false);

internal sealed record NoteRequest(string? By, string? Text, string? Note);

internal sealed record MergeRequest(string? Into, string? By);

internal sealed record SplitRequest(IReadOnlyList<Fingerprint>? Fingerprints, string? By);

internal sealed record ResubmitBody(int Accepted);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(UtcMilliseconds)])]
[JsonSerializable(typeof(Listed<IncidentItem>))]
[JsonSerializable(typeof(IncidentBody))]
[JsonSerializable(typeof(Listed<TimelineItem>))]
[JsonSerializable(typeof(Listed<AlertItem>))]
[JsonSerializable(typeof(Listed<Change>))]
[JsonSerializable(typeof(Listed<RejectedItem>))]
[JsonSerializable(typeof(Listed<PageItem>))]
[JsonSerializable(typeof(PageWithBody))]
[JsonSerializable(typeof(Listed<UnseenItem>))]
[JsonSerializable(typeof(Listed<TestAnswer>))]
[JsonSerializable(typeof(SummaryBody))]
[JsonSerializable(typeof(TopologyBody))]
[JsonSerializable(typeof(TopologyRequest))]
[JsonSerializable(typeof(StreamItem))]
[JsonSerializable(typeof(ReadyBody))]
[JsonSerializable(typeof(AliveBody))]
[JsonSerializable(typeof(AcknowledgeRequest))]
[JsonSerializable(typeof(ResolveRequest))]
[JsonSerializable(typeof(NoteRequest))]
[JsonSerializable(typeof(MergeRequest))]
[JsonSerializable(typeof(SplitRequest))]
[JsonSerializable(typeof(ResubmitBody))]
internal sealed partial class ApiJson : JsonSerializerContext;
