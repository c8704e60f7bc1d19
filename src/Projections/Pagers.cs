using Dedupe.Deciding;
using Dedupe.Log;

namespace Projections;

/// <summary>A pager that fails, since when, and what it answered.</summary>
public sealed record FailingPager(string Pager, DateTimeOffset Since, string Answer);

/// <summary>Which pagers fail: every scope is told, the latest word counts.</summary>
/// <remarks>Scopes are folded side by side, in any order among them: what each said last is kept, and the time says which is the latest.</remarks>
public sealed class Pagers : IView
{
    private readonly Dictionary<string, Dictionary<int, Said>> said = [];

    /// <summary>A scope's last word of a pager, and when it last said that it answers.</summary>
    private sealed record Said(Decision.PagerStateChanged Last, DateTimeOffset Answered);

    string IView.Name => "pagers";

    public IReadOnlyList<FailingPager> Failing =>
        [.. said.Values.Select(Of).OfType<FailingPager>().OrderBy(f => f.Pager, StringComparer.Ordinal)];

    void IView.Fold(int scope, DecisionRecord record, Decision decision)
    {
        if (decision is not Decision.PagerStateChanged changed) return;
        if (!said.TryGetValue(changed.Pager, out var words)) said[changed.Pager] = words = [];
        words[scope] = new(changed, changed.Failing ? words.GetValueOrDefault(scope)?.Answered ?? DateTimeOffset.MinValue : changed.At);
    }

    private static FailingPager? Of(Dictionary<int, Said> words)
    {
        var latest = words.MaxBy(w => (w.Value.Last.At, w.Key)).Value.Last;
        if (!latest.Failing) return null;
        // A scope that has not heard of the recovery yet speaks of an earlier failure.
        var answered = words.Values.Max(w => w.Answered);
        return new(latest.Pager, words.Values.Where(w => w.Last.Failing && w.Last.At >= answered).Min(w => w.Last.At), latest.Answer);
    }
}
