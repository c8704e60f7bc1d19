using System.CommandLine;
using Pipeline.Hosting;
using Stores.Sqlite;

namespace Pipeline.Cli;

/// <summary>The options that name this installation's own log: the folder where it lies, or the server that has it open.</summary>
internal sealed class OwnLogOptions
{
    public const string UsualFolder = "./data";

    private readonly Option<string?> data = new("--data") { Description = $"Folder of the log [default: {UsualFolder}]; where a server has it open, that one is asked" };
    private readonly Option<string?> url = new("--url") { Description = $"The server, instead of a folder [default without a log in {UsualFolder}: {ClientOptions.UsualUrl}]" };
    private readonly Option<string?> token = ClientOptions.Token();

    public OwnLogOptions(Command command)
    {
        command.Options.Add(data);
        command.Options.Add(url);
        command.Options.Add(token);
    }

    /// <summary>True where one of them was given.</summary>
    public bool AreGiven(ParseResult parsed) => parsed.GetValue(data) is not null || parsed.GetValue(url) is not null;

    /// <exception cref="UsageException">They name nothing, or two things.</exception>
    /// <exception cref="IOException">The folder is open in another process, and it does not say where it could be asked.</exception>
    public async Task<OwnLog> OpenAsync(ParseResult parsed, string? scopeLabel, CancellationToken cancel)
    {
        var (folder, server, bearer) = (parsed.GetValue(data), parsed.GetValue(url), parsed.GetValue(token));
        if (server is not null && folder is not null) throw new UsageException("--data and --url both name a log: give one of them");
        if (server is not null) return new(ClientOptions.Connect(server, bearer));
        var path = Path.GetFullPath(folder ?? UsualFolder);
        var error = parsed.InvocationConfiguration.Error;
        // Opening makes what is not there; a mistyped folder must not become an empty log.
        if (!File.Exists(Path.Combine(path, "log.db")))
            return folder is null && await UsualServerAsync(bearer, error, cancel) is { } usual ? usual
                : throw new UsageException($"there is no log in {path}; name its folder with --data, or the server that keeps it with --url");
        try
        {
            return new(await SqliteLog.OpenAsync(path, cancel), scopeLabel);
        }
        catch (FolderHeldException)
        {
            if (ServedAddress.Of(path) is not { } address)
                throw new IOException($"{path} is open in another process, which does not say where it listens; name its server with --url {ClientOptions.UsualUrl}, or wait for it to end");
            await error.WriteLineAsync($"{path} is open in a server: asking {address}");
            return new(ClientOptions.Connect(address, bearer));
        }
    }

    private static async Task<OwnLog?> UsualServerAsync(string? bearer, TextWriter error, CancellationToken cancel)
    {
        var client = ClientOptions.Connect(ClientOptions.UsualUrl, bearer);
        if (!await client.AnswersAsync(cancel))
        {
            client.Dispose();
            return null;
        }
        await error.WriteLineAsync($"no log in {UsualFolder}: asking {ClientOptions.UsualUrl}");
        return new(client);
    }
}
