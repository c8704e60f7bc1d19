using Npgsql;
using Stores.Marten;

namespace Stores.Leases;

/// <summary>Who works on what among several machines: numbered shares of a kind of work, each held by one node for five seconds at a time.</summary>
/// <remarks>
/// A lease only serves liveness: the log's expected version and <c>(scope, number)</c> are what keeps two nodes from deciding the same. Times
/// are the database's own, so that no machine's clock matters.
/// </remarks>
public sealed class Leases : IAsyncDisposable
{
    /// <summary>A node that is not heard for this long has lost what it held.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromSeconds(5);

    private const string Tables = """
        CREATE TABLE IF NOT EXISTS nodes (
            kind text NOT NULL, node text NOT NULL, until timestamptz NOT NULL, lag double precision NOT NULL DEFAULT 0, PRIMARY KEY (kind, node));
        CREATE TABLE IF NOT EXISTS leases (
            kind text NOT NULL, number int NOT NULL, node text, until timestamptz NOT NULL DEFAULT '-infinity', PRIMARY KEY (kind, number));
        CREATE TABLE IF NOT EXISTS scope_homes (scope text PRIMARY KEY, share int NOT NULL);
        """;

    private readonly NpgsqlDataSource database;
    private readonly string lasts = $"interval '{Lasts.TotalSeconds:0} seconds'";

    /// <summary>One at a time in this process too: who waits for the others' answer holds a connection, and who has its turn needs another.</summary>
    private readonly SemaphoreSlim alone = new(1);

    private Leases(NpgsqlDataSource database, string node) => (this.database, Node) = (database, node);

    /// <summary>This process's own name among the nodes.</summary>
    public string Node { get; }

    /// <summary>Connects and makes the tables where they are missing.</summary>
    /// <param name="address">As for the store: <c>postgres://user:password@host:port/database</c>.</param>
    /// <param name="node">A name that no other process has.</param>
    /// <exception cref="FormatException">The address is not one.</exception>
    public static async Task<Leases> OpenAsync(string address, string node, CancellationToken cancel)
    {
        var (connection, schema) = Address.Parse(address);
        var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connection)
        {
            // A beat that takes longer than a lease is none; few connections, since beats are seconds apart.
            CommandTimeout = 4, Timeout = 4, MaxPoolSize = 4, ApplicationName = "pipeline leases", SearchPath = schema,
        });
        try
        {
            await using var session = await database.OpenConnectionAsync(cancel).ConfigureAwait(false);
            await using var transaction = await session.BeginTransactionAsync(cancel).ConfigureAwait(false);
            // Two that create the same table at once would fail: one after the other.
            await ExecuteAsync(session, "SELECT pg_advisory_xact_lock(7236501)", cancel).ConfigureAwait(false);
            await ExecuteAsync(session, $"CREATE SCHEMA IF NOT EXISTS {schema}", cancel).ConfigureAwait(false);
            await ExecuteAsync(session, Tables, cancel).ConfigureAwait(false);
            await transaction.CommitAsync(cancel).ConfigureAwait(false);
            return new(database, node);
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>One sign of life: renews what is held, and takes what is free up to this node's share, <c>ceil(count / live nodes)</c>.</summary>
    /// <param name="count">How many shares there are of this kind.</param>
    /// <param name="lag">How far this node is behind with this work.</param>
    public async Task<Holding> BeatAsync(string kind, int count, TimeSpan lag, CancellationToken cancel)
    {
        await using var session = await database.OpenConnectionAsync(cancel).ConfigureAwait(false);
        await using var transaction = await session.BeginTransactionAsync(cancel).ConfigureAwait(false);
        await ExecuteAsync(session, $"""
            INSERT INTO nodes (kind, node, until, lag) VALUES ($1, $2, now() + {lasts}, $3)
            ON CONFLICT (kind, node) DO UPDATE SET until = excluded.until, lag = excluded.lag
            """, cancel, kind, Node, lag.TotalSeconds).ConfigureAwait(false);
        await ExecuteAsync(session, "DELETE FROM nodes WHERE kind = $1 AND until < now() - interval '10 minutes'", cancel, kind).ConfigureAwait(false);
        await ExecuteAsync(session, "INSERT INTO leases (kind, number) SELECT $1, n FROM generate_series(0, $2 - 1) n ON CONFLICT DO NOTHING",
            cancel, kind, count).ConfigureAwait(false);
        var held = await NumbersAsync(session, $"""
            UPDATE leases SET until = now() + {lasts} WHERE kind = $1 AND node = $2 AND number < $3 RETURNING number
            """, cancel, kind, Node, count).ConfigureAwait(false);
        var live = (await NumbersAsync(session, "SELECT count(*)::int FROM nodes WHERE kind = $1 AND until > now()", cancel, kind).ConfigureAwait(false))[0];
        var share = (count + live - 1) / live;
        if (held.Count < share)
            held.AddRange(await NumbersAsync(session, $"""
                UPDATE leases SET node = $2, until = now() + {lasts} WHERE kind = $1 AND number IN (
                    SELECT number FROM leases WHERE kind = $1 AND number < $3 AND (node IS NULL OR until < now()) AND node IS DISTINCT FROM $2
                    ORDER BY number LIMIT $4 FOR UPDATE SKIP LOCKED) RETURNING number
                """, cancel, kind, Node, count, share - held.Count).ConfigureAwait(false));
        await transaction.CommitAsync(cancel).ConfigureAwait(false);
        held.Sort();
        return new(held, share);
    }

    /// <summary>Gives one share back, once its work has stopped: another node may take it at once.</summary>
    public async Task ReleaseAsync(string kind, int number, CancellationToken cancel)
    {
        await using var session = await database.OpenConnectionAsync(cancel).ConfigureAwait(false);
        await ExecuteAsync(session, "UPDATE leases SET node = NULL, until = '-infinity' WHERE kind = $1 AND number = $2 AND node = $3",
            cancel, kind, number, Node).ConfigureAwait(false);
    }

    /// <summary>This node works on this kind no more: the others' shares grow with their next beat.</summary>
    public async Task LeaveAsync(string kind, CancellationToken cancel)
    {
        await using var session = await database.OpenConnectionAsync(cancel).ConfigureAwait(false);
        await ExecuteAsync(session, "UPDATE leases SET node = NULL, until = '-infinity' WHERE kind = $1 AND node = $2", cancel, kind, Node).ConfigureAwait(false);
        await ExecuteAsync(session, "DELETE FROM nodes WHERE kind = $1 AND node = $2", cancel, kind, Node).ConfigureAwait(false);
    }

    /// <summary>Runs something while no other process does, as long as the database is there; 4 s are waited for the others.</summary>
    public async Task<T> AloneAsync<T>(Func<Task<T>> run, CancellationToken cancel)
    {
        await alone.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await using var session = await database.OpenConnectionAsync(cancel).ConfigureAwait(false);
            await using var transaction = await session.BeginTransactionAsync(cancel).ConfigureAwait(false);
            await ExecuteAsync(session, "SELECT pg_advisory_xact_lock(7236502)", cancel).ConfigureAwait(false);
            var result = await run().ConfigureAwait(false);
            await transaction.CommitAsync(cancel).ConfigureAwait(false);
            return result;
        }
        finally
        {
            alone.Release();
        }
    }

    /// <summary>The share on which a scope's deliveries come, and whether a live node holds it; null where none came yet.</summary>
    public async Task<(int Share, bool IsHeld)?> HomeAsync(string kind, string scope, CancellationToken cancel)
    {
        await using var session = await database.OpenConnectionAsync(cancel).ConfigureAwait(false);
        await using var command = Command(session, """
            SELECT h.share, l.until IS NOT NULL FROM scope_homes h
            LEFT JOIN leases l ON l.kind = $1 AND l.number = h.share AND l.node IS NOT NULL AND l.until > now() WHERE h.scope = $2
            """, kind, scope);
        await using var rows = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
        return await rows.ReadAsync(cancel).ConfigureAwait(false) ? (rows.GetInt32(0), rows.GetBoolean(1)) : null;
    }

    /// <summary>Remembers on which share a scope's deliveries come, so that who holds the share knows its scopes before the first of them comes.</summary>
    public async Task MoveHomeAsync(string scope, int share, CancellationToken cancel)
    {
        await using var session = await database.OpenConnectionAsync(cancel).ConfigureAwait(false);
        await ExecuteAsync(session, "INSERT INTO scope_homes VALUES ($1, $2) ON CONFLICT (scope) DO UPDATE SET share = excluded.share",
            cancel, scope, share).ConfigureAwait(false);
    }

    /// <summary>The share on which each scope's deliveries come; a scope of which none came yet is absent.</summary>
    public async Task<IReadOnlyDictionary<string, int>> HomesAsync(CancellationToken cancel)
    {
        await using var session = await database.OpenConnectionAsync(cancel).ConfigureAwait(false);
        await using var command = Command(session, "SELECT scope, share FROM scope_homes");
        await using var rows = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
        var homes = new Dictionary<string, int>(StringComparer.Ordinal);
        while (await rows.ReadAsync(cancel).ConfigureAwait(false)) homes[rows.GetString(0)] = rows.GetInt32(1);
        return homes;
    }

    /// <summary>The scopes whose deliveries come on a share.</summary>
    public async Task<IReadOnlyList<string>> ScopesOfAsync(int share, CancellationToken cancel)
    {
        await using var session = await database.OpenConnectionAsync(cancel).ConfigureAwait(false);
        await using var command = Command(session, "SELECT scope FROM scope_homes WHERE share = $1 ORDER BY scope", share);
        await using var rows = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
        var scopes = new List<string>();
        while (await rows.ReadAsync(cancel).ConfigureAwait(false)) scopes.Add(rows.GetString(0));
        return scopes;
    }

    /// <summary>Which live node works on each scope's share; a scope whose share nobody holds is absent.</summary>
    public async Task<IReadOnlyDictionary<string, string>> OwnersAsync(string kind, CancellationToken cancel)
    {
        await using var session = await database.OpenConnectionAsync(cancel).ConfigureAwait(false);
        await using var command = Command(session, """
            SELECT h.scope, l.node FROM scope_homes h JOIN leases l ON l.kind = $1 AND l.number = h.share
            WHERE l.node IS NOT NULL AND l.until > now()
            """, kind);
        await using var rows = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await rows.ReadAsync(cancel).ConfigureAwait(false)) owners[rows.GetString(0)] = rows.GetString(1);
        return owners;
    }

    /// <summary>The worst lag among the live nodes of a kind; null when one of its shares has no live holder, as when there is no node at all.</summary>
    /// <param name="count">How many shares there are; those that there once were beyond it count no more.</param>
    public async Task<TimeSpan?> LagAsync(string kind, int count, CancellationToken cancel)
    {
        await using var session = await database.OpenConnectionAsync(cancel).ConfigureAwait(false);
        await using var command = Command(session, """
            SELECT coalesce((SELECT max(lag) FROM nodes WHERE kind = $1 AND until > now()), 0),
                   (SELECT count(*) FROM leases WHERE kind = $1 AND number < $2 AND node IS NOT NULL AND until > now())
            """, kind, count);
        await using var rows = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
        await rows.ReadAsync(cancel).ConfigureAwait(false);
        return rows.GetInt64(1) < count ? null : TimeSpan.FromSeconds(Math.Min(rows.GetDouble(0), 1e9));
    }

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync().ConfigureAwait(false);
        alone.Dispose();
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql, CancellationToken cancel, params object[] values)
    {
        await using var command = Command(session, sql, values);
        await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
    }

    private static async Task<List<int>> NumbersAsync(NpgsqlConnection session, string sql, CancellationToken cancel, params object[] values)
    {
        await using var command = Command(session, sql, values);
        await using var rows = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
        var numbers = new List<int>();
        while (await rows.ReadAsync(cancel).ConfigureAwait(false)) numbers.Add(rows.GetInt32(0));
        return numbers;
    }

    // The SQL is ours and constant; values are parameters.
    private static NpgsqlCommand Command(NpgsqlConnection session, string sql, params object[] values)
    {
        var command = session.CreateCommand();
        command.CommandText = sql;
        foreach (var value in values) command.Parameters.AddWithValue(value);
        return command;
    }
}

/// <summary>What a node holds of a kind of work.</summary>
/// <param name="Numbers">The shares it holds, ascending.</param>
/// <param name="Share">How many it should hold; one over that is to be stopped and released at a time.</param>
public sealed record Holding(IReadOnlyList<int> Numbers, int Share);
