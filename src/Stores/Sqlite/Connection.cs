using Dedupe.Log;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Stores.Sqlite;

/// <summary>One connection to a database file, with its prepared statements kept. Used by one thread at a time.</summary>
internal sealed class Connection : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly sqlite3 handle;
    private readonly Dictionary<string, Statement> statements = new(StringComparer.Ordinal);

    /// <param name="cacheKiB">Pages kept in memory at most. SQLite's default is what a writer of large batches needs; who reads in order or copies needs little.</param>
    public Connection(string file, int cacheKiB = 2_000)
    {
        // Not pooled: closing must end the file's last user, so that the write-ahead log is folded in.
        connection = new(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        handle = connection.Handle!;
        // Checkpoints are ours to time (Checkpoints): none of SQLite's own in the middle of a commit.
        Run($"PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA temp_store=MEMORY; PRAGMA busy_timeout=5000; PRAGMA cache_size=-{cacheKiB}");
    }

    /// <summary>For a connection that reads in order, copies, or is seldom used: each would else come to hold 2 MiB.</summary>
    public const int SmallCacheKiB = 256;

    /// <summary>True while a transaction is open.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(handle) == 0;

    public void Run(string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Our own text: table names cannot be parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>A statement ready to bind; dispose of it to give it back.</summary>
    public Statement Prepare(string sql)
    {
        if (!statements.TryGetValue(sql, out var statement)) statements[sql] = statement = new(handle, sql);
        return statement;
    }

    /// <summary>The one number that a query answers; null for none.</summary>
    public long? Number(string sql, long? first = null)
    {
        using var query = Prepare(sql);
        if (first is { } value) query.Bind(1, value);
        return query.Step() && !query.IsNull(0) ? query.Long(0) : null;
    }

    /// <summary>Pages written by this connection since the last call.</summary>
    public int PagesWritten()
    {
        var code = raw.sqlite3_db_status(handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, 1);
        SqliteException.ThrowExceptionForRC(code, handle);
        return pages;
    }

    /// <summary>Copies the write-ahead log into the file, as far as no reader stands in the way.</summary>
    /// <returns>Pages it could not copy; null where there is no room: what is committed is safe, and the next round tries again.</returns>
    public int? TryCheckpoint(bool truncate = false)
    {
        var mode = truncate ? raw.SQLITE_CHECKPOINT_TRUNCATE : raw.SQLITE_CHECKPOINT_PASSIVE;
        return raw.sqlite3_wal_checkpoint_v2(handle, null, mode, out var logged, out var copied) == raw.SQLITE_OK ? logged - copied : null;
    }

    /// <summary>A failure in the port's terms: no room is said as such, anything else is left as it is.</summary>
    public static Exception Named(Exception failure) =>
        failure is SqliteException { SqliteErrorCode: raw.SQLITE_FULL or raw.SQLITE_IOERR } full
        ? new StoreFullException($"the log cannot be written, nothing was: {full.Message}; make room on its disk", full)
        : failure;

    /// <summary>Drops all prepared statements: after a roll-back or a dropped table they name what is not there.</summary>
    public void Forget()
    {
        foreach (var statement in statements.Values) statement.Close();
        statements.Clear();
    }

    public void Dispose()
    {
        Forget();
        connection.Dispose();
    }
}
