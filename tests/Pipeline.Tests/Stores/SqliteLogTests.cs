using Dedupe.Log;
using global::Stores.Sqlite;
using Xunit;

namespace Pipeline.Tests.Stores;

/// <summary>The contract, on the embedded store.</summary>
public sealed class SqliteLogContract : LogContract
{
    private readonly TemporaryFolder folder = new();

    protected override async Task<ILog> OpenAsync() => await SqliteLog.OpenAsync(folder.Path);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        folder.Dispose();
    }
}
