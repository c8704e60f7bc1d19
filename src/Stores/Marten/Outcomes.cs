using System.Text;
using Dedupe.Log;
using NpgsqlTypes;
using static Stores.Marten.Reading;

namespace Stores.Marten;

/// <summary>What became of pages, numbered under a lock that lasts until the commit: who has read 10 never misses a 9 that comes late.</summary>
internal sealed class Outcomes(Database database)
{
    public async Task AppendAsync(IReadOnlyList<OutcomeRecord> outcomes, CancellationToken cancel)
    {
        await using var batch = database.Source.CreateBatch();
        batch.BatchCommands.Add(new($"""
            WITH taken AS (UPDATE {database.Schema}.last_outcome SET number = number + $7 RETURNING number - $7 AS before)
            INSERT INTO {database.Schema}.outcomes (number, at, attempts, state, page, pager, answer)
            SELECT before + place, at, attempts, state, page, pager, answer FROM taken,
                unnest($1, $2, $3, $4, $5, $6) WITH ORDINALITY AS given (at, attempts, state, page, pager, answer, place)
            """)
        {
            Parameters =
            {
                P([.. outcomes.Select(o => o.At.ToUnixTimeMilliseconds())], NpgsqlDbType.Bigint),
                P([.. outcomes.Select(o => o.Attempts)], NpgsqlDbType.Integer),
                P([.. outcomes.Select(o => (short)o.State)], NpgsqlDbType.Smallint),
                P([.. outcomes.Select(o => o.PageId)], NpgsqlDbType.Text),
                P([.. outcomes.Select(o => o.Pager)], NpgsqlDbType.Text),
                P([.. outcomes.Select(o => Encoding.UTF8.GetBytes(o.Answer))], NpgsqlDbType.Bytea),
                P((long)outcomes.Count),
            },
        });
        batch.BatchCommands.Add(new($"SELECT pg_notify('{Wakes.OutcomesChannel}', '')"));
        await batch.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
    }

    public Task<List<NumberedOutcome>> PageAsync(long from, CancellationToken cancel) => database.Source.RowsAsync(
        Page($"SELECT number, page, pager, state, at, attempts, answer FROM {database.Schema}.outcomes WHERE number >= $1", "number"),
        row => new NumberedOutcome(row.GetInt64(0), new(
            row.GetString(1), row.GetString(2), (PageState)row.GetInt16(3), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)), row.GetInt32(5),
            Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(6)))),
        cancel, P(from));
}
