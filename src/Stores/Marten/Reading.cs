using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;

namespace Stores.Marten;

/// <summary>Reads a page at a time, each on a connection of its own: nothing is held while who reads thinks about a row.</summary>
internal static class Reading
{
    public const int MostRows = 1000;

    private const int MostBytes = 4 * 1024 * 1024;

    /// <summary>Wraps a query so that a page ends at its rows or at its bytes, and holds one row at least.</summary>
    /// <param name="number">The column that orders it.</param>
    /// <param name="bytes">The column that may be large; its size is known without reading it.</param>
    public static string Page(string select, string number, string bytes) => $"""
        SELECT * FROM (SELECT page.*, sum(octet_length({bytes})) OVER (ORDER BY {number}) - octet_length({bytes}) AS before
            FROM ({select} ORDER BY {number} LIMIT {MostRows}) page) sized WHERE before < {MostBytes} ORDER BY {number}
        """;

    /// <summary>A page of rows that are numbered without gaps but for those that were trimmed.</summary>
    /// <remarks>The range is as wide as a page: with a wider one PostgreSQL, where its statistics are old, sorts all the rest of the log for every
    /// page (3,000 rows a second where this reads more than a hundred thousand).</remarks>
    /// <param name="first">The first number there is from one on.</param>
    public static async Task<List<T>> DenseAsync<T>(
        long from, long to, Func<long, long, Task<List<T>>> page, Func<long, Task<List<long?>>> first)
    {
        while (from <= to)
        {
            var rows = await page(from, Math.Min(to, from + MostRows - 1)).ConfigureAwait(false);
            if (rows.Count > 0) return rows;
            // Asked for from here, not from behind the page: rows may have come into it since.
            if (await first(from).ConfigureAwait(false) is not [{ } next]) return [];
            from = next;
        }
        return [];
    }

    public static string Page(string select, string number) => $"{select} ORDER BY {number} LIMIT {MostRows}";

    public static async Task<List<T>> RowsAsync<T>(
        this NpgsqlDataSource source, string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancel, params NpgsqlParameter[] parameters)
    {
        await using var command = source.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancel).ConfigureAwait(false)) rows.Add(row(reader));
        return rows;
    }

    /// <summary>Page after page to the end.</summary>
    public static async IAsyncEnumerable<T> AllAsync<T>(
        Func<long, Task<List<T>>> page, long from, Func<T, long> number, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var rows = await page(from).ConfigureAwait(false);
            if (rows.Count == 0) yield break;
            foreach (var row in rows) yield return row;
            from = number(rows[^1]) + 1;
        }
    }

    public static NpgsqlParameter P(long value) => new NpgsqlParameter<long> { TypedValue = value };

    public static NpgsqlParameter P(int value) => new NpgsqlParameter<int> { TypedValue = value };

    public static NpgsqlParameter P(string value) => new NpgsqlParameter<string> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Text };

    public static NpgsqlParameter P<T>(T[] values, NpgsqlDbType of) =>
        new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | of };
}
