using Dedupe.Vocabulary;

namespace Dedupe.Paging;

/// <summary>One entry of a page's <c>rolledUp</c>: how many changes of a reason and alertname the page has no room to name.</summary>
internal sealed record RolledUp(Reason Reason, string Alertname, int Count)
{
    /// <summary>At most so many by name, the most first; what is left is counted by reason alone: nothing goes by unsaid.</summary>
    public static List<RolledUp> Of(IEnumerable<PageEntry> rest, int namedAtMost)
    {
        var groups = rest.GroupBy(e => (e.First.Reason, e.Alertname))
            .Select(g => new RolledUp(g.Key.Reason, g.Key.Alertname, g.Sum(e => e.Count)))
            .OrderByDescending(g => g.Count).ThenBy(g => g.Reason).ThenBy(g => g.Alertname, StringComparer.Ordinal).ToList();
        var others = groups.Skip(namedAtMost).GroupBy(g => g.Reason).OrderBy(g => g.Key)
            .Select(g => new RolledUp(g.Key, $"({Say.Count(g.Count(), "other", "others")})", g.Sum(r => r.Count)));
        return [.. groups.Take(namedAtMost).OrderBy(g => g.Reason).ThenBy(g => g.Alertname, StringComparer.Ordinal), .. others];
    }
}
