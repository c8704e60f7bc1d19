using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Dedupe.Log;
using Microsoft.Data.Sqlite;

namespace Stores.Sqlite;

/// <summary>One write at a time. What waits when a commit begins, and what comes while it gathers, shares one fsync.</summary>
/// <remarks>Who finds nobody writing commits on its own thread: two changes of thread would cost more than the commit itself.</remarks>
internal sealed class Writer : IAsyncDisposable
{
    /// <summary>Requests that may wait; more wait outside, without a thread.</summary>
    private const int MostWaiting = 4096;

    /// <summary>A commit takes no more requests once it has worked this long, so that the first of them is not kept waiting.</summary>
    private static readonly TimeSpan LongestGather = TimeSpan.FromMilliseconds(10);

    private readonly Connection connection;
    private readonly Checkpoints checkpoints;
    private readonly SemaphoreSlim room = new(MostWaiting);
    // A plain queue under a monitor: a blocking collection spins for a third of a millisecond's work before each sleep.
    private readonly Queue<Write> waiting = [];
    private readonly List<Write> taken = [];
    private readonly Task thread;
    private volatile Catalogue committed;
    private bool writing;
    private bool closing;

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
            if (Take(write)) CommitHere(write);
            await write.Task.ConfigureAwait(false);
        }
        finally
        {
            room.Release();
        }
    }

    /// <summary>True when nobody writes: the caller is to commit. Else it waits in line.</summary>
    private bool Take(Write write)
    {
        lock (waiting)
        {
            ObjectDisposedException.ThrowIf(closing, this);
            if (!writing && waiting.Count == 0) return writing = true;
            waiting.Enqueue(write);
            if (!writing && waiting.Count == 1) Monitor.Pulse(waiting);
            return false;
        }
    }

    private void CommitHere(Write write)
    {
        Commit(write);
        lock (waiting)
        {
            writing = false;
            if (waiting.Count > 0 || closing) Monitor.Pulse(waiting);
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (waiting)
        {
            closing = true;
            Monitor.Pulse(waiting);
        }
        await thread.ConfigureAwait(false);
    }

    /// <summary>Until closed, and then until nothing waits.</summary>
    private void Run()
    {
        while (true)
        {
            Write? write;
            lock (waiting)
            {
                while (writing || !waiting.TryDequeue(out write))
                {
                    if (closing && !writing) return;
                    Monitor.Wait(waiting);
                }
                writing = true;
            }
            CommitHere(write);
        }
    }

    private bool TryTake([NotNullWhen(true)] out Write? write)
    {
        lock (waiting) return waiting.TryDequeue(out write);
    }

    private void Commit(Write first)
    {
        var began = Stopwatch.GetTimestamp();
        taken.Clear();
        try
        {
            connection.Prepare("BEGIN IMMEDIATE").Run();
            var now = committed;
            Write? write = first;
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
            while (Stopwatch.GetElapsedTime(began) < LongestGather && TryTake(out write));
            connection.Prepare("COMMIT").Run();
            committed = now;
        }
        catch (Exception e)
        {
            // Whatever it was, the caller hears of it and the thread goes on: the next append tries again.
            RollBack();
            var failure = Connection.Named(e);
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

    private sealed class Write(Func<Connection, Catalogue, Catalogue> apply)
        : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
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
