namespace Bench.Storms;

/// <summary>What became of one piece of news.</summary>
/// <param name="Delay">How long after it could be known it was surfaced, 0 where it was before; null where no page names it.</param>
/// <param name="PageDelay">How long after it could be known a page said so.</param>
internal sealed record NewsFate(string Name, string Kind, TimeSpan? Delay, TimeSpan? PageDelay);

/// <summary>How much of the surfaced changes is what.</summary>
/// <param name="News">They name news.</param>
/// <param name="Following">They are true and follow from news.</param>
/// <param name="Ordinary">Ordinary noise that was never seen before.</param>
/// <param name="Noise">Ordinary noise once more.</param>
/// <param name="Wrong">Of a failure, and neither true nor said for the first time.</param>
internal readonly record struct Shares(int News, int Following, int Ordinary, int Noise, int Wrong)
{
    public int All => News + Following + Ordinary + Noise + Wrong;

    public double Precision => All == 0 ? 1 : (double)(News + Following) / All;

    public Shares Plus(Shares other) => new(News + other.News, Following + other.Following, Ordinary + other.Ordinary, Noise + other.Noise, Wrong + other.Wrong);
}

/// <summary>Pairs of identities: together in one incident, and of one failure in truth.</summary>
internal readonly record struct Pairs(long Both, long Incident, long Failure)
{
    public double Precision => Incident == 0 ? 1 : (double)Both / Incident;

    public double Recall => Failure == 0 ? 1 : (double)Both / Failure;

    public double F1 => Precision + Recall == 0 ? 0 : 2 * Precision * Recall / (Precision + Recall);

    public Pairs Plus(Pairs other) => new(Both + other.Both, Incident + other.Incident, Failure + other.Failure);

    public static Pairs Of(IReadOnlyCollection<(string Failure, string Incident)> all) => new(Count(all, i => i), Count(all, i => i.Incident), Count(all, i => i.Failure));

    private static long Count<T>(IEnumerable<(string, string)> all, Func<(string Failure, string Incident), T> by) => all.GroupBy(by).Sum(g => (long)g.Count() * (g.Count() - 1) / 2);
}

/// <summary>How well a storm was told.</summary>
/// <param name="Others">Surfaced changes that are neither news nor follow from it, in words.</param>
internal sealed record StormScore(
    int Seed, bool Topology, int Failures, int Alerts, IReadOnlyList<NewsFate> News, int Pages, Shares Changes, Pairs Grouping, int Causes, int Suspected, double Seconds, IReadOnlyList<string> Others)
{
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    public static StormScore Of(StormLabels labels, Replayed replayed)
    {
        var fates = labels.Labels.Select(n => Fate(n, labels, replayed)).ToList();
        var (shares, wrong, named) = (new Shares(), new List<string>(), new HashSet<NewsLabel>(ReferenceEqualityComparer.Instance));
        var failing = replayed.Alerts.Where(a => a.Failure.Length > 0).Select(a => a.Identity).ToHashSet();
        foreach (var change in replayed.Changes)
        {
            var about = labels.Identities[change.Identity];
            bool Is(IReadOnlyDictionary<string, string> match, IReadOnlyList<string> reasons, DateTimeOffset from, DateTimeOffset to) =>
                reasons.Contains(change.Reason) && change.At >= from && change.At <= to && Carries(about, match);
            var follows = labels.Consequences.Where(c => Is(c.Match, c.Reasons, c.From, c.To)).ToList();
            // News that was named before is none.
            if (labels.Labels.Where(n => Is(n.Match, n.Reasons, n.From, n.To)).Where(named.Add).ToList().Count > 0) shares = shares with { News = shares.News + 1 };
            else if (follows.Exists(c => !c.Ordinary)) shares = shares with { Following = shares.Following + 1 };
            else if (follows.Count > 0) shares = shares with { Ordinary = shares.Ordinary + 1 };
            else
            {
                var noise = !failing.Contains(change.Identity);
                shares = noise ? shares with { Noise = shares.Noise + 1 } : shares with { Wrong = shares.Wrong + 1 };
                wrong.Add($"{(noise ? "noise" : "wrong")}: {change.At:HH:mm:ss} {change.Reason} {string.Join(' ', about.Values)}: {change.Why}");
            }
        }
        var causes = labels.Failures.Where(f => f.Change is not null).ToList();
        return new(labels.Storm, labels.Topology, labels.Failures.Count, replayed.Alerts.Count, fates, replayed.Pages, shares, PairsOf(replayed), causes.Count,
            causes.Count(f => replayed.Suspects.Contains(f.Change!)), replayed.Seconds, wrong);
    }

    private static NewsFate Fate(NewsLabel news, StormLabels labels, Replayed replayed)
    {
        var naming = replayed.Told.Where(t => news.Reasons.Contains(t.Reason) && t.At >= news.From && t.At <= news.To && IsAbout(t, news, labels)).ToList();
        return naming.Count == 0 ? new(news.Name, news.Kind, null, null)
            : new(news.Name, news.Kind, Later(naming.Min(t => t.At) - news.Known), Later(naming.Min(t => t.PagedAt) - news.Known));
    }

    private static bool IsAbout(ToldChange told, NewsLabel news, StormLabels labels) =>
        told.Identities.Any(i => Carries(labels.Identities[i], news.Match))
        // Of more than a page names, it is one that has what they share.
        || (told.Count > told.Identities.Count && told.Labels.Count > 0 && labels.Identities.Any(i => Carries(i, news.Match) && Carries(i, told.Labels)));

    private static bool Carries(IReadOnlyDictionary<string, string> identity, IReadOnlyDictionary<string, string> match) => match.All(m => identity.GetValueOrDefault(m.Key) == m.Value);

    private static TimeSpan Later(TimeSpan delay) => delay > TimeSpan.Zero ? delay : TimeSpan.Zero;

    /// <summary>Every identity of a failure once, in the incident into which it first came: what is sent most would count most.</summary>
    private static Pairs PairsOf(Replayed replayed) =>
        Pairs.Of([.. replayed.Alerts.Where(a => a.Failure.Length > 0 && a.Incident.Length > 0).DistinctBy(a => (a.Failure, a.Identity)).Select(a => (a.Failure, a.Incident))]);
}
