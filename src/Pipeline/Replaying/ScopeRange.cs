using Dedupe.Log;

namespace Pipeline.Replaying;

/// <summary>The inputs of one scope that are exported: from the first to the last, both included.</summary>
internal sealed record ScopeRange(int Scope, string Name, long First, long Last)
{
    /// <summary>In order of the scopes' numbers; a scope without an input in that time is left out.</summary>
    /// <param name="to">What was recorded at that time is not with them.</param>
    public static async Task<IReadOnlyList<ScopeRange>> AllAsync(ILog log, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancel)
    {
        var ranges = new List<ScopeRange>();
        var scopes = await log.ScopesAsync(cancel);
        var ends = await EndsAsync(log, scopes, cancel);
        for (var i = 0; i < scopes.Count; i++)
        {
            var (scope, last) = (scopes[i].Key, ends[i].LastInput);
            var first = Math.Max(1, ends[i].FirstInput);
            if (from is { } since) first = await FirstAtAsync(log, scope, since, first, last, cancel);
            if (to is { } until) last = await FirstAtAsync(log, scope, until, first, last, cancel) - 1;
            if (first <= last) ranges.Add(new(scope, scopes[i].Value, first, last));
        }
        return ranges;
    }

    /// <summary>Where all scopes stood at one moment: a delivery lies in several, and is in the range of each or of none.</summary>
    private static async Task<IReadOnlyList<LogPosition>> EndsAsync(ILog log, IReadOnlyList<KeyValuePair<int, string>> scopes, CancellationToken cancel)
    {
        var ends = await ReadAsync();
        // Positions only grow: two readings that agree were true together in between. One is far quicker than a commit.
        while (await ReadAsync() is var again && !again.SequenceEqual(ends)) ends = again;
        return ends;

        async Task<IReadOnlyList<LogPosition>> ReadAsync()
        {
            var positions = new List<LogPosition>(scopes.Count);
            foreach (var (scope, _) in scopes) positions.Add(await log.PositionAsync(scope, cancel));
            return positions;
        }
    }

    /// <summary>The first number of low to high that was not recorded before; high + 1 where there is none. By halves, since times never run backwards.</summary>
    private static async Task<long> FirstAtAsync(ILog log, int scope, DateTimeOffset time, long low, long high, CancellationToken cancel)
    {
        while (low <= high)
        {
            var middle = low + ((high - low) / 2);
            if (await AtAsync(log, scope, middle, cancel) < time) low = middle + 1;
            else high = middle - 1;
        }
        return low;
    }

    private static async Task<DateTimeOffset> AtAsync(ILog log, int scope, long number, CancellationToken cancel)
    {
        await foreach (var record in log.ReadInputsAsync(scope, number, cancel)) return record.At;
        return DateTimeOffset.MaxValue;
    }
}
