using Dedupe.Vocabulary;

namespace Pipeline.Replaying;

/// <summary>What two sides page differently: matched by pager, reason, fingerprint and occurrence.</summary>
public sealed class PageDiff
{
    private PageDiff(IReadOnlyList<Difference> differences, int same) => (Differences, Same) = (differences, same);

    /// <summary>In order of time.</summary>
    public IReadOnlyList<Difference> Differences { get; }

    /// <summary>Changes that both sides page at the same moment.</summary>
    public int Same { get; }

    public int OnlyHere => Differences.Count(d => d.There is null);

    public int OnlyThere => Differences.Count(d => d.Here is null);

    public int Moved => Differences.Count(d => d is { Here: not null, There: not null });

    public static PageDiff Between(IReadOnlyList<PagedChange> here, IReadOnlyList<PagedChange> there)
    {
        var theirs = Numbered(there);
        var differences = new List<Difference>();
        var same = 0;
        foreach (var (key, change) in Numbered(here))
        {
            if (theirs.Remove(key, out var other) && other.At == change.At) same++;
            else differences.Add(new(change, key.Occurrence, change.At, other?.At));
        }
        foreach (var (key, change) in theirs) differences.Add(new(change, key.Occurrence, null, change.At));
        return new(
        [
            .. differences.OrderBy(d => d.Here ?? d.There).ThenBy(d => d.Change.Pager, StringComparer.Ordinal).ThenBy(d => d.Change.Reason)
                .ThenBy(d => d.Change.Fingerprint).ThenBy(d => d.Occurrence),
        ], same);
    }

    /// <param name="warmFrom">Since when there was history before the compared time; null where there was none.</param>
    internal void Write(string path, DateTimeOffset? warmFrom, string here, string there)
    {
        using var file = new JsonLinesFile(path);
        file.Write(new DiffHead(warmFrom, here, there, OnlyHere, OnlyThere, Moved, Same), ReplayJson.Default.DiffHead);
        foreach (var d in Differences)
        {
            file.Write(
                new DiffRow(
                    d.Word, d.Change.Pager, Words.Of(d.Change.Reason), d.Change.Fingerprint, d.Occurrence, d.Change.Labels,
                    d.Here, d.There, d.MovedBy?.TotalSeconds),
                ReplayJson.Default.DiffRow);
        }
    }

    private static Dictionary<(string, Reason, Fingerprint, int Occurrence), PagedChange> Numbered(IReadOnlyList<PagedChange> changes)
    {
        var seen = new Dictionary<(string, Reason, Fingerprint), int>();
        var numbered = new Dictionary<(string, Reason, Fingerprint, int), PagedChange>(changes.Count);
        foreach (var change in changes)
        {
            var key = (change.Pager, change.Reason, change.Fingerprint);
            var occurrence = seen[key] = seen.GetValueOrDefault(key) + 1;
            numbered.Add((change.Pager, change.Reason, change.Fingerprint, occurrence), change);
        }
        return numbered;
    }
}

/// <summary>One paged change that only one side has, or that moved.</summary>
/// <param name="Occurrence">How often this pager was told this reason for this identity, this time included.</param>
public sealed record Difference(PagedChange Change, int Occurrence, DateTimeOffset? Here, DateTimeOffset? There)
{
    /// <summary>Positive: later here than there.</summary>
    public TimeSpan? MovedBy => Here - There;

    public string Word => (Here, There) switch
    {
        (null, _) => "only-there",
        (_, null) => "only-here",
        _ => "moved",
    };
}
