using JasperFx;
using Npgsql;

namespace Stores.Marten;

/// <summary>Our tables beside Marten's, made and brought up to date when a log is opened, by one process at a time.</summary>
internal static class Tables
{
    public const int Version = 2;

    /// <summary>On Marten's table of events, for reading one incident.</summary>
    public const string IncidentIndex = "decisions_of_incident";

    /// <summary>Two numbers of an advisory lock: one family for all of ours, and what is locked.</summary>
    public const int Locks = 0x50495045, SchemaLock = 1, SegmentLock = 2;

    /// <exception cref="InvalidDataException">A newer release wrote it.</exception>
    public static async Task CreateAsync(Database database, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel).ConfigureAwait(false);
        if (await VersionAsync(connection, database.Schema, cancel).ConfigureAwait(false) == Version) return;
        // Held by the session, since Marten makes its tables on connections of its own; given back with the connection.
        await RunAsync(connection, $"SET lock_timeout = '60s'; SELECT pg_advisory_lock({Locks}, {SchemaLock})", cancel).ConfigureAwait(false);
        try
        {
            if (await VersionAsync(connection, database.Schema, cancel).ConfigureAwait(false) == Version) return;
            await RunAsync(connection, Ours(database.Schema), cancel).ConfigureAwait(false);
            await database.Store.Storage.ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate.CreateOrUpdate).ConfigureAwait(false);
            await RunAsync(connection, Last(database.Schema), cancel).ConfigureAwait(false);
        }
        finally
        {
            await RunAsync(connection, $"SELECT pg_advisory_unlock({Locks}, {SchemaLock}); RESET lock_timeout", CancellationToken.None)
                .ConfigureAwait(false);
        }
    }

    /// <summary>0 where nothing was made yet.</summary>
    private static async Task<int> VersionAsync(NpgsqlConnection connection, string schema, CancellationToken cancel)
    {
        await using var exists = new NpgsqlCommand($"SELECT to_regclass('{schema}.format') IS NOT NULL", connection);
        if (!(bool)(await exists.ExecuteScalarAsync(cancel).ConfigureAwait(false))!) return 0;
        await using var query = new NpgsqlCommand($"SELECT version FROM {schema}.format", connection);
        var version = (int)(await query.ExecuteScalarAsync(cancel).ConfigureAwait(false) ?? 0);
        return version <= Version
            ? version
            : throw new InvalidDataException(
                $"the log was written by a newer release (format {version}, this one reads {Version}); run that release");
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
#pragma warning disable CA2100 // Our own text: names of tables cannot be parameters.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 60 };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
    }

    // Times are Unix milliseconds. Keys and answers come from outside and may hold what PostgreSQL's text cannot, so they are bytes.
    // gone_*: behind what a copied scope began, where no decision of its own says so.
    // Bodies are not compressed: PostgreSQL's compression costs more processor time than all the rest of an append.
    private static string Ours(string schema) => $$"""
        CREATE SCHEMA IF NOT EXISTS {{schema}};
        CREATE TABLE IF NOT EXISTS {{schema}}.heads (scope int PRIMARY KEY, name text NOT NULL UNIQUE, last_input bigint NOT NULL DEFAULT 0,
            last_at bigint NOT NULL, first_input bigint NOT NULL DEFAULT 1) WITH (fillfactor = 50);
        ALTER TABLE {{schema}}.heads ADD COLUMN IF NOT EXISTS gone_decision bigint NOT NULL DEFAULT 0,
            ADD COLUMN IF NOT EXISTS gone_decided bigint NOT NULL DEFAULT 0;
        CREATE TABLE IF NOT EXISTS {{schema}}.inputs (number bigint NOT NULL, at bigint NOT NULL, received bigint NOT NULL, day int NOT NULL,
            scope int NOT NULL, kind smallint NOT NULL, source text NOT NULL, id text NOT NULL, key bytea, body bytea NOT NULL)
            PARTITION BY LIST (day);
        ALTER TABLE {{schema}}.inputs ALTER COLUMN body SET STORAGE EXTERNAL;
        CREATE TABLE IF NOT EXISTS {{schema}}.keys (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at bigint NOT NULL,
            hash bigint NOT NULL, source text NOT NULL, key bytea NOT NULL);
        CREATE TABLE IF NOT EXISTS {{schema}}.outcomes (number bigint PRIMARY KEY, at bigint NOT NULL, attempts int NOT NULL,
            state smallint NOT NULL, page text NOT NULL, pager text NOT NULL, answer bytea NOT NULL);
        CREATE TABLE IF NOT EXISTS {{schema}}.last_outcome (number bigint NOT NULL) WITH (fillfactor = 50);
        INSERT INTO {{schema}}.last_outcome SELECT 0 WHERE NOT EXISTS (SELECT FROM {{schema}}.last_outcome);
        CREATE TABLE IF NOT EXISTS {{schema}}.snapshots (scope int, name text, writer text NOT NULL, input bigint NOT NULL,
            decision bigint NOT NULL, data bytea NOT NULL, PRIMARY KEY (scope, name));
        ALTER TABLE {{schema}}.snapshots ALTER COLUMN data SET STORAGE EXTERNAL;
        CREATE OR REPLACE FUNCTION {{schema}}.advance(of int, expected bigint, last bigint, newest bigint) RETURNS void LANGUAGE plpgsql AS $f$
        DECLARE stood bigint;
        BEGIN
            UPDATE {{schema}}.heads SET last_input = last, last_at = newest WHERE scope = of AND last_input = expected;
            IF NOT FOUND THEN
                SELECT last_input INTO stood FROM {{schema}}.heads WHERE scope = of;
                RAISE EXCEPTION USING ERRCODE = '{{Failures.WrongNumber}}',
                    MESSAGE = format('scope %s: input %s does not follow the last one, %s', of, expected + 1, coalesce(stood::text, 'of no such scope'));
            END IF;
        END $f$;
        """;

    private static string Last(string schema) => $"""
        CREATE INDEX IF NOT EXISTS {IncidentIndex} ON {schema}.mt_events (correlation_id, stream_id, version) WHERE correlation_id IS NOT NULL;
        CREATE TABLE IF NOT EXISTS {schema}.format (version int NOT NULL);
        DELETE FROM {schema}.format;
        INSERT INTO {schema}.format VALUES ({Version})
        """;
}
