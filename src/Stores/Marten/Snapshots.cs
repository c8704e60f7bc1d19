using Dedupe.Log;
using Npgsql;
using NpgsqlTypes;
using static Stores.Marten.Reading;

namespace Stores.Marten;

/// <summary>One snapshot a scope and name, replaced whole.</summary>
internal sealed class Snapshots(Database database)
{
    public async Task SaveAsync(int scope, SnapshotRecord snapshot, CancellationToken cancel)
    {
        await using var command = database.Source.CreateCommand($"""
            INSERT INTO {database.Schema}.snapshots (scope, name, writer, input, decision, data) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (scope, name) DO UPDATE SET writer = $3, input = $4, decision = $5, data = $6
            """);
        foreach (var parameter in (NpgsqlParameter[])[P(scope), P(snapshot.Name), P(snapshot.Writer), P(snapshot.Input), P(snapshot.Decision)])
            command.Parameters.Add(parameter);
        command.Parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = snapshot.Data, NpgsqlDbType = NpgsqlDbType.Bytea });
        await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
    }

    public async Task<SnapshotRecord?> LoadAsync(int scope, string name, CancellationToken cancel)
    {
        var rows = await database.Source.RowsAsync(
            $"SELECT writer, input, decision, data FROM {database.Schema}.snapshots WHERE scope = $1 AND name = $2",
            row => new SnapshotRecord(name, row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetFieldValue<byte[]>(3)),
            cancel, P(scope), P(name)).ConfigureAwait(false);
        return rows is [var found] ? found : null;
    }
}
