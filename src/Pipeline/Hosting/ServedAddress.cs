using Stores.Sqlite;

namespace Pipeline.Hosting;

/// <summary>Where the server listens that has a folder open, noted in the folder: commands that find it held ask that server.</summary>
internal static class ServedAddress
{
    private const string FileName = "address";

    public static void Note(string folder, string url, ILogger logger)
    {
        try
        {
            File.WriteAllText(Path.Combine(folder, FileName), Reachable(url) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk is no reason not to serve; commands then need --url.
            logger.Failed(e, "noting the address in the data folder");
        }
    }

    /// <summary>Null where no server of this release has noted one. One that was killed leaves it behind: only a held folder's counts.</summary>
    public static string? Of(string folder)
    {
        var file = Path.Combine(folder, FileName);
        return File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } url ? url : null;
    }

    /// <summary>That of the server that has the folder open now; null where none has, or where it cannot be seen from here.</summary>
    public static string? OfHolder(string folder)
    {
        try
        {
            return Of(folder) is { } address && SqliteLog.IsHeld(folder) ? address : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static void Remove(string folder)
    {
        try
        {
            File.Delete(Path.Combine(folder, FileName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then the next server writes over it.
        }
    }

    /// <summary>"Every interface" is no address to ask at.</summary>
    private static string Reachable(string url) => url
        .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal).Replace("://[::]", "://127.0.0.1", StringComparison.Ordinal)
        .Replace("://+", "://127.0.0.1", StringComparison.Ordinal).Replace("://*", "://127.0.0.1", StringComparison.Ordinal);
}
