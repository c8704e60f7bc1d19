using Dedupe.Log;
using Microsoft.Data.Sqlite;

namespace Stores.Sqlite;

/// <summary>Snapshots, in a file of their own: tens of megabytes in the log's file would keep every append waiting.</summary>
internal sealed class Snapshots : IDisposable
{
    private readonly SemaphoreSlim one = new(1);
    private readonly Connection connection;

    public Snapshots(string file)
    {
        connection = new(file, Connection.SmallCacheKiB);
        connection.Run("PRAGMA journal_mode=WAL");
        connection.Run("""
            CREATE TABLE IF NOT EXISTS snapshots (scope INTEGER NOT NULL, name TEXT NOT NULL, writer TEXT NOT NULL, input INTEGER NOT NULL,
                decision INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (scope, name))
            """);
    }

    public Task SaveAsync(int scope, SnapshotRecord snapshot, CancellationToken cancel) => AloneAsync(
        () =>
        {
            try
            {
                connection.Prepare("INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?, ?, ?)")
                    .Bind(1, scope).Bind(2, snapshot.Name).Bind(3, snapshot.Writer).Bind(4, snapshot.Input).Bind(5, snapshot.Decision)
                    .Bind(6, snapshot.Data.Span).Run();
            }
            catch (SqliteException e)
            {
                throw Connection.Named(e);
            }
            connection.TryCheckpoint(truncate: true);
            return true;
        },
        cancel);

    public Task<SnapshotRecord?> LoadAsync(int scope, string name, CancellationToken cancel) => AloneAsync(
        () =>
        {
            using var rows = connection.Prepare("SELECT writer, input, decision, data FROM snapshots WHERE scope = ? AND name = ?")
                .Bind(1, scope).Bind(2, name);
            return rows.Step() ? new SnapshotRecord(name, rows.Text(0), rows.Long(1), rows.Long(2), rows.Bytes(3).ToArray()) : null;
        },
        cancel);

    public void Dispose()
    {
        connection.Dispose();
        one.Dispose();
    }

    private async Task<T> AloneAsync<T>(Func<T> run, CancellationToken cancel)
    {
        await one.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return await Task.Run(run, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            one.Release();
        }
    }
}
