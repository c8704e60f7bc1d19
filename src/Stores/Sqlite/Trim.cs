using Dedupe.Log;

namespace Stores.Sqlite;

/// <summary>Drops segments whole: out of sight with one commit, then erased a little at a time between the appends.</summary>
/// <remarks>Erasing a day at once would keep every append waiting for as long as reading the whole day takes.</remarks>
internal sealed class Trim(Writer writer, Readers readers)
{
    private const int RowsAtOnce = 2000;
    private const int KeysOfASource = 200_000;
    private static readonly TimeSpan KeysKept = TimeSpan.FromHours(24);

    /// <returns>How many daily segments of inputs went.</returns>
    public async Task<int> RunAsync(DateTimeOffset inputsBefore, DateTimeOffset decisionsBefore, long? maxBytes, CancellationToken cancel)
    {
        // What a stop or a crash left half erased.
        foreach (var table in readers.With(Going)) await EraseAsync(table, cancel).ConfigureAwait(false);

        // The newest segment of each kind stays: it is appended to.
        var days = 0;
        while (writer.Committed.Inputs is [var day, _, ..]
            && (day.End <= inputsBefore || (maxBytes is { } most && readers.With(Size) > most))
            && readers.With(connection => IsDecided(connection, writer.Committed, day)))
        {
            await DropAsync(day, cancel).ConfigureAwait(false);
            days++;
        }
        while (writer.Committed.Decisions is [var month, _, ..] && month.End <= decisionsBefore)
            await DropAsync(month, cancel).ConfigureAwait(false);

        await ForgetOutcomesAsync(decisionsBefore, cancel).ConfigureAwait(false);
        await ForgetKeysAsync(cancel).ConfigureAwait(false);
        return days;
    }

    private async Task DropAsync(Segment segment, CancellationToken cancel)
    {
        await writer.DoAsync((connection, now) => Drop(connection, now, segment), cancel).ConfigureAwait(false);
        await EraseAsync(segment.Table, cancel).ConfigureAwait(false);
    }

    private static Catalogue Drop(Connection connection, Catalogue now, Segment segment)
    {
        var isInputs = segment.Kind == Segment.Inputs;
        connection.Prepare("INSERT INTO going VALUES (?)").Bind(1, segment.Table).Run();
        for (var scope = 1; scope <= now.Scopes.Length; scope++)
        {
            if (Tables.Last(connection, segment, scope, isInputs ? "at" : "input") is not var (number, value)) continue;
            connection.Prepare(isInputs
                    ? "UPDATE scopes SET gone_input = ?, gone_at = ? WHERE number = ?"
                    : "UPDATE scopes SET gone_decision = ?, gone_decided = ? WHERE number = ?")
                .Bind(1, number).Bind(2, value).Bind(3, scope).Run();
            if (isInputs) now = now.With(scope, now.Scope(scope).Position with { FirstInput = number + 1 });
        }
        return now.Without(segment);
    }

    private Task EraseAsync(string table, CancellationToken cancel) => RepeatAsync(
        connection =>
        {
            var erased = Delete(
                connection, $"DELETE FROM {table} WHERE key IN (SELECT key FROM {table} ORDER BY key LIMIT {RowsAtOnce})", null);
            if (erased == RowsAtOnce) return true;
            connection.Forget();
            connection.Run($"DROP TABLE {table}");
            connection.Prepare("DELETE FROM going WHERE segment = ?").Bind(1, table).Run();
            return false;
        },
        cancel);

    /// <summary>Pages in use, in bytes: room that was erased is used again before the file grows.</summary>
    private static long Size(Connection connection) =>
        (connection.Number("PRAGMA page_count")!.Value - connection.Number("PRAGMA freelist_count")!.Value)
            * connection.Number("PRAGMA page_size")!.Value;

    private static List<string> Going(Connection connection)
    {
        var tables = new List<string>();
        using var rows = connection.Prepare("SELECT segment FROM going");
        while (rows.Step()) tables.Add(rows.Text(0));
        return tables;
    }

    /// <summary>False while an input of the day still waits for its decision. Ticks may go: nothing is decided on most of them.</summary>
    private static bool IsDecided(Connection connection, Catalogue now, Segment day)
    {
        for (var scope = 1; scope <= now.Scopes.Length; scope++)
        {
            using var rows = connection.Prepare(
                $"SELECT 1 FROM {day.Table} WHERE key BETWEEN ? AND ? AND kind <> {(int)InputKind.Tick} LIMIT 1")
                .Bind(1, Key.Of(scope, now.Scope(scope).Position.LastDecided + 1)).Bind(2, Key.Last(scope));
            if (rows.Step()) return false;
        }
        return true;
    }

    private async Task ForgetOutcomesAsync(DateTimeOffset before, CancellationToken cancel)
    {
        var kept = readers.With(
            // The last one stays: the next one's number follows it.
            c => c.Number("SELECT number FROM outcomes WHERE at >= ? ORDER BY number LIMIT 1", Tables.Milliseconds(before))
                ?? c.Number("SELECT number FROM outcomes ORDER BY number DESC LIMIT 1"));
        if (kept is null) return;
        await RepeatAsync(c => Delete(c, Prefix("outcomes", ""), kept.Value) == RowsAtOnce, cancel).ConfigureAwait(false);
    }

    private async Task ForgetKeysAsync(CancellationToken cancel)
    {
        if (readers.With(c => c.Number("SELECT at FROM keys ORDER BY number DESC LIMIT 1")) is not { } newest) return;
        var kept = readers.With(c => c.Number(
            "SELECT number FROM keys WHERE at >= ? ORDER BY number LIMIT 1", newest - (long)KeysKept.TotalMilliseconds)) ?? long.MaxValue;
        await RepeatAsync(c => Delete(c, Prefix("keys", ""), kept) == RowsAtOnce, cancel).ConfigureAwait(false);
        foreach (var source in readers.With(TooMany))
        {
            var first = readers.With(c =>
            {
                using var rows = c.Prepare(
                    $"SELECT number FROM keys WHERE source = ? ORDER BY number DESC LIMIT 1 OFFSET {KeysOfASource - 1}").Bind(1, source);
                return rows.Step() ? rows.Long(0) : 0;
            });
            await RepeatAsync(
                c => Delete(c, Prefix("keys", "AND source = ?2 "), first, source) == RowsAtOnce, cancel).ConfigureAwait(false);
        }
    }

    private static List<string> TooMany(Connection connection)
    {
        var sources = new List<string>();
        using var rows = connection.Prepare($"SELECT source FROM keys GROUP BY source HAVING count(*) > {KeysOfASource}");
        while (rows.Step()) sources.Add(rows.Text(0));
        return sources;
    }

    private static string Prefix(string table, string also) =>
        $"DELETE FROM {table} WHERE number IN (SELECT number FROM {table} WHERE number < ?1 {also}ORDER BY number LIMIT {RowsAtOnce})";

    private static long Delete(Connection connection, string sql, long? before, string? also = null)
    {
        using (var delete = connection.Prepare(sql))
        {
            if (before is { } value) delete.Bind(1, value);
            if (also is not null) delete.Bind(2, also);
            delete.Run();
        }
        return connection.Number("SELECT changes()")!.Value;
    }

    /// <summary>One commit after another, while there is more to do: appends go between them.</summary>
    private async Task RepeatAsync(Func<Connection, bool> step, CancellationToken cancel)
    {
        for (var more = true; more;)
            await writer.DoAsync((connection, now) =>
            {
                more = step(connection);
                return now;
            }, cancel).ConfigureAwait(false);
    }
}
