using Dedupe.Vocabulary;
using Pipeline.Replaying;

namespace Pipeline.Labelling;

/// <summary>Which of the news a replay paged, and how much of what it paged was news.</summary>
/// <param name="All">In the order of the labels; those outside the replayed time are left out.</param>
/// <param name="Outside">How many were left out.</param>
/// <param name="Paged">Changes that were told to a pager.</param>
/// <param name="True">Of those, the ones that name news.</param>
internal sealed record NewsScore(IReadOnlyList<NewsFate> All, int Outside, int Paged, int True)
{
    public int Named => All.Count(f => f.At is not null);

    public IEnumerable<NewsFate> Missed => All.Where(f => f.At is null);

    /// <summary>Named of all, 0 to 1; 1 where there is none.</summary>
    public double Recall => All.Count == 0 ? 1 : (double)Named / All.Count;

    /// <summary>News of what was paged, 0 to 1; 1 where nothing was.</summary>
    public double Precision => Paged == 0 ? 1 : (double)True / Paged;

    /// <summary>How long after they began the named ones were paged, shortest first; only of those whose beginning is known.</summary>
    public IReadOnlyList<TimeSpan> Delays => [.. All.Where(f => f.Delay is not null).Select(f => f.Delay!.Value).Order()];

    public TimeSpan? MedianDelay => Delays is { Count: > 0 } all ? all[all.Count / 2] : null;

    /// <param name="soon">A page later than this after its change was surfaced is too late to count.</param>
    public static NewsScore Of(IReadOnlyList<News> news, ReplayResult result, TimeSpan soon) => Of(news, result.Paged, result.From, result.To, soon);

    public static NewsScore Of(IReadOnlyList<News> news, IReadOnlyList<PagedChange> paged, DateTimeOffset? first, DateTimeOffset? last, TimeSpan soon)
    {
        var within = news.Where(n => n.Overlaps(first, last)).ToList();
        var fates = within.ConvertAll(n => new NewsFate(n, null, null));
        var hits = 0;
        foreach (var change in paged)
        {
            var hit = false;
            for (var i = 0; i < within.Count; i++)
            {
                if (!within[i].IsNamedBy(change)) continue;
                hit = true;
                if (change.At - change.Surfaced <= soon && !(fates[i].At <= change.At)) fates[i] = new(within[i], change.At, change.Reason);
            }
            if (hit) hits++;
        }
        return new(fates, news.Count - within.Count, paged.Count, hits);
    }
}

/// <summary>What became of one piece of news.</summary>
/// <param name="At">When the first page named it; null where none did.</param>
internal sealed record NewsFate(News News, DateTimeOffset? At, Reason? Reason)
{
    /// <summary>How long after it began; null where either time is not known.</summary>
    public TimeSpan? Delay => At - News.From;
}
