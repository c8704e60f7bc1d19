using System.Runtime.CompilerServices;
using Dedupe.Log;

namespace Stores.Sqlite;

/// <summary>The embedded store: SQLite in one folder, for one process at a time.</summary>
public sealed class SqliteLog : ILogTarget
{
    private const string LockName = "lock";

    /// <summary>Inputs stop at this much room, so that what was accepted can still be decided.</summary>
    private const long RoomForDecisions = 8 * 1024 * 1024;

    /// <summary>Everything but trimming stops at this much room, so that the log can be opened again.</summary>
    private const long RoomToOpen = 1024 * 1024;

    /// <summary>Nobody outside this process writes here, and inside it who decides tells who follows: a follower may look now and then.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    private readonly FileStream hold;
    private readonly DriveInfo drive;
    private readonly Connection connection;
    private readonly Connection aside;
    private readonly Checkpoints checkpoints;
    private readonly Writer writer;
    private readonly Readers readers;
    private readonly Snapshots snapshots;
    private readonly Trim trim;

    private SqliteLog(string folder, FileStream hold)
    {
        this.hold = hold;
        drive = new(folder);
        FreeBytes = () => drive.AvailableFreeSpace;
        var file = Path.Combine(folder, "log.db");
        connection = new(file);
        Tables.Create(connection);
        aside = new(file, Connection.SmallCacheKiB);
        checkpoints = new(aside);
        snapshots = new(Path.Combine(folder, "snapshots.db"));
        writer = new(connection, checkpoints);
        readers = new(file, () => writer.Committed);
        trim = new(writer, readers);
    }

    /// <summary>Opens <c>log.db</c> and <c>snapshots.db</c> in the folder, made where they are not there.</summary>
    /// <exception cref="FolderHeldException">Another process has the folder open.</exception>
    /// <exception cref="StoreFullException">There is no room even to open it.</exception>
    /// <exception cref="InvalidDataException">A newer release wrote it.</exception>
    public static async Task<SqliteLog> OpenAsync(string folder, CancellationToken cancel = default)
    {
        folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(folder);
        var hold = await HoldAsync(folder, cancel).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => new SqliteLog(folder, hold), cancel).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await hold.DisposeAsync().ConfigureAwait(false);
            if (Connection.Named(e) is StoreFullException full) throw full;
            throw;
        }
    }

    public async ValueTask<int> ScopeAsync(string name, CancellationToken cancel)
    {
        if (Find() is var known and not 0) return known;
        await writer.DoAsync((c, now) => Appends.Scope(c, now, name), cancel).ConfigureAwait(false);
        return Find();

        int Find()
        {
            var scopes = writer.Committed.Scopes;
            for (var i = 0; i < scopes.Length; i++)
                if (scopes[i].Name == name) return i + 1;
            return 0;
        }
    }

    public ValueTask<IReadOnlyList<KeyValuePair<int, string>>> ScopesAsync(CancellationToken cancel) =>
        new([.. writer.Committed.Scopes.Select((scope, i) => KeyValuePair.Create(i + 1, scope.Name))]);

    public ValueTask<LogPosition> PositionAsync(int scope, CancellationToken cancel) => new(writer.Committed.Scope(scope).Position);

    public ValueTask AppendInputsAsync(IReadOnlyList<InputRecord> inputs, CancellationToken cancel) => AppendAsync(inputs, keys: true, cancel);

    public async ValueTask BeginAsync(int scope, LogPosition position, CancellationToken cancel) =>
        await writer.DoAsync((c, now) => Appends.Begin(c, now, scope, position), cancel).ConfigureAwait(false);

    public ValueTask CopyInputsAsync(IReadOnlyList<InputRecord> inputs, CancellationToken cancel) => AppendAsync(inputs, keys: false, cancel);

    public async ValueTask CopyKeysAsync(IReadOnlyList<KeyRecord> keys, CancellationToken cancel) => await writer.DoAsync((c, now) =>
    {
        Leave(c, RoomForDecisions);
        return Appends.Keys(c, now, keys);
    }, cancel).ConfigureAwait(false);

    public async IAsyncEnumerable<InputRecord> ReadInputsAsync(int scope, long from, [EnumeratorCancellation] CancellationToken cancel)
    {
        var last = writer.Committed.Scope(scope).Position.LastInput;
        while (from <= last)
        {
            var page = await Task.Run(() => readers.Inputs(scope, from, last), cancel).ConfigureAwait(false);
            if (page.Count == 0) yield break;
            foreach (var input in page) yield return input;
            from = page[^1].Number + 1;
        }
    }

    public async ValueTask AppendDecisionsAsync(
        int scope, long expected, IReadOnlyList<DecisionRecord> decisions, CancellationToken cancel) =>
        await writer.DoAsync((c, now) =>
        {
            Leave(c, RoomToOpen);
            return Appends.Decisions(c, now, scope, expected, decisions);
        }, cancel).ConfigureAwait(false);

    public IAsyncEnumerable<DecisionRecord> ReadDecisionsAsync(int scope, long from, CancellationToken cancel) =>
        Decisions(scope, from, null, cancel);

    public async IAsyncEnumerable<DecisionRecord> FollowDecisionsAsync(int scope, long from, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (true)
        {
            await foreach (var decision in ReadDecisionsAsync(scope, from, cancel).ConfigureAwait(false))
            {
                yield return decision;
                from = decision.Version + 1;
            }
            await Task.Delay(LookAgain, cancel).ConfigureAwait(false);
        }
    }

    public IAsyncEnumerable<DecisionRecord> ReadIncidentAsync(int scope, string incident, CancellationToken cancel) =>
        Decisions(scope, 1, incident, cancel);

    public async ValueTask AppendOutcomesAsync(IReadOnlyList<OutcomeRecord> outcomes, CancellationToken cancel)
    {
        if (outcomes.Count == 0) return;
        await writer.DoAsync((c, now) =>
        {
            Leave(c, RoomToOpen);
            return Appends.Outcomes(c, now, outcomes);
        }, cancel).ConfigureAwait(false);
    }

    public IAsyncEnumerable<NumberedOutcome> ReadOutcomesAsync(long from, CancellationToken cancel) => OutcomesAsync(from, follow: false, cancel);

    public IAsyncEnumerable<NumberedOutcome> FollowOutcomesAsync(long from, CancellationToken cancel) => OutcomesAsync(from, follow: true, cancel);

    private IAsyncEnumerable<NumberedOutcome> OutcomesAsync(long from, bool follow, CancellationToken cancel) => Rows(
        "SELECT number, page, pager, state, at, attempts, answer FROM outcomes WHERE number > ? AND at >= ? ORDER BY number LIMIT ?",
        DateTimeOffset.MinValue,
        rows => new NumberedOutcome(rows.Long(0), new(
            rows.Text(1), rows.Text(2), (PageState)rows.Long(3), Tables.Time(rows.Long(4)), (int)rows.Long(5), rows.Text(6))),
        follow, cancel, after: from - 1);

    public async ValueTask SaveSnapshotAsync(int scope, SnapshotRecord snapshot, CancellationToken cancel) =>
        await snapshots.SaveAsync(scope, snapshot, cancel).ConfigureAwait(false);

    public async ValueTask<SnapshotRecord?> LoadSnapshotAsync(int scope, string name, CancellationToken cancel) =>
        await snapshots.LoadAsync(scope, name, cancel).ConfigureAwait(false);

    public IAsyncEnumerable<KeyRecord> ReadKeysAsync(DateTimeOffset since, CancellationToken cancel) => Rows(
        "SELECT number, source, key, hash, at FROM keys WHERE number > ? AND at >= ? ORDER BY number LIMIT ?",
        since,
        rows => new KeyRecord(rows.Text(1), rows.Text(2), unchecked((ulong)rows.Long(3)), Tables.Time(rows.Long(4))),
        follow: false, cancel);

    public async ValueTask<int> TrimAsync(
        DateTimeOffset inputsBefore, DateTimeOffset decisionsBefore, long? maxBytes, CancellationToken cancel) =>
        await trim.RunAsync(inputsBefore, decisionsBefore, maxBytes, cancel).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync().ConfigureAwait(false);
        await checkpoints.DisposeAsync().ConfigureAwait(false);
        readers.Dispose();
        snapshots.Dispose();
        aside.Dispose();
        connection.TryCheckpoint(truncate: true);
        connection.Dispose();
        await hold.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Room on the disk; a test says its own.</summary>
    internal Func<long> FreeBytes { get; set; }

    /// <summary>For tests of a full disk: the file grows no further than this many pages; 0 lets it grow again.</summary>
    internal Task LimitPagesAsync(int pages) => writer.DoAsync((c, now) =>
    {
        c.Run($"PRAGMA max_page_count={(pages == 0 ? int.MaxValue : pages)}");
        return now;
    }, CancellationToken.None);

    /// <summary>Refuses to write with less room than this left, once the write-ahead log has moved into the file.</summary>
    private void Leave(Connection c, long bytes)
    {
        var room = FreeBytes() - checkpoints.BytesWaiting;
        // Room that trimming made lies within the file; asked only when it matters.
        if (room >= bytes || room + (c.Number("PRAGMA freelist_count")!.Value * Checkpoints.PageBytes) >= bytes) return;
        checkpoints.Hurry();
        throw new StoreFullException($"the disk of {drive.Name} is as good as full; make room there");
    }

    private async ValueTask AppendAsync(IReadOnlyList<InputRecord> inputs, bool keys, CancellationToken cancel)
    {
        if (inputs.Count == 0) return;
        await writer.DoAsync((c, now) =>
        {
            Leave(c, RoomForDecisions);
            return Appends.Inputs(c, now, inputs, keys);
        }, cancel).ConfigureAwait(false);
    }

    private async IAsyncEnumerable<DecisionRecord> Decisions(
        int scope, long from, string? incident, [EnumeratorCancellation] CancellationToken cancel)
    {
        var last = writer.Committed.Scope(scope).Position.LastDecision;
        while (from <= last)
        {
            var page = await Task.Run(() => readers.Decisions(scope, from, last, incident), cancel).ConfigureAwait(false);
            if (page.Count == 0) yield break;
            foreach (var decision in page) yield return decision;
            from = page[^1].Version + 1;
        }
    }

    private async IAsyncEnumerable<T> Rows<T>(
        string sql, DateTimeOffset since, Func<Statement, T> row, bool follow, [EnumeratorCancellation] CancellationToken cancel, long after = 0)
    {
        while (true)
        {
            var page = await Task.Run(() => readers.Rows(sql, after, Tables.Milliseconds(since), row), cancel).ConfigureAwait(false);
            if (page.Count == 0)
            {
                if (!follow) yield break;
                await Task.Delay(LookAgain, cancel).ConfigureAwait(false);
                continue;
            }
            foreach (var item in page) yield return item.Row;
            after = page[^1].Number;
        }
    }

    /// <summary>Whether a process has the folder open now. Nothing is made or written there.</summary>
    /// <exception cref="UnauthorizedAccessException">It is somebody else's.</exception>
    public static bool IsHeld(string folder)
    {
        var path = Path.Combine(folder, LockName);
        if (!File.Exists(path)) return false;
        try
        {
            using var free = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private const int Looks = 3;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);

    private static async Task<FileStream> HoldAsync(string folder, CancellationToken cancel)
    {
        for (var look = 1; ; look++)
        {
            try
            {
                // The system's own lock on an open file: it ends with the process, however that ends.
                return new(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            // Whoever only looks whether it is held (IsHeld) is gone in a moment.
            catch (IOException) when (look < Looks)
            {
                await Task.Delay(Glance, cancel).ConfigureAwait(false);
            }
            catch (IOException e)
            {
                throw new FolderHeldException($"{folder} is open in another process; stop that one, or give this one another folder (--data)", e);
            }
        }
    }
}

/// <summary>Another process has the folder open: one at a time may.</summary>
public sealed class FolderHeldException(string message, Exception inner) : IOException(message, inner);
