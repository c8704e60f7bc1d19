using System.Collections.Concurrent;
using System.Collections.Immutable;
using Dedupe.Log;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Stores.Sqlite;

/// <summary>Reads a page at a time, each page on a connection of its own: no read lasts long and none waits for the writer.</summary>
internal sealed class Readers(string file, Func<Catalogue> committed) : IDisposable
{
    private const int MostRows = 1000;
    private const int MostBytes = 4 * 1024 * 1024;

    private readonly ConcurrentBag<Connection> idle = [];
    private volatile bool closed;

    /// <summary>Inputs of one scope, numbers from and to included; empty only when there are none.</summary>
    public List<InputRecord> Inputs(int scope, long from, long to)
    {
        var source = "";
        return Page(committed().Inputs, "key, at, kind, received, source, id, sender, body", null, scope, from, to, rows => new InputRecord(
            scope, Key.Number(rows.Long(0)), Tables.Time(rows.Long(1)), (InputKind)rows.Long(2), Tables.Time(rows.Long(3)),
            rows.Text(4, ref source), rows.Text(5), rows.IsNull(6) ? null : rows.Text(6), rows.Bytes(7).ToArray()));
    }

    /// <summary>Decisions of one scope, of one incident where it is given, versions from and to included.</summary>
    public List<DecisionRecord> Decisions(int scope, long from, long to, string? incident = null)
    {
        var type = "";
        return Page(committed().Decisions, "key, input, at, type, incident, data", incident, scope, from, to, rows => new DecisionRecord(
            Key.Number(rows.Long(0)), rows.Long(1), Tables.Time(rows.Long(2)), rows.Text(3, ref type), rows.IsNull(4) ? null : rows.Text(4),
            rows.Bytes(5).ToArray()));
    }

    /// <summary>Rows of a table numbered by row, after a number.</summary>
    public List<(long Number, T Row)> Rows<T>(string sql, long after, long since, Func<Statement, T> row) => With(connection =>
    {
        var page = new List<(long, T)>();
        using var rows = connection.Prepare(sql).Bind(1, after).Bind(2, since).Bind(3, MostRows);
        while (rows.Step()) page.Add((rows.Long(0), row(rows)));
        return page;
    });

    public T With<T>(Func<Connection, T> read)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        if (!idle.TryTake(out var connection)) connection = new(file, Connection.SmallCacheKiB);
        try
        {
            return read(connection);
        }
        finally
        {
            idle.Add(connection);
            if (closed) Dispose();
        }
    }

    public void Dispose()
    {
        closed = true;
        while (idle.TryTake(out var connection)) connection.Dispose();
    }

    private List<T> Page<T>(
        ImmutableArray<Segment> segments, string columns, string? incident, int scope, long from, long to,
        Func<Statement, T> row) => With(connection =>
    {
        var page = new List<T>();
        var data = columns.Count(c => c == ',');
        for (var i = First(connection, segments, scope, from); i < segments.Length && page.Count == 0; i++)
        {
            try
            {
                var also = incident is null ? "" : "AND incident = ?4 ";
                using var rows = connection.Prepare(
                    $"SELECT {columns} FROM {segments[i].Table} WHERE key BETWEEN ? AND ? {also}ORDER BY key LIMIT ?3");
                rows.Bind(1, Key.Of(scope, from)).Bind(2, Key.Of(scope, to)).Bind(3, MostRows);
                if (incident is not null) rows.Bind(4, incident);
                for (var bytes = 0; bytes < MostBytes && rows.Step(); bytes += rows.Bytes(data).Length) page.Add(row(rows));
            }
            catch (SqliteException e) when (IsGone(e, segments[i]))
            {
                // Trimmed while we read: go on with what is still there.
            }
        }
        return page;
    });

    /// <summary>The segment that holds the number, or the first one after it: from the newest back, as most reads are at the end.</summary>
    private int First(Connection connection, ImmutableArray<Segment> segments, int scope, long from)
    {
        for (var i = segments.Length - 1; i > 0; i--)
        {
            try
            {
                using var rows = connection.Prepare($"SELECT key FROM {segments[i].Table} WHERE key BETWEEN ? AND ? ORDER BY key LIMIT 1")
                    .Bind(1, Key.First(scope)).Bind(2, Key.Last(scope));
                if (rows.Step() && Key.Number(rows.Long(0)) <= from) return i;
            }
            catch (SqliteException e) when (IsGone(e, segments[i]))
            {
                return i;
            }
        }
        return 0;
    }

    private bool IsGone(SqliteException e, Segment segment) =>
        e.SqliteErrorCode == raw.SQLITE_ERROR && !committed().Segments(segment.Kind).Contains(segment);
}
