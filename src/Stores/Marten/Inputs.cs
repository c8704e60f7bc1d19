using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Dedupe.Log;
using Npgsql;
using NpgsqlTypes;
using static Stores.Marten.Reading;

namespace Stores.Marten;

/// <summary>The table of inputs: a partition a day, and each scope's last number beside it, advanced in the same transaction.</summary>
internal sealed class Inputs(Database database)
{
    /// <summary>From here on COPY beats one insert: it costs two journeys more and less a row (bench/RESULTS.md).</summary>
    public const int CopyFrom = 400;

    private const string Columns = "number, at, received, day, scope, kind, source, id, key, body";

    private readonly ConcurrentDictionary<int, bool> days = new();

    /// <summary>The day's number: yyyyMMdd, in UTC.</summary>
    public static int DayOf(DateTimeOffset at) => (at.UtcDateTime.Year * 10_000) + (at.UtcDateTime.Month * 100) + at.UtcDateTime.Day;

    public static DateTimeOffset EndOf(int day) =>
        new DateTimeOffset(day / 10_000, day / 100 % 100, day % 100, 0, 0, 0, TimeSpan.Zero).AddDays(1);

    public string Partition(int day) => string.Create(CultureInfo.InvariantCulture, $"{database.Schema}.inputs_{day:D8}");

    /// <summary>How it writes is a bench's to say; else by the number of rows.</summary>
    public Task AppendAsync(IReadOnlyList<InputRecord> inputs, CancellationToken cancel) =>
        AppendAsync(inputs, copy: inputs.Count >= CopyFrom, keys: true, cancel);

    public async Task AppendAsync(IReadOnlyList<InputRecord> inputs, bool copy, bool keys, CancellationToken cancel)
    {
        var heads = Heads(inputs, keys);
        for (var again = false; ; again = true)
        {
            foreach (var day in inputs.Select(i => DayOf(i.At)).Distinct())
                if (days.TryAdd(day, true)) await CreateAsync(day, cancel).ConfigureAwait(false);
            try
            {
                await (copy ? CopyAsync(inputs, heads, cancel) : InsertAsync(inputs, heads, cancel)).ConfigureAwait(false);
                return;
            }
            catch (PostgresException e) when (Failures.IsMissingTable(e) && !again)
            {
                // Another process trimmed a day that we knew; nothing was written.
                days.Clear();
            }
        }
    }

    public Task<List<InputRecord>> PageAsync(int scope, long from, long to, CancellationToken cancel) => DenseAsync(
        from, to, (low, high) => RowsAsync(scope, low, high, cancel),
        low => database.Source.RowsAsync(
            $"SELECT min(number) FROM {database.Schema}.inputs WHERE scope = $1 AND number >= $2",
            row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0), cancel, P(scope), P(low)));

    private Task<List<InputRecord>> RowsAsync(int scope, long from, long to, CancellationToken cancel) => database.Source.RowsAsync(
        Page($"""
            SELECT number, at, kind, received, source, id, key, body FROM {database.Schema}.inputs WHERE scope = $1 AND number BETWEEN $2 AND $3
            """, "number", "body"),
        row => new InputRecord(
            scope, row.GetInt64(0), Time(row.GetInt64(1)), (InputKind)row.GetInt16(2), Time(row.GetInt64(3)), row.GetString(4), row.GetString(5),
            row.IsDBNull(6) ? null : Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(6)), row.GetFieldValue<byte[]>(7)),
        cancel, P(scope), P(from), P(to));

    public Task<List<(long Number, KeyRecord Key)>> KeysAsync(long from, DateTimeOffset since, CancellationToken cancel) => database.Source.RowsAsync(
        Page($"SELECT number, source, key, hash, at FROM {database.Schema}.keys WHERE number >= $1 AND at >= $2", "number"),
        row => (row.GetInt64(0), new KeyRecord(
            row.GetString(1), Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(2)), unchecked((ulong)row.GetInt64(3)), Time(row.GetInt64(4)))),
        cancel, P(from), P(since.ToUnixTimeMilliseconds()));

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    /// <summary>What each scope's head must be, and becomes. In the order of the scopes, so that two appends never wait for each other.</summary>
    private static List<(InputRecord First, InputRecord Last)> Advances(IReadOnlyList<InputRecord> inputs)
    {
        var advances = new SortedDictionary<int, (InputRecord First, InputRecord Last)>();
        foreach (var input in inputs)
        {
            if (!advances.TryGetValue(input.Scope, out var advance)) advance = (input, input);
            else if (input.Number != advance.Last.Number + 1)
                throw new WrongNumberException($"scope {input.Scope}: input {input.Number} does not follow {advance.Last.Number}");
            advances[input.Scope] = (advance.First, input);
        }
        return [.. advances.Values];
    }

    /// <summary>One journey: commands that are sent together are one transaction.</summary>
    private async Task InsertAsync(IReadOnlyList<InputRecord> inputs, Func<List<NpgsqlBatchCommand>> heads, CancellationToken cancel)
    {
        await using var batch = database.Source.CreateBatch();
        foreach (var head in heads()) batch.BatchCommands.Add(head);
        foreach (var day in inputs.GroupBy(i => DayOf(i.At)))
        {
            InputRecord[] rows = [.. day];
            batch.BatchCommands.Add(new($"INSERT INTO {Partition(day.Key)} ({Columns}) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
            {
                Parameters =
                {
                    P([.. rows.Select(i => i.Number)], NpgsqlDbType.Bigint),
                    P([.. rows.Select(i => i.At.ToUnixTimeMilliseconds())], NpgsqlDbType.Bigint),
                    P([.. rows.Select(i => i.ReceivedAt.ToUnixTimeMilliseconds())], NpgsqlDbType.Bigint),
                    P([.. rows.Select(_ => day.Key)], NpgsqlDbType.Integer),
                    P([.. rows.Select(i => i.Scope)], NpgsqlDbType.Integer),
                    P([.. rows.Select(i => (short)i.Kind)], NpgsqlDbType.Smallint),
                    P([.. rows.Select(i => i.Source)], NpgsqlDbType.Text),
                    P([.. rows.Select(i => i.Id)], NpgsqlDbType.Text),
                    P([.. rows.Select(i => i.Key is null ? null! : Encoding.UTF8.GetBytes(i.Key))], NpgsqlDbType.Bytea),
                    P([.. rows.Select(i => Bytes(i.Body))], NpgsqlDbType.Bytea),
                },
            });
        }
        await batch.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
    }

    private async Task CopyAsync(IReadOnlyList<InputRecord> inputs, Func<List<NpgsqlBatchCommand>> heads, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancel).ConfigureAwait(false);
        await using (var batch = new NpgsqlBatch(connection, transaction))
        {
            foreach (var head in heads()) batch.BatchCommands.Add(head);
            await batch.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
        }
        foreach (var day in inputs.GroupBy(i => DayOf(i.At)))
        {
            await using var copy = await connection.BeginBinaryImportAsync(
                $"COPY {Partition(day.Key)} ({Columns}) FROM STDIN (FORMAT BINARY)", cancel).ConfigureAwait(false);
            foreach (var i in day)
            {
                await copy.StartRowAsync(cancel).ConfigureAwait(false);
                await copy.WriteAsync(i.Number, NpgsqlDbType.Bigint, cancel).ConfigureAwait(false);
                await copy.WriteAsync(i.At.ToUnixTimeMilliseconds(), NpgsqlDbType.Bigint, cancel).ConfigureAwait(false);
                await copy.WriteAsync(i.ReceivedAt.ToUnixTimeMilliseconds(), NpgsqlDbType.Bigint, cancel).ConfigureAwait(false);
                await copy.WriteAsync(day.Key, NpgsqlDbType.Integer, cancel).ConfigureAwait(false);
                await copy.WriteAsync(i.Scope, NpgsqlDbType.Integer, cancel).ConfigureAwait(false);
                await copy.WriteAsync((short)i.Kind, NpgsqlDbType.Smallint, cancel).ConfigureAwait(false);
                await copy.WriteAsync(i.Source, NpgsqlDbType.Text, cancel).ConfigureAwait(false);
                await copy.WriteAsync(i.Id, NpgsqlDbType.Text, cancel).ConfigureAwait(false);
                if (i.Key is null) await copy.WriteNullAsync(cancel).ConfigureAwait(false);
                else await copy.WriteAsync(Encoding.UTF8.GetBytes(i.Key), NpgsqlDbType.Bytea, cancel).ConfigureAwait(false);
                await copy.WriteAsync(i.Body, NpgsqlDbType.Bytea, cancel).ConfigureAwait(false);
            }
            await copy.CompleteAsync(cancel).ConfigureAwait(false);
        }
        await transaction.CommitAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>What goes with the rows: how far each scope's head moves, and the keys of the senders.</summary>
    private Func<List<NpgsqlBatchCommand>> Heads(IReadOnlyList<InputRecord> inputs, bool keys)
    {
        var advances = Advances(inputs);
        // A delivery for several scopes comes as neighbours under one key.
        KeyRecord[] noted = !keys ? [] :
        [
            .. inputs.Where((i, at) => i.Key is not null && (at == 0 || inputs[at - 1].Key != i.Key || inputs[at - 1].Source != i.Source))
                .Select(i => new KeyRecord(i.Source, i.Key!, KeyRecord.HashOf(i.Body.Span), i.ReceivedAt)),
        ];
        return () =>
        [
            .. advances.Select(a => new NpgsqlBatchCommand($"SELECT {database.Schema}.advance($1, $2, $3, $4)")
            {
                Parameters = { P(a.First.Scope), P(a.First.Number - 1), P(a.Last.Number), P(a.Last.At.ToUnixTimeMilliseconds()) },
            }),
            .. noted.Length > 0 ? [KeysCommand(noted)] : (NpgsqlBatchCommand[])[],
        ];
    }

    public async Task AppendKeysAsync(IReadOnlyList<KeyRecord> keys, CancellationToken cancel)
    {
        await using var batch = database.Source.CreateBatch();
        batch.BatchCommands.Add(KeysCommand(keys));
        await batch.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
    }

    private NpgsqlBatchCommand KeysCommand(IReadOnlyList<KeyRecord> keys) =>
        new($"INSERT INTO {database.Schema}.keys (at, hash, source, key) SELECT * FROM unnest($1, $2, $3, $4)")
        {
            Parameters =
            {
                P([.. keys.Select(k => k.At.ToUnixTimeMilliseconds())], NpgsqlDbType.Bigint),
                P([.. keys.Select(k => unchecked((long)k.BodyHash))], NpgsqlDbType.Bigint),
                P([.. keys.Select(k => k.Source)], NpgsqlDbType.Text),
                P([.. keys.Select(k => Encoding.UTF8.GetBytes(k.Key))], NpgsqlDbType.Bytea),
            },
        };

    /// <summary>Attached rather than made as a partition: readers and appenders of other days go on meanwhile.</summary>
    private async Task CreateAsync(int day, CancellationToken cancel)
    {
        try
        {
            await using var connection = await database.Source.OpenConnectionAsync(cancel).ConfigureAwait(false);
            await using var transaction = await connection.BeginTransactionAsync(cancel).ConfigureAwait(false);
            await using var create = new NpgsqlCommand($"""
                SELECT pg_advisory_xact_lock({Tables.Locks}, {Tables.SegmentLock});
                DO $do$ BEGIN
                    IF to_regclass('{Partition(day)}') IS NULL THEN
                        CREATE TABLE {Partition(day)} (LIKE {database.Schema}.inputs INCLUDING DEFAULTS INCLUDING STORAGE,
                            PRIMARY KEY (scope, number), CHECK (day = {day}));
                        ALTER TABLE {database.Schema}.inputs ATTACH PARTITION {Partition(day)} FOR VALUES IN ({day});
                    END IF;
                END $do$
                """, connection, transaction);
            await create.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
            await transaction.CommitAsync(cancel).ConfigureAwait(false);
        }
        catch
        {
            days.TryRemove(day, out _);
            throw;
        }
    }

    /// <summary>An array of bytes as the driver wants it, copied only where it is a part of one.</summary>
    private static byte[] Bytes(ReadOnlyMemory<byte> body) =>
        MemoryMarshal.TryGetArray(body, out var part) && part is { Offset: 0, Array: { } whole } && whole.Length == body.Length
            ? whole
            : body.ToArray();
}
