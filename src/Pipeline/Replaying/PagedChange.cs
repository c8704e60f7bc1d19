using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Pipeline.Replaying;

/// <summary>A surfaced change as a page told it to one pager.</summary>
/// <param name="At">When the page that names it was decided.</param>
public sealed record PagedChange(string Pager, Reason Reason, Fingerprint Fingerprint, LabelSet Labels, DateTimeOffset At);

/// <summary>Collects paged changes from decisions in order: a page names its changes by their ordinals in the scope.</summary>
internal sealed class PagedChanges
{
    private readonly Dictionary<(string Scope, long Ordinal), Decision.ChangeSurfaced> surfaced = [];
    private readonly List<PagedChange> paged = [];

    public IReadOnlyList<PagedChange> All => paged;

    /// <param name="counts">False for what comes before the time asked about.</param>
    public void Decided(string scope, Decision decision, bool counts)
    {
        if (decision is Decision.ChangeSurfaced change) surfaced[(scope, change.Ordinal)] = change;
        if (decision is not Decision.PageDecided page || !counts) return;
        foreach (var ordinal in page.Named)
            if (surfaced.TryGetValue((scope, ordinal), out var named))
                paged.Add(new(page.Pager, named.Reason, named.Fingerprint, named.Labels, page.At));
    }
}
