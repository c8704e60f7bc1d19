using System.Collections.Concurrent;
using System.Diagnostics;
using Dedupe.Log;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Stores.Sqlite;

/// <summary>The one thread that writes. What waits when a commit begins, and what comes while it gathers, shares one fsync.</summary>
internal sealed class Writer : IAsyncDisposable
{
    /// <summary>Requests that may wait; more wait outside, without a thread.</summary>
    private const int MostWaiting = 4096;

    /// <summary>A commit takes no more requests once it has worked this long, so that the first of them is not kept waiting.</summary>
    private static readonly TimeSpan LongestGather = TimeSpan.FromMilliseconds(10);

    private readonly Connection connection;
    private readonly Checkpoints checkpoints;
    private readonly SemaphoreSlim room = new(MostWaiting);
    private readonly BlockingCollection<Write> waiting = [];
    private readonly List<Write> taken = [];
    private readonly Task thread;
    private volatile Catalogue committed;

    public Writer(Connection connection, Checkpoints checkpoints)
    {
        this.connection = connection;
        this.checkpoints = checkpoints;
        committed = Catalogue.Read(connection);
        thread = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>As of the last commit.</summary>
    public Catalogue Committed => committed;

    /// <summary>Runs in the next commit; completes when that is on the disk. Cancels only what does not yet wait in line.</summary>
    /// <param name="apply">Refuses (wrong number, no room) before it writes its first row, or not at all.</param>
    public async Task DoAsync(Func<Connection, Catalogue, Catalogue> apply, CancellationToken cancel)
    {
        await room.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var write = new Write(apply);
            waiting.Add(write, CancellationToken.None);
            await write.Task.ConfigureAwait(false);
        }
        finally
        {
            room.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        waiting.CompleteAdding();
        await thread.ConfigureAwait(false);
        waiting.Dispose();
    }

    private void Run()
    {
        foreach (var write in waiting.GetConsumingEnumerable()) Commit(write);
    }

    private void Commit(Write first)
    {
        var began = Stopwatch.GetTimestamp();
        taken.Clear();
        try
        {
            connection.Prepare("BEGIN IMMEDIATE").Run();
            var now = committed;
            var write = first;
            do
            {
                taken.Add(write);
                try
                {
                    now = write.Apply(connection, now);
                }
                catch (Exception e) when (e is WrongNumberException or StoreFullException or ArgumentException)
                {
                    write.Refused = e;
                }
            }
            while (Stopwatch.GetElapsedTime(began) < LongestGather && waiting.TryTake(out write));
            connection.Prepare("COMMIT").Run();
            committed = now;
        }
        catch (Exception e)
        {
            // Whatever it was, the caller hears of it and the thread goes on: the next append tries again.
            RollBack();
            var failure = e is SqliteException { SqliteErrorCode: raw.SQLITE_FULL or raw.SQLITE_IOERR } full
                ? new StoreFullException($"the log cannot be written, nothing was: {full.Message}; make room on its disk", full)
                : e;
            foreach (var write in taken) write.TrySetException(write.Refused ?? failure);
            return;
        }
        foreach (var write in taken) write.Complete();
        checkpoints.AfterCommit(connection);
    }

    private void RollBack()
    {
        try
        {
            // A full disk may have ended the transaction already.
            if (connection.InTransaction) connection.Run("ROLLBACK");
        }
        catch (SqliteException)
        {
            // The connection then still stands in a transaction, the next BEGIN fails, and its callers are told.
        }
        connection.Forget();
    }

    private sealed class Write(Func<Connection, Catalogue, Catalogue> apply) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public Func<Connection, Catalogue, Catalogue> Apply => apply;

        public Exception? Refused { get; set; }

        public void Complete()
        {
            if (Refused is null) TrySetResult();
            else TrySetException(Refused);
        }
    }
}
