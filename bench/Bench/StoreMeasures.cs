using System.Diagnostics;
using System.Text;
using Dedupe.Log;
using Stores.EventStore;
using Stores.Marten;
using Stores.Sqlite;

namespace Bench;

/// <summary>The same appends and reads through every store's port. Each round has every measure once; medians are of the rounds.</summary>
internal static class StoreMeasures
{
    private const int Rounds = 3, Appenders = 8, Commit = 100;
    private static readonly TimeSpan Each = TimeSpan.FromSeconds(1.5);
    private static readonly DateTimeOffset Day = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly byte[] Body = Encoding.UTF8.GetBytes(
        $$"""{"labels":{"alertname":"HostDown","host":"db-1"},"summary":"{{new string('x', 520)}}"}""");

    /// <param name="stores"><c>sqlite</c>, <c>postgres://...</c>, <c>esdb://...</c>: an empty one each.</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> stores)
    {
        foreach (var store in stores)
        {
            var folder = Directory.CreateTempSubdirectory("pipeline-bench-").FullName;
            await using (var log = await OpenAsync(store, folder))
            {
                Console.WriteLine($"\n{(store == "sqlite" ? "SQLite" : new Uri(store).Scheme)}, {Body.Length}-byte inputs, {Commit} decisions a commit, a second:\n");
                await MeasureAsync(log);
                if (log is MartenLog marten) await InsertOrCopyAsync(marten);
            }
            Directory.Delete(folder, recursive: true);
        }
        return 0;
    }

    private static async Task<ILog> OpenAsync(string store, string folder) =>
        store == "sqlite" ? await SqliteLog.OpenAsync(folder)
        : store.StartsWith("postgres", StringComparison.Ordinal) ? await MartenLog.OpenAsync(store)
        : await EventStoreLog.OpenAsync(new(store), CancellationToken.None);

    private static async Task MeasureAsync(ILog log)
    {
        var rates = new Dictionary<string, List<double>>();
        var scopes = new List<Scope>();
        for (var i = 0; i < Appenders; i++) scopes.Add(new(log, await log.ScopeAsync($"s{i}", CancellationToken.None)));
        // What a first append makes is made.
        await scopes[0].AppendAsync(1);
        await scopes[0].DecideAsync();
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var size in (int[])[1, 10, 100, 1000])
                Note($"inputs appended, {size} at once", await RateAsync(size, () => scopes[0].AppendAsync(size)));
            Note($"inputs appended, 1 at once by each of {Appenders}",
                (await Task.WhenAll(scopes.Select(s => Task.Run(() => RateAsync(1, () => s.AppendAsync(1)))))).Sum());
            Note("decisions appended", await RateAsync(Commit, scopes[0].DecideAsync));
            Note($"decisions appended by each of {Appenders}", (await Task.WhenAll(scopes.Select(s => Task.Run(() => RateAsync(Commit, s.DecideAsync))))).Sum());
            Note("inputs read", await ReadAsync(log.ReadInputsAsync(scopes[0].Number, 1, CancellationToken.None)));
            Note("decisions read", await ReadAsync(log.ReadDecisionsAsync(scopes[0].Number, 1, CancellationToken.None)));
        }
        foreach (var (what, all) in rates) Console.WriteLine($"| {what} | {all.Order().ElementAt(Rounds / 2):N0} | {all.Min():N0} to {all.Max():N0} |");

        void Note(string what, double rate)
        {
            if (!rates.TryGetValue(what, out var all)) rates[what] = all = [];
            all.Add(rate);
        }
    }

    /// <summary>Where one way of appending begins to beat the other.</summary>
    private static async Task InsertOrCopyAsync(MartenLog log)
    {
        Console.WriteLine("\n| rows at once | insert, rows/s | COPY, rows/s |\n|---|---|---|");
        var scope = new Scope(log, await log.ScopeAsync("ways", CancellationToken.None));
        foreach (var size in (int[])[1, 10, 30, 100, 300, 1000])
        {
            var (insert, copy) = (new List<double>(), new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                insert.Add(await RateAsync(size, () => log.Inputs.AppendAsync(scope.Next(size), copy: false, keys: true, CancellationToken.None), 0.5));
                copy.Add(await RateAsync(size, () => log.Inputs.AppendAsync(scope.Next(size), copy: true, keys: true, CancellationToken.None), 0.5));
            }
            Console.WriteLine($"| {size} | {insert.Order().ElementAt(Rounds / 2):N0} | {copy.Order().ElementAt(Rounds / 2):N0} |");
        }
    }

    private static async Task<double> RateAsync(int size, Func<Task> append, double share = 1)
    {
        var (began, done) = (Stopwatch.GetTimestamp(), 0L);
        for (; Stopwatch.GetElapsedTime(began) < Each * share; done += size) await append();
        return done / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task<double> ReadAsync<T>(IAsyncEnumerable<T> rows)
    {
        var (began, count) = (Stopwatch.GetTimestamp(), 0L);
        await foreach (var _ in rows)
            if (++count % 1000 == 0 && Stopwatch.GetElapsedTime(began) > Each) break;
        return count / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>One scope and what was appended to it so far.</summary>
    private sealed class Scope(ILog log, int number)
    {
        private readonly byte[] data = Encoding.UTF8.GetBytes($$"""{"fingerprint":"0123456789abcdef","summary":"{{new string('y', 250)}}"}""");
        private long input, version;

        public int Number => number;

        public InputRecord[] Next(int size) =>
            [.. Enumerable.Range(1, size).Select(_ => new InputRecord(number, ++input, Day, InputKind.Delivery, Day, "generic", $"d{input}", null, Body))];

        public async Task AppendAsync(int size) => await log.AppendInputsAsync(Next(size), CancellationToken.None);

        public async Task DecideAsync()
        {
            var expected = version;
            await log.AppendDecisionsAsync(
                number, expected,
                [.. Enumerable.Range(1, Commit).Select(_ => new DecisionRecord(++version, input, Day, "alert-decided", $"inc_{version % 20}", data))],
                CancellationToken.None);
        }
    }
}
