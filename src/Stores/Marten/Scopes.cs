using System.Collections.Concurrent;
using Dedupe.Log;
using static Stores.Marten.Reading;

namespace Stores.Marten;

/// <summary>The scopes and where each one's inputs stand.</summary>
internal sealed class Scopes(Database database)
{
    private readonly ConcurrentDictionary<string, int> known = new(StringComparer.Ordinal);

    public async ValueTask<int> NumberAsync(string name, CancellationToken cancel)
    {
        if (known.TryGetValue(name, out var number)) return number;
        // Asked for at once, by processes too, one makes it: the lock is held until its commit.
        await using var batch = database.Source.CreateBatch();
        batch.BatchCommands.Add(new($"SELECT pg_advisory_xact_lock({Tables.Locks}, {Tables.SegmentLock})"));
        batch.BatchCommands.Add(new($"""
            INSERT INTO {database.Schema}.heads (scope, name, last_at)
            SELECT coalesce(max(scope), 0) + 1, $1, $2 FROM {database.Schema}.heads ON CONFLICT (name) DO NOTHING
            """)
        { Parameters = { P(name), P(DateTimeOffset.MinValue.ToUnixTimeMilliseconds()) } });
        await batch.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
        foreach (var (scope, its) in await AllAsync(cancel).ConfigureAwait(false)) known[its] = scope;
        return known[name];
    }

    public async ValueTask<IReadOnlyList<KeyValuePair<int, string>>> AllAsync(CancellationToken cancel) => await database.Source.RowsAsync(
        $"SELECT scope, name FROM {database.Schema}.heads ORDER BY scope", row => KeyValuePair.Create(row.GetInt32(0), row.GetString(1)), cancel)
        .ConfigureAwait(false);

    /// <summary>Begins an empty scope behind a position. Marten is told by a stream that stands there and holds nothing.</summary>
    public async Task BeginAsync(int scope, LogPosition begins, CancellationToken cancel)
    {
        var begun = await database.Source.RowsAsync(
            $"""
            WITH begun AS (
                UPDATE {database.Schema}.heads SET last_input = $2, last_at = $3, first_input = $2 + 1, gone_decision = $4, gone_decided = $5
                WHERE scope = $1 AND last_input = 0 AND gone_decision = 0 AND NOT EXISTS (SELECT FROM {database.Schema}.mt_streams WHERE id = $6)
                RETURNING scope),
            stream AS (INSERT INTO {database.Schema}.mt_streams (id, version) SELECT $6, $4 FROM begun WHERE $4 > 0)
            SELECT scope FROM begun
            """,
            row => row.GetInt32(0), cancel, P(scope), P(begins.LastInput), P(begins.LastAt.ToUnixTimeMilliseconds()), P(begins.LastDecision),
            P(begins.LastDecided), P(Database.Stream(scope))).ConfigureAwait(false);
        if (begun.Count == 0) throw new WrongNumberException($"scope {scope} has begun: it holds something, or begins elsewhere");
    }

    /// <summary>Behind which decision a copied scope began, and the input that it decided; zeros for others.</summary>
    public async Task<(long Decision, long Input)> GoneAsync(int scope, CancellationToken cancel) => (await database.Source.RowsAsync(
        $"SELECT gone_decision, gone_decided FROM {database.Schema}.heads WHERE scope = $1", row => (row.GetInt64(0), row.GetInt64(1)), cancel, P(scope))
        .ConfigureAwait(false)).FirstOrDefault();

    /// <summary>Of the inputs only: its decisions are zeros.</summary>
    public async Task<LogPosition> HeadAsync(int scope, CancellationToken cancel)
    {
        var rows = await database.Source.RowsAsync(
            $"SELECT last_input, last_at, first_input FROM {database.Schema}.heads WHERE scope = $1",
            row => new LogPosition(row.GetInt64(0), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)), 0, 0, row.GetInt64(2)), cancel, P(scope))
            .ConfigureAwait(false);
        return rows is [var head]
            ? head
            : throw new ArgumentOutOfRangeException(nameof(scope), scope, "no scope has this number; ILog.ScopeAsync makes one");
    }
}
