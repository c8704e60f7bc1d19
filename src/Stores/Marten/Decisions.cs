using Dedupe.Log;
using JasperFx.Events;
using static Stores.Marten.Reading;

namespace Stores.Marten;

/// <summary>A scope's decisions as one stream of Marten's, appended with the expected version.</summary>
internal sealed class Decisions(Database database, Scopes scopes)
{
    public async Task AppendAsync(int scope, long expected, IReadOnlyList<DecisionRecord> decisions, CancellationToken cancel)
    {
        for (var i = 0; i < decisions.Count; i++)
            if (decisions[i].Version != expected + 1 + i)
                throw new WrongNumberException($"scope {scope}: decision {decisions[i].Version} does not follow {expected + i}");
        if (decisions.Count == 0) return;
        await using var session = database.Store.LightweightSession();
        var events = new object[decisions.Count];
        for (var i = 0; i < events.Length; i++)
            events[i] = new Event<Decided>(new(decisions[i])) { Id = DecidedBytes.IdOf(scope, decisions[i]), CorrelationId = decisions[i].Incident };
        session.Events.Append(Database.Stream(scope), expected + decisions.Count, events);
        await session.SaveChangesAsync(cancel).ConfigureAwait(false);
    }

    public Task<List<DecisionRecord>> PageAsync(int scope, long from, long to, string? incident, CancellationToken cancel) =>
        incident is null
            ? DenseAsync(
                from, to,
                (low, high) => database.Source.RowsAsync(
                    Page($"SELECT version, bdata FROM {database.Schema}.mt_events WHERE stream_id = $1 AND version BETWEEN $2 AND $3", "version", "bdata"),
                    row => DecidedBytes.Read(row.GetInt64(0), row.GetFieldValue<byte[]>(1)),
                    cancel, P(Database.Stream(scope)), P(low), P(high)),
                low => database.Source.RowsAsync(
                    $"SELECT min(version) FROM {database.Schema}.mt_events WHERE stream_id = $1 AND version >= $2",
                    row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0), cancel, P(Database.Stream(scope)), P(low)))
            : database.Source.RowsAsync(
                Page($"""
                    SELECT version, bdata FROM {database.Schema}.mt_events
                    WHERE correlation_id = $4 AND stream_id = $1 AND version BETWEEN $2 AND $3
                    """, "version", "bdata"),
                row => DecidedBytes.Read(row.GetInt64(0), row.GetFieldValue<byte[]>(1)),
                cancel, P(Database.Stream(scope)), P(from), P(to), P(incident));

    /// <summary>The last version and the last input decided; where there is none, what was dropped before it.</summary>
    public async Task<(long Version, long Input)> LastAsync(int scope, CancellationToken cancel)
    {
        var rows = await database.Source.RowsAsync(
            $"""
            SELECT version, substring(bdata FOR {DecidedBytes.HeadLength}) FROM {database.Schema}.mt_events WHERE stream_id = $1
            ORDER BY version DESC LIMIT 1
            """,
            row => (row.GetInt64(0), DecidedBytes.InputOf(row.GetFieldValue<byte[]>(1))), cancel, P(Database.Stream(scope))).ConfigureAwait(false);
        return rows is [var last] ? last : await scopes.GoneAsync(scope, cancel).ConfigureAwait(false);
    }
}
