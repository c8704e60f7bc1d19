using Dedupe.Grouping;
using Dedupe.Rules;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>What a decision is made in: the state, the rules, the moment; and where its decisions go.</summary>
internal sealed class World(string scope, State state, RuleSet rules, Topology topology)
{
    private readonly List<Decision> decided = [];
    private readonly Fold fold = new(state);
    private PagerRule[] pagers = Configured(rules);

    /// <summary>Reasons in words, and whom the last change was due to: in a storm tens of thousands of changes wait with the same.</summary>
    private readonly SameWords words = new();
    private string[] dueLast = [];

    public string Scope => scope;
    public State State => state;
    public RuleSet Rules { get; private set; } = rules;
    public Topology Topology { get; private set; } = topology;
    public Neighbours Neighbours { get; private set; } = new(topology);
    public DueQueue Queue { get; } = new();

    /// <summary>The moment that is decided, in Unix milliseconds.</summary>
    public long Now { get; set; }

    /// <summary>The input that is decided, and how many incidents it has opened: what makes ids.</summary>
    public long Input { get; set; }
    public int OpenedByInput { get; set; }

    /// <summary>Where the delivery that is judged came from.</summary>
    public string Source { get; set; } = "";

    public IReadOnlyList<Decision> Decided => decided;

    /// <summary>The same state under other rules; what was decided in this step stays.</summary>
    public void Adopt(RuleSet rules, Topology topology)
    {
        Rules = rules;
        Topology = topology;
        Declare(Now);
        if (Neighbours.Topology != topology) Neighbours = new(topology);
        pagers = Configured(rules);
        state.Index.Adopt(rules.Group, state.Incidents.Values);
    }

    /// <summary>Begins to wait for the heartbeats of the rules in force, where it does not yet.</summary>
    public void Declare(long at) => state.Hearts.Declare(Rules, scope, at);

    public void Clear() => decided.Clear();

    public bool HasHistory => state.FirstDeliveryAt != Clock.Never && Now - state.FirstDeliveryAt >= Rules.Surface.History.Ms();

    /// <summary>Decides: the facts change at once, the caller appends.</summary>
    public void Emit(Decision decision)
    {
        var stamped = decision with { At = Now.ToTime() };
        var left = stamped is Decision.IdentityForgotten { Fingerprint: var forgotten } ? state.Identities.GetValueOrDefault(forgotten)?.Incident : null;
        fold.Apply(stamped);
        decided.Add(stamped);
        if (left is not null) Arm(left);
        if (stamped.OfIncident is { } id && state.Incidents.TryGetValue(id.Value, out var incident)) Arm(incident, stamped);
    }

    /// <summary>An incident, and those members whose own moments the decision may have brought nearer.</summary>
    private void Arm(IncidentState incident, Decision decision)
    {
        Arm(incident);
        if (decision is Decision.IncidentReopened)
            foreach (var member in incident.Members) Arm(member);
        else if (decision is Decision.ChangeSurfaced { Reason: Reason.Unsilenced } change && state.Identities.TryGetValue(change.Fingerprint, out var identity))
            Arm(identity);
    }

    /// <summary>Applies a decision of the log.</summary>
    public void Recover(Decision decision) => fold.Apply(decision);

    public void Arm(IDue due) => Queue.Arm(due, Due.Of(this, due));

    /// <summary>Names a change on its own, and says who is due it.</summary>
    public void Surface(IncidentState incident, IdentityState identity, Verdict verdict, int? alert = null, IReadOnlyList<IdentityState>? all = null, long? input = null)
    {
        if (incident.Course != Course.Open) Emit(new Decision.IncidentReopened(incident.Id));
        var severity = verdict.Severity ?? identity.Severity;
        Emit(new Decision.ChangeSurfaced(
            incident.Id, state.NextOrdinal, verdict.Reason, Math.Round(verdict.Rank, 3), identity.Fingerprint, verdict.Labels ?? identity.Labels, words.Share(verdict.Why),
            severity, verdict.Urgent, alert, all?.Count ?? 1, verdict.Was, verdict.Summary ?? (identity.Summary.Length > 0 ? identity.Summary : null),
            verdict.Value ?? identity.Value, verdict.From, verdict.To, verdict.PerHour, Fingerprints: all is { Count: > 1 } ? [.. all.Select(i => i.Fingerprint)] : null,
            Due: DueTo(severity, verdict.Labels ?? identity.Labels, verdict.NotTo), Input: input));
    }

    /// <summary>The pagers a change is due to: those whose match it meets, all where it meets none; each from its own severity on; info never pages.</summary>
    private string[] DueTo(Severity severity, LabelSet labels, string? notTo)
    {
        var paging = severity.ForPaging();
        if (paging < Severity.Warning) return [];
        var matching = notTo is null ? pagers.Where(p => labels.Matches(p.Match)).ToArray() : [];
        string[] names = [.. (matching.Length > 0 ? matching : pagers).Where(p => p.Name != notTo && paging >= p.From.ForPaging()).Select(p => p.Name)];
        return dueLast = names.AsSpan().SequenceEqual(dueLast) ? dueLast : names;
    }

    private static PagerRule[] Configured(RuleSet rules) => rules.Pagers.Count > 0 ? [.. rules.Pagers] : [new("default", LabelSet.Empty)];
}

/// <summary>Why something is news, and how surprising.</summary>
internal sealed record Verdict(Reason Reason, double Rank, string Why, bool Urgent)
{
    public Severity? Was { get; init; }

    /// <summary>The severity it is paged with, where that is not the identity's own.</summary>
    public Severity? Severity { get; init; }
    public LabelSet? Labels { get; init; }

    /// <summary>The number it is about, where it was and where it is, and how fast it goes.</summary>
    public double? Value { get; init; }
    public double? From { get; init; }
    public double? To { get; init; }
    public double? PerHour { get; init; }
    public string? Summary { get; init; }

    /// <summary>A pager that is the news itself: told to every other one.</summary>
    public string? NotTo { get; init; }
}
