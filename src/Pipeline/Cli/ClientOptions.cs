using System.CommandLine;
using System.Text.Json;
using Pipeline.Client;
using Pipeline.Hosting;
using Spectre.Console;

namespace Pipeline.Cli;

/// <summary>The options of every command that asks a running server.</summary>
internal sealed class ClientOptions
{
    /// <summary>Where a server listens unless it is told otherwise.</summary>
    public const string UsualUrl = "http://127.0.0.1:8080";

    private readonly Option<string?> url = new("--url") { Description = $"The server [default: the one that has {OwnLogOptions.UsualFolder} open, else {UsualUrl}]" };
    private readonly Option<string?> token = Token();
    private readonly Option<bool> json = new("--json") { Description = "Print the server's answer as it is" };

    public ClientOptions(Command command)
    {
        command.Options.Add(url);
        command.Options.Add(token);
        command.Options.Add(json);
    }

    public static Option<string?> Token() => new("--token") { Description = "Bearer token [default: PIPELINE_TOKEN]" };

    /// <exception cref="UsageException">The address is none.</exception>
    public PipelineClient Connect(ParseResult parsed) =>
        Connect(parsed.GetValue(url) ?? ServedAddress.OfHolder(Path.GetFullPath(OwnLogOptions.UsualFolder)) ?? UsualUrl, parsed.GetValue(token));

    /// <exception cref="UsageException">The address is none.</exception>
    public static PipelineClient Connect(string text, string? token)
    {
        if (!Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new UsageException($"--url \"{text}\" is not an address; write http://127.0.0.1:8080");
        return new(address, token ?? Environment.GetEnvironmentVariable("PIPELINE_TOKEN"));
    }

    /// <summary>Prints the answer as JSON where that was asked for, else draws it.</summary>
    public int Print(ParseResult parsed, JsonElement answer, Action<IAnsiConsole> draw)
    {
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(json)) output.WriteLine(answer.GetRawText());
        else draw(Terminal.On(output));
        return ExitCode.Ok;
    }
}
