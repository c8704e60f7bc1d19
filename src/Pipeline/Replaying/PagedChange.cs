using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Pipeline.Replaying;

/// <summary>A surfaced change as a page told it to one pager.</summary>
/// <param name="At">When the page that names it was decided.</param>
public sealed record PagedChange(string Pager, Reason Reason, Fingerprint Fingerprint, LabelSet Labels, DateTimeOffset At)
{
    private readonly DateTimeOffset? surfaced;

    /// <summary>When the change was surfaced, which may be before its page.</summary>
    public DateTimeOffset Surfaced
    {
        get => surfaced ?? At;
        init => surfaced = value;
    }

    /// <summary>The input line that caused it; null where time alone did, or where nobody knows.</summary>
    public long? Line { get; init; }

    /// <summary>The labels of every identity in it, where it holds several and they were asked for.</summary>
    public IReadOnlyList<LabelSet>? Members { get; init; }
}

/// <summary>Finds paged changes in decisions in order: a page names its changes by their ordinals in the scope.</summary>
/// <param name="withMembers">Keeps every identity's labels, to say what a change of several holds.</param>
internal sealed class PagedChanges(bool withMembers = false)
{
    private readonly Dictionary<(string Scope, long Ordinal), Waiting> waiting = [];
    private readonly Dictionary<Fingerprint, LabelSet> labels = [];

    /// <summary>What this decision pages. A change is forgotten once every pager that it is due to was told.</summary>
    /// <param name="line">The input line that a change comes of; null where time alone caused it.</param>
    public IEnumerable<PagedChange> Decided(string scope, Decision decision, long? line = null)
    {
        switch (decision)
        {
            case Decision.AlertDecided { Labels: { } shown } alert when withMembers:
                labels[alert.Fingerprint] = shown;
                return [];
            case Decision.ChangeSurfaced { Due: { Count: > 0 and var due } } change:
                waiting[(scope, change.Ordinal)] = new(change, line, due);
                return [];
            case Decision.PageDecided page:
                return Named(scope, page);
            default:
                return [];
        }
    }

    private IEnumerable<PagedChange> Named(string scope, Decision.PageDecided page)
    {
        foreach (var ordinal in page.Named)
        {
            if (!waiting.TryGetValue((scope, ordinal), out var one)) continue;
            if (one.Untold > 1) waiting[(scope, ordinal)] = one with { Untold = one.Untold - 1 };
            else waiting.Remove((scope, ordinal));
            var change = one.Change;
            yield return new(page.Pager, change.Reason, change.Fingerprint, change.Labels, page.At)
            {
                Surfaced = change.At, Line = one.Line, Members = withMembers ? change.Fingerprints?.Where(labels.ContainsKey).Select(f => labels[f]).ToList() : null,
            };
        }
    }

    /// <param name="Untold">How many pagers have not been told yet.</param>
    private readonly record struct Waiting(Decision.ChangeSurfaced Change, long? Line, int Untold);
}
