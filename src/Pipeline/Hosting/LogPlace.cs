using System.Data.Common;
using Dedupe.Log;
using Pipeline.Cli;
using Stores.EventStore;
using Stores.Marten;
using Stores.Sqlite;

namespace Pipeline.Hosting;

/// <summary>Where a log lies: <c>postgres://</c>, <c>esdb://</c> or <c>kurrentdb://</c>, else a folder.</summary>
/// <param name="Name">How it is called in what people read: without the password that an address may hold.</param>
internal sealed record LogPlace(string Address, string Name, bool IsFolder)
{
    /// <exception cref="UsageException">It is no address of a log.</exception>
    public static LogPlace Parse(string text)
    {
        if (!text.Contains("://", StringComparison.Ordinal)) return new(Path.GetFullPath(text), text, true);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("postgres" or "postgresql" or "esdb" or "kurrentdb") || uri.Host.Length == 0)
            throw new UsageException($"\"{text.Split("://")[0]}://...\" is no address of a log; write postgres://user:password@host:5432/database, esdb://host:2113, or a folder");
        return new(text, $"{uri.Scheme}://{uri.Authority[(uri.Authority.LastIndexOf('@') + 1)..]}{uri.AbsolutePath}".TrimEnd('/'), false);
    }

    /// <summary>True where a log is there already, or only the server knows: opening a folder makes what is not there.</summary>
    public bool MayBeThere => !IsFolder || File.Exists(Path.Combine(Address, "log.db"));

    /// <summary>Opens it to serve on it.</summary>
    /// <exception cref="IOException">It cannot be opened, or is half a copy.</exception>
    public async Task<ILog> OpenServedAsync(CancellationToken cancel)
    {
        var log = await OpenAsync(cancel);
        try
        {
            await CopyMark.RefuseUnfinishedAsync(log, cancel);
            return log;
        }
        catch
        {
            await log.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="UsageException">The address is not one.</exception>
    /// <exception cref="IOException">It cannot be opened: in use, not reachable, full, written by a newer release.</exception>
    public async Task<ILogTarget> OpenAsync(CancellationToken cancel)
    {
        try
        {
            if (IsFolder) return await SqliteLog.OpenAsync(Address, cancel);
            return Address.StartsWith("postgres", StringComparison.OrdinalIgnoreCase) ? await MartenLog.OpenAsync(Address, cancel) : await EventStoreLog.OpenAsync(new(Address), cancel);
        }
        catch (FormatException e)
        {
            throw new UsageException($"{Name}: {e.Message}");
        }
        catch (Exception e) when (e is DbException or InvalidDataException or StoreFullException)
        {
            throw new IOException($"{Name} cannot be opened: {e.Message}", e);
        }
    }
}
