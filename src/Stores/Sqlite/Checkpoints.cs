using Microsoft.Data.Sqlite;

namespace Stores.Sqlite;

/// <summary>Copies the write-ahead log into the file, aside from the writer, so that it starts over before it is large.</summary>
/// <remarks>
/// While commits go on, a checkpoint aside never catches up, and only a log copied to its end starts over. So the bulk is copied aside, and the
/// little that came meanwhile by the writer between two commits.
/// </remarks>
internal sealed class Checkpoints(Connection aside) : IAsyncDisposable
{
    /// <summary>16 MiB: a few milliseconds' copying, and little to go through at a start after a crash.</summary>
    private const int PagesBeforeCopying = 4096;

    private int pages;
    private Task? copying;

    /// <summary>Called by the writer, after each commit.</summary>
    public void AfterCommit(Connection writer)
    {
        pages += writer.PagesWritten();
        if (copying is null && pages >= PagesBeforeCopying)
        {
            copying = Task.Run(() => Copy(aside));
        }
        else if (copying is { IsCompleted: true })
        {
            copying = null;
            pages = Copy(writer);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (copying is not null) await copying.ConfigureAwait(false);
    }

    /// <returns>Pages left in the log.</returns>
    private static int Copy(Connection connection)
    {
        try
        {
            return connection.Checkpoint();
        }
        catch (SqliteException)
        {
            // No room in the file yet: what is committed is safe in the log, and the next round tries again.
            return 0;
        }
    }
}
