using Dedupe.Log;
using Pipeline.Tests.Servers;
using global::Stores.Marten;
using Xunit;

namespace Pipeline.Tests.Stores.Marten;

/// <summary>The contract, on PostgreSQL.</summary>
[Trait("needs", "server")]
public sealed class MartenLogContract(SharedPostgres postgres) : SharedLogContract
{
    private string? database;

    protected override async Task<ILog> OpenAsync() => await MartenLog.OpenAsync(postgres.Address(database ??= await postgres.PreparedAsync()), Cancel);

    protected override async Task BreakConnectionsAsync() =>
        await postgres.Server.RunAsync("postgres", $"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{database}'");
}
