using Pipeline.Tests.Servers;
using global::Stores.Marten;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedPostgres))]

namespace Pipeline.Tests.Servers;

/// <summary>The one PostgreSQL of a test run, started by the first test that asks for a database and stopped after the last one.</summary>
public sealed class SharedPostgres : IAsyncDisposable
{
    private const string Template = "prepared";

    private readonly SemaphoreSlim one = new(1);
    private PostgresServer? server;
    private int databases;

    internal PostgresServer Server => server ?? throw new InvalidOperationException("ask for a database first");

    /// <summary>A new database with a log's empty tables in it; copied, since making them takes a second and a copy a tenth of one.</summary>
    public Task<string> PreparedAsync() => CreateAsync($"TEMPLATE {Template}");

    /// <summary>A new database with nothing in it.</summary>
    public Task<string> EmptyAsync() => CreateAsync("");

    public string Address(string database) => Server.Address(database);

    public async ValueTask DisposeAsync()
    {
        if (server is not null) await server.DisposeAsync();
        one.Dispose();
    }

    private async Task<string> CreateAsync(string from)
    {
        // One at a time: copying wants nobody else in the copied one.
        await one.WaitAsync();
        try
        {
            if (server is null)
            {
                var starting = await PostgresServer.StartAsync();
                await starting.RunAsync("postgres", $"CREATE DATABASE {Template}");
                await using (await MartenLog.OpenAsync(starting.Address(Template))) { }
                server = starting;
            }
            var database = $"t{++databases}";
            await server.RunAsync("postgres", $"CREATE DATABASE {database} {from}");
            return database;
        }
        finally
        {
            one.Release();
        }
    }
}
