using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Pipeline.Replaying;

/// <summary>A surfaced change as a page told it to one pager.</summary>
/// <param name="At">When the page that names it was decided.</param>
public sealed record PagedChange(string Pager, Reason Reason, Fingerprint Fingerprint, LabelSet Labels, DateTimeOffset At);

/// <summary>Finds paged changes in decisions in order: a page names its changes by their ordinals in the scope.</summary>
internal sealed class PagedChanges
{
    private readonly Dictionary<(string Scope, long Ordinal), Waiting> waiting = [];

    /// <summary>What this decision pages. A change is forgotten once every pager that it is due to was told.</summary>
    public IEnumerable<PagedChange> Decided(string scope, Decision decision) => decision switch
    {
        Decision.ChangeSurfaced change => Surfaced(scope, change),
        Decision.PageDecided page => Named(scope, page),
        _ => [],
    };

    private PagedChange[] Surfaced(string scope, Decision.ChangeSurfaced change)
    {
        if (change.Due is { Count: > 0 and var due }) waiting[(scope, change.Ordinal)] = new(change.Reason, change.Fingerprint, change.Labels, due);
        return [];
    }

    private IEnumerable<PagedChange> Named(string scope, Decision.PageDecided page)
    {
        foreach (var ordinal in page.Named)
        {
            if (!waiting.TryGetValue((scope, ordinal), out var change)) continue;
            if (change.Untold > 1) waiting[(scope, ordinal)] = change with { Untold = change.Untold - 1 };
            else waiting.Remove((scope, ordinal));
            yield return new(page.Pager, change.Reason, change.Fingerprint, change.Labels, page.At);
        }
    }

    /// <param name="Untold">How many pagers have not been told yet.</param>
    private readonly record struct Waiting(Reason Reason, Fingerprint Fingerprint, LabelSet Labels, int Untold);
}
