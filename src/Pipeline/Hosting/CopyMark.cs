using Dedupe.Log;

namespace Pipeline.Hosting;

/// <summary>A note in the copy itself that it is not finished, so that nobody serves half a log.</summary>
internal static class CopyMark
{
    private const string Name = "migration", Unfinished = "unfinished", Finished = "finished";

    public static ValueTask SetAsync(ILog copy, bool finished, CancellationToken cancel) =>
        copy.SaveSnapshotAsync(1, new(Name, finished ? Finished : Unfinished, 0, 0, default), cancel);

    /// <exception cref="IOException">The log is half a copy.</exception>
    public static async Task RefuseUnfinishedAsync(ILog log, CancellationToken cancel)
    {
        if ((await log.ScopesAsync(cancel)).Count > 0 && await log.LoadSnapshotAsync(1, Name, cancel) is { Writer: Unfinished })
            throw new IOException("this log is an unfinished copy of another one; run the same pipeline migrate again, which goes on where it stopped, or name another store");
    }
}
