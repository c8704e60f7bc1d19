using System.Diagnostics;
using Npgsql;
using Pipeline.Tests.Counterparts;
using Xunit;

namespace Pipeline.Tests.Servers;

/// <summary>A throw-away PostgreSQL on a free loopback port, with its data in a folder of its own and fsync on as in life.</summary>
/// <remarks>A shell of ours starts it, not as root, and waits for the end of its own input: when the tests' process ends, however that ends,
/// the shell ends the server and removes the folder.</remarks>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string Programs = "/usr/lib/postgresql/15/bin";

    private const string Serve = """
        folder=$1 port=$2 bin=$3 as=
        cd "$folder"
        if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; as="setpriv --reuid=postgres --regid=postgres --init-groups"; fi
        [ -d data ] || $as "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >init.log 2>&1 || { cat init.log; exit 1; }
        $as "$bin/postgres" -D "$folder/data" -h 127.0.0.1 -p "$port" -k "$folder" 2>&1 &
        server=$!
        read -r word || word=
        case $word in kill) kill -KILL $server ;; stop) kill -INT $server ;; *) kill -QUIT $server ;; esac
        wait $server
        [ -n "$word" ] || { cd /; rm -rf "$folder"; }
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-postgres-").FullName;
    private readonly int port = Counterpart.FreePort();
    private Process? shell;
    private volatile string said = "";

    private PostgresServer() { }

    public int Port => port;

    public static async Task<PostgresServer> StartAsync()
    {
        Assert.True(File.Exists($"{Programs}/postgres"), $"{Programs}/postgres is not installed; run ./test as root, or: apt-get install postgresql");
        var server = new PostgresServer();
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>What a log is opened with.</summary>
    public string Address(string database) => $"postgres://postgres@127.0.0.1:{port}/{database}";

    /// <summary>After <see cref="StopAsync"/> or <see cref="KillAsync"/>: the same data on the same port.</summary>
    public async Task StartAgainAsync()
    {
        shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Serve, "postgres", folder, $"{port}", Programs])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        shell.OutputDataReceived += (_, line) => said = said.Length > 20_000 ? said : said + line.Data + "\n";
        shell.BeginOutputReadLine();
        await Wait.ForAsync<string>("PostgreSQL answering", async () =>
        {
            try
            {
                await RunAsync("postgres", "SELECT 1");
                return "ready";
            }
            catch (NpgsqlException)
            {
                return null;
            }
        }, () => said);
    }

    /// <summary>SIGINT to the server: it ends its connections, writes what it has and goes.</summary>
    public Task StopAsync() => EndAsync("stop");

    /// <summary>kill -9 of the server; its data stay.</summary>
    public Task KillAsync() => EndAsync("kill");

    public async Task<object?> RunAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={port};Username=postgres;Database={database};Pooling=false;Timeout=5;Command Timeout=120");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync() => await EndAsync("");

    private async Task EndAsync(string word)
    {
        if (shell is null) return;
        if (word.Length > 0) await shell.StandardInput.WriteLineAsync(word);
        shell.StandardInput.Close();
        using var patience = new CancellationTokenSource(Wait.Patience);
        await shell.WaitForExitAsync(patience.Token);
        shell.Dispose();
        shell = null;
    }
}
