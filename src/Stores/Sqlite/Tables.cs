using Dedupe.Log;

namespace Stores.Sqlite;

/// <summary>The tables and the rows in them. Times are Unix milliseconds.</summary>
internal static class Tables
{
    public const int Version = 1;

    public static void Create(Connection connection)
    {
        connection.Run("PRAGMA journal_mode=WAL");
        var version = connection.Number("PRAGMA user_version") ?? 0;
        connection.Forget();
        if (version > Version)
            throw new InvalidDataException(
                $"the log was written by a newer release (format {version}, this one reads {Version}); run that release");
        if (version == Version) return;
        // gone_*: the last number and time in segments that were dropped, so that numbers never start again.
        // going: segments that are dropped already and being erased a little at a time.
        connection.Run($"""
            BEGIN;
            CREATE TABLE scopes (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, gone_input INTEGER NOT NULL DEFAULT 0,
                gone_at INTEGER NOT NULL, gone_decision INTEGER NOT NULL DEFAULT 0, gone_decided INTEGER NOT NULL DEFAULT 0);
            CREATE TABLE going (segment TEXT PRIMARY KEY);
            CREATE TABLE keys (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL,
                hash INTEGER NOT NULL);
            CREATE TABLE outcomes (number INTEGER PRIMARY KEY, page TEXT NOT NULL, pager TEXT NOT NULL, state INTEGER NOT NULL,
                at INTEGER NOT NULL, attempts INTEGER NOT NULL, answer TEXT NOT NULL);
            PRAGMA user_version = {Version};
            COMMIT
            """);
    }

    public static void Create(Connection connection, Segment segment)
    {
        if (segment.Kind == Segment.Inputs)
            connection.Run($"""
                CREATE TABLE {segment.Table} (key INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind INTEGER NOT NULL,
                    received INTEGER NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL, sender TEXT, body BLOB NOT NULL)
                """);
        else
            connection.Run($"""
                CREATE TABLE {segment.Table} (key INTEGER PRIMARY KEY, input INTEGER NOT NULL, at INTEGER NOT NULL, type TEXT NOT NULL,
                    incident TEXT, data BLOB NOT NULL);
                CREATE INDEX {segment.Table}_incident ON {segment.Table} (incident) WHERE incident IS NOT NULL
                """);
    }

    public static string InsertInput(Segment segment) => $"INSERT INTO {segment.Table} VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

    public static string InsertDecision(Segment segment) => $"INSERT INTO {segment.Table} VALUES (?, ?, ?, ?, ?, ?)";

    public static void Insert(Statement insert, InputRecord row) => insert
        .Bind(1, Key.Of(row.Scope, row.Number)).Bind(2, Milliseconds(row.At)).Bind(3, (long)row.Kind).Bind(4, Milliseconds(row.ReceivedAt))
        .Bind(5, row.Source).Bind(6, row.Id).Bind(7, row.Key).Bind(8, row.Body.Span)
        .Run();

    public static void Insert(Statement insert, int scope, DecisionRecord row) => insert
        .Bind(1, Key.Of(scope, row.Version)).Bind(2, row.Input).Bind(3, Milliseconds(row.At)).Bind(4, row.Type).Bind(5, row.Incident)
        .Bind(6, row.Data.Span)
        .Run();

    /// <summary>The scope's last number in a segment, and another column of that row; null where the scope has none there.</summary>
    public static (long Number, long Value)? Last(Connection connection, Segment segment, int scope, string column)
    {
        using var rows = connection.Prepare(
            $"SELECT key, {column} FROM {segment.Table} WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT 1")
            .Bind(1, Key.First(scope)).Bind(2, Key.Last(scope));
        return rows.Step() ? (Key.Number(rows.Long(0)), rows.Long(1)) : null;
    }

    public static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    public static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
