using System.Runtime.CompilerServices;
using Dedupe.Log;

namespace Stores.Marten;

/// <summary>The shared store: PostgreSQL, decisions as Marten's event streams, inputs in a table beside them. For any number of processes.</summary>
public sealed class MartenLog : ILogTarget
{
    private readonly Database database;
    private readonly Scopes scopes;
    private readonly Inputs inputTable;
    private readonly Decisions streams;
    private readonly Outcomes outcomeTable;
    private readonly Snapshots snapshots;
    private readonly Trim trim;
    private readonly Wakes wakes;

    /// <summary>Who cannot read is not woken either: it looks again when its time has come.</summary>
    private static readonly Task Never = new TaskCompletionSource().Task;

    private MartenLog(Database database)
    {
        this.database = database;
        scopes = new(database);
        inputTable = new(database);
        streams = new(database, scopes);
        outcomeTable = new(database);
        snapshots = new(database);
        trim = new(database, scopes, inputTable, streams);
        wakes = new(database.Source);
        Documents = new(database, owned: false);
    }

    /// <summary>The incidents as documents beside this log, folded by Marten's daemon.</summary>
    public IncidentDocuments Documents { get; }

    /// <summary>Opens the log in a database, its tables made where they are not there; safe when several processes do it at once.</summary>
    /// <param name="address"><c>postgres://user:password@host:port/database</c>, with <c>?schema=</c>, <c>sslmode=</c>, <c>sslrootcert=</c>,
    /// <c>application_name=</c> and <c>connections=</c> where wanted; or Npgsql's own connection string.</param>
    /// <exception cref="FormatException">The address is not one.</exception>
    /// <exception cref="InvalidDataException">A newer release wrote it.</exception>
    public static async Task<MartenLog> OpenAsync(string address, CancellationToken cancel = default)
    {
        var database = new Database(Address.Parse(address));
        try
        {
            await Tables.CreateAsync(database, cancel).ConfigureAwait(false);
            return new(database);
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>How a bench measures one way against the other.</summary>
    internal Inputs Inputs => inputTable;

    public async ValueTask<int> ScopeAsync(string name, CancellationToken cancel) => await scopes.NumberAsync(name, cancel).ConfigureAwait(false);

    public ValueTask<IReadOnlyList<KeyValuePair<int, string>>> ScopesAsync(CancellationToken cancel) => scopes.AllAsync(cancel);

    public async ValueTask<LogPosition> PositionAsync(int scope, CancellationToken cancel)
    {
        var head = await scopes.HeadAsync(scope, cancel).ConfigureAwait(false);
        var (version, input) = await streams.LastAsync(scope, cancel).ConfigureAwait(false);
        return head with { LastDecision = version, LastDecided = input };
    }

    public async ValueTask AppendInputsAsync(IReadOnlyList<InputRecord> inputs, CancellationToken cancel)
    {
        if (inputs.Count > 0) await WritingAsync(inputTable.AppendAsync(inputs, cancel)).ConfigureAwait(false);
    }

    public async ValueTask BeginAsync(int scope, LogPosition position, CancellationToken cancel)
    {
        var begins = position.AsBeginning();
        if (await PositionAsync(scope, cancel).ConfigureAwait(false) == begins) return;
        await WritingAsync(scopes.BeginAsync(scope, begins, cancel)).ConfigureAwait(false);
    }

    public async ValueTask CopyInputsAsync(IReadOnlyList<InputRecord> inputs, CancellationToken cancel)
    {
        if (inputs.Count > 0) await WritingAsync(inputTable.AppendAsync(inputs, inputs.Count >= global::Stores.Marten.Inputs.CopyFrom, keys: false, cancel)).ConfigureAwait(false);
    }

    public async ValueTask CopyKeysAsync(IReadOnlyList<KeyRecord> keys, CancellationToken cancel)
    {
        if (keys.Count > 0) await WritingAsync(inputTable.AppendKeysAsync(keys, cancel)).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<InputRecord> ReadInputsAsync(int scope, long from, [EnumeratorCancellation] CancellationToken cancel)
    {
        var last = (await scopes.HeadAsync(scope, cancel).ConfigureAwait(false)).LastInput;
        await foreach (var input in Reading.AllAsync(at => inputTable.PageAsync(scope, at, last, cancel), from, i => i.Number, cancel).ConfigureAwait(false))
            yield return input;
    }

    public async ValueTask AppendDecisionsAsync(int scope, long expected, IReadOnlyList<DecisionRecord> decisions, CancellationToken cancel) =>
        await WritingAsync(streams.AppendAsync(scope, expected, decisions, cancel)).ConfigureAwait(false);

    public IAsyncEnumerable<DecisionRecord> ReadDecisionsAsync(int scope, long from, CancellationToken cancel) => ReadAsync(scope, from, null, cancel);

    public IAsyncEnumerable<DecisionRecord> ReadIncidentAsync(int scope, string incident, CancellationToken cancel) => ReadAsync(scope, 1, incident, cancel);

    public IAsyncEnumerable<DecisionRecord> FollowDecisionsAsync(int scope, long from, CancellationToken cancel) =>
        FollowAsync(from, at => streams.PageAsync(scope, at, long.MaxValue, null, cancel), d => d.Version, cancel);

    public async ValueTask AppendOutcomesAsync(IReadOnlyList<OutcomeRecord> outcomes, CancellationToken cancel)
    {
        if (outcomes.Count > 0) await WritingAsync(outcomeTable.AppendAsync(outcomes, cancel)).ConfigureAwait(false);
    }

    public IAsyncEnumerable<NumberedOutcome> ReadOutcomesAsync(long from, CancellationToken cancel) =>
        Reading.AllAsync(at => outcomeTable.PageAsync(at, cancel), from, o => o.Number, cancel);

    public IAsyncEnumerable<NumberedOutcome> FollowOutcomesAsync(long from, CancellationToken cancel) =>
        FollowAsync(from, at => outcomeTable.PageAsync(at, cancel), o => o.Number, cancel);

    public async ValueTask SaveSnapshotAsync(int scope, SnapshotRecord snapshot, CancellationToken cancel) =>
        await WritingAsync(snapshots.SaveAsync(scope, snapshot, cancel)).ConfigureAwait(false);

    public async ValueTask<SnapshotRecord?> LoadSnapshotAsync(int scope, string name, CancellationToken cancel) =>
        await snapshots.LoadAsync(scope, name, cancel).ConfigureAwait(false);

    public async IAsyncEnumerable<KeyRecord> ReadKeysAsync(DateTimeOffset since, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var row in Reading.AllAsync(at => inputTable.KeysAsync(at, since, cancel), 1, k => k.Number, cancel).ConfigureAwait(false))
            yield return row.Key;
    }

    public async ValueTask<int> TrimAsync(DateTimeOffset inputsBefore, DateTimeOffset decisionsBefore, long? maxBytes, CancellationToken cancel) =>
        await trim.RunAsync(inputsBefore, decisionsBefore, maxBytes, cancel).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await wakes.DisposeAsync().ConfigureAwait(false);
        await database.DisposeAsync().ConfigureAwait(false);
    }

    private async IAsyncEnumerable<DecisionRecord> ReadAsync(int scope, long from, string? incident, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (last, _) = await streams.LastAsync(scope, cancel).ConfigureAwait(false);
        await foreach (var decision in Reading.AllAsync(at => streams.PageAsync(scope, at, last, incident, cancel), from, d => d.Version, cancel)
            .ConfigureAwait(false))
            yield return decision;
    }

    /// <summary>What is there, then what comes. A broken connection is tried again every second, from behind the last row given.</summary>
    private async IAsyncEnumerable<T> FollowAsync<T>(
        long from, Func<long, Task<List<T>>> page, Func<T, long> number, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var wake = wakes.Next;
            List<T> rows;
            try
            {
                rows = await page(from).ConfigureAwait(false);
            }
            catch (Exception e) when (Failures.IsBroken(e))
            {
                rows = [];
                wake = Never;
            }
            foreach (var row in rows) yield return row;
            if (rows.Count > 0) from = number(rows[^1]) + 1;
            else await wakes.WaitAsync(wake, cancel).ConfigureAwait(false);
        }
    }

    private static async Task WritingAsync(Task write)
    {
        try
        {
            await write.ConfigureAwait(false);
        }
        catch (Exception e) when (Failures.Named(e) is var named && named != e)
        {
            throw named;
        }
    }
}
