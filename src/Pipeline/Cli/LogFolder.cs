using Dedupe.Log;
using Stores.Sqlite;

namespace Pipeline.Cli;

/// <summary>This installation's own log, for commands that only read it.</summary>
internal static class LogFolder
{
    public static async Task<ILog> OpenAsync(string folder, CancellationToken cancel)
    {
        // Opening makes what is not there; a mistyped folder must not become an empty log.
        if (!File.Exists(Path.Combine(folder, "log.db"))) throw new UsageException($"there is no log in {Path.GetFullPath(folder)}; name its folder with --data");
        return await SqliteLog.OpenAsync(folder, cancel);
    }
}
