namespace Stores.Sqlite;

/// <summary>Copies the write-ahead log into the file, aside from the writer, so that it starts over before it is large.</summary>
/// <remarks>
/// While commits go on, a checkpoint aside never catches up, and only a log copied to its end starts over. So the bulk is copied
/// aside, and the little that came meanwhile by the writer between two commits.
/// </remarks>
/// <param name="pagesBeforeCopying">16 MiB: a few milliseconds' copying, and little to go through at a start after a crash.</param>
/// <param name="mostPages">256 MiB: a writer that outruns its disk waits here.</param>
internal sealed class Checkpoints(Connection aside, int pagesBeforeCopying = 4096, int mostPages = 65_536) : IAsyncDisposable
{
    /// <summary>SQLite's default.</summary>
    public const int PageBytes = 4096;

    private int pages;
    private bool hurry;
    private Task? copying;

    /// <summary>At most this much has yet to be copied. For the writer's thread.</summary>
    public long BytesWaiting => (long)pages * PageBytes;

    /// <summary>Called by the writer's thread, after each commit.</summary>
    public void AfterCommit(Connection writer)
    {
        pages += writer.PagesWritten();
        if (copying is null && (hurry || pages >= pagesBeforeCopying)) copying = Task.Run(() => aside.TryCheckpoint());
        if (copying is null || (!copying.IsCompleted && !hurry && pages < mostPages)) return;
        copying.GetAwaiter().GetResult();
        copying = null;
        hurry = false;
        pages = writer.TryCheckpoint() ?? pages;
    }

    /// <summary>Copies all there is after this commit: how much room is left is about to matter. For the writer's thread.</summary>
    public void Hurry() => hurry = true;

    public async ValueTask DisposeAsync()
    {
        if (copying is not null) await copying.ConfigureAwait(false);
    }
}
