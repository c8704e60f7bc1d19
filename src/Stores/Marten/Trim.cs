using Dedupe.Log;
using Npgsql;
using static Stores.Marten.Reading;

namespace Stores.Marten;

/// <summary>Drops days whole; erases decisions, outcomes and keys past their time a little at a time.</summary>
internal sealed class Trim(Database database, Scopes scopes, Inputs inputs, Decisions decisions)
{
    private const int RowsAtOnce = 5000;
    private const int KeysOfASource = 200_000;
    private static readonly TimeSpan KeysKept = TimeSpan.FromHours(24);

    /// <returns>How many days went.</returns>
    public async Task<int> RunAsync(DateTimeOffset inputsBefore, DateTimeOffset decisionsBefore, long? maxBytes, CancellationToken cancel)
    {
        var went = 0;
        // The newest day stays: it is appended to.
        while (await DaysAsync(cancel).ConfigureAwait(false) is [var day, _, ..]
            && (Inputs.EndOf(day) <= inputsBefore || (maxBytes is { } most && await SizeAsync(cancel).ConfigureAwait(false) > most))
            && await TryDropAsync(day, cancel).ConfigureAwait(false))
            went++;
        foreach (var (scope, _) in await scopes.AllAsync(cancel).ConfigureAwait(false))
            await ForgetDecisionsAsync(scope, decisionsBefore, cancel).ConfigureAwait(false);
        await ForgetOutcomesAsync(decisionsBefore, cancel).ConfigureAwait(false);
        await ForgetKeysAsync(cancel).ConfigureAwait(false);
        return went;
    }

    private Task<List<int>> DaysAsync(CancellationToken cancel) => database.Source.RowsAsync(
        $"SELECT right(inhrelid::regclass::text, 8)::int AS day FROM pg_inherits WHERE inhparent = '{database.Schema}.inputs'::regclass ORDER BY day",
        row => row.GetInt32(0), cancel);

    /// <summary>The log, indexes and large values included; the documents folded from it are not counted.</summary>
    private async Task<long> SizeAsync(CancellationToken cancel) => (await database.Source.RowsAsync(
        """
        SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relkind = 'r'
            AND (c.relname LIKE 'inputs\_%' OR c.relname IN ('mt_events', 'outcomes', 'keys', 'snapshots'))
        """,
        row => row.GetInt64(0), cancel, P(database.Schema)).ConfigureAwait(false))[0];

    /// <summary>False while an input of the day still waits for its decision, or while others hold on to it: the next trim tries again.</summary>
    private async Task<bool> TryDropAsync(int day, CancellationToken cancel)
    {
        var decided = new List<(int Scope, long Input)>();
        foreach (var (scope, _) in await scopes.AllAsync(cancel).ConfigureAwait(false))
            decided.Add((scope, (await decisions.LastAsync(scope, cancel).ConfigureAwait(false)).Input));
        await using var connection = await database.Source.OpenConnectionAsync(cancel).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancel).ConfigureAwait(false);
        try
        {
            // Who reads or appends waits behind this lock, so it gives up soon.
            await DoAsync($"SET LOCAL lock_timeout = '2s'; LOCK TABLE {inputs.Partition(day)} IN ACCESS EXCLUSIVE MODE").ConfigureAwait(false);
            var last = new List<(int Scope, long Number)>();
            foreach (var (scope, input) in decided)
            {
                // Ticks may go: nothing is decided on most of them.
                var waiting = $"scope = {scope} AND number > {input} AND kind <> {(int)InputKind.Tick}";
                if (await NumberAsync($"SELECT number FROM {inputs.Partition(day)} WHERE {waiting} LIMIT 1").ConfigureAwait(false) is not null)
                    return false;
                if (await NumberAsync($"SELECT max(number) FROM {inputs.Partition(day)} WHERE scope = {scope}").ConfigureAwait(false) is { } number)
                    last.Add((scope, number));
            }
            await DoAsync($"DROP TABLE {inputs.Partition(day)}").ConfigureAwait(false);
            foreach (var (scope, number) in last)
                await DoAsync($"UPDATE {database.Schema}.heads SET first_input = greatest(first_input, {number + 1}) WHERE scope = {scope}")
                    .ConfigureAwait(false);
            await transaction.CommitAsync(cancel).ConfigureAwait(false);
            return true;
        }
        catch (PostgresException e) when (Failures.IsLockTimeout(e) || Failures.IsMissingTable(e))
        {
            return false;
        }

#pragma warning disable CA2100 // Names of tables and numbers of our own.
        async Task DoAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
        }

        async Task<long?> NumberAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            return await command.ExecuteScalarAsync(cancel).ConfigureAwait(false) as long?;
        }
#pragma warning restore CA2100
    }

    /// <summary>Times never go back within a scope, so the first version to keep is searched for. The last one always stays: it says where
    /// the scope stands.</summary>
    private async Task ForgetDecisionsAsync(int scope, DateTimeOffset before, CancellationToken cancel)
    {
        var first = (await VersionFromAsync(0).ConfigureAwait(false))?.Version;
        var last = (await decisions.LastAsync(scope, cancel).ConfigureAwait(false)).Version;
        if (first is not { } low) return;
        var from = low;
        for (var high = last; low < high;)
        {
            var middle = low + ((high - low) / 2);
            if (await VersionFromAsync(middle).ConfigureAwait(false) is { } found && found.At < before) low = found.Version + 1;
            else high = middle;
        }
        for (; from < low; from += RowsAtOnce)
            await RunAsync(
                $"DELETE FROM {database.Schema}.mt_events WHERE stream_id = $1 AND version >= $2 AND version < $3", cancel,
                P(Database.Stream(scope)), P(from), P(Math.Min(low, from + RowsAtOnce))).ConfigureAwait(false);

        async Task<(long Version, DateTimeOffset At)?> VersionFromAsync(long version) => (await database.Source.RowsAsync(
            $"""
            SELECT version, substring(bdata FOR {DecidedBytes.HeadLength}) FROM {database.Schema}.mt_events WHERE stream_id = $1 AND version >= $2
            ORDER BY version LIMIT 1
            """,
            row => ((long, DateTimeOffset)?)(row.GetInt64(0), DecidedBytes.TimeOf(row.GetFieldValue<byte[]>(1))), cancel,
            P(Database.Stream(scope)), P(version)).ConfigureAwait(false)).FirstOrDefault();
    }

    private async Task ForgetOutcomesAsync(DateTimeOffset before, CancellationToken cancel)
    {
        var kept = await FirstAsync($"SELECT number FROM {database.Schema}.outcomes WHERE at >= $1 ORDER BY number LIMIT 1", cancel,
            P(before.ToUnixTimeMilliseconds())).ConfigureAwait(false) ?? long.MaxValue;
        await ForgetAsync("outcomes", "", cancel, P(kept)).ConfigureAwait(false);
    }

    private async Task ForgetKeysAsync(CancellationToken cancel)
    {
        if (await FirstAsync($"SELECT at FROM {database.Schema}.keys ORDER BY number DESC LIMIT 1", cancel).ConfigureAwait(false) is not { } newest) return;
        var kept = await FirstAsync($"SELECT number FROM {database.Schema}.keys WHERE at >= $1 ORDER BY number LIMIT 1", cancel,
            P(newest - (long)KeysKept.TotalMilliseconds)).ConfigureAwait(false) ?? long.MaxValue;
        await ForgetAsync("keys", "", cancel, P(kept)).ConfigureAwait(false);
        var sources = await database.Source.RowsAsync(
            $"SELECT source FROM {database.Schema}.keys GROUP BY source HAVING count(*) > {KeysOfASource}", row => row.GetString(0), cancel)
            .ConfigureAwait(false);
        foreach (var source in sources)
            if (await FirstAsync(
                $"SELECT number FROM {database.Schema}.keys WHERE source = $1 ORDER BY number DESC LIMIT 1 OFFSET {KeysOfASource - 1}", cancel, P(source))
                .ConfigureAwait(false) is { } first)
                await ForgetAsync("keys", "AND source = $2", cancel, P(first), P(source)).ConfigureAwait(false);
    }

    private async Task<long?> FirstAsync(string sql, CancellationToken cancel, params NpgsqlParameter[] parameters) =>
        await database.Source.RowsAsync(sql, row => row.GetInt64(0), cancel, parameters).ConfigureAwait(false) is [var number] ? number : null;

    private async Task ForgetAsync(string table, string also, CancellationToken cancel, params NpgsqlParameter[] parameters)
    {
        var sql = $"""
            DELETE FROM {database.Schema}.{table} WHERE number IN
                (SELECT number FROM {database.Schema}.{table} WHERE number < $1 {also} ORDER BY number LIMIT {RowsAtOnce})
            """;
        while (await RunAsync(sql, cancel, [.. parameters.Select(p => p.Clone())]).ConfigureAwait(false) == RowsAtOnce) { }
    }

    private async Task<int> RunAsync(string sql, CancellationToken cancel, params NpgsqlParameter[] parameters)
    {
        await using var command = database.Source.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
    }
}
