using Dedupe.Deciding;
using Dedupe.Log;

namespace Projections;

/// <summary>A pager that fails, since when, and what it answered.</summary>
public sealed record FailingPager(string Pager, DateTimeOffset Since, string Answer);

/// <summary>Which pagers fail: every scope is told, the latest word counts.</summary>
public sealed class Pagers : IView
{
    private readonly Dictionary<string, FailingPager> failing = [];

    string IView.Name => "pagers";

    public IReadOnlyList<FailingPager> Failing => [.. failing.Values.OrderBy(f => f.Pager, StringComparer.Ordinal)];

    void IView.Fold(int scope, DecisionRecord record, Decision decision)
    {
        if (decision is not Decision.PagerStateChanged changed) return;
        if (!changed.Failing) failing.Remove(changed.Pager);
        else if (failing.TryGetValue(changed.Pager, out var known)) failing[changed.Pager] = known with { Answer = changed.Answer };
        else failing[changed.Pager] = new(changed.Pager, changed.At, changed.Answer);
    }
}
