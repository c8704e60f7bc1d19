using System.CommandLine;
using System.Net;
using Pipeline.Cluster;
using Pipeline.Config;
using Pipeline.Hosting;

namespace Pipeline.Cli;

/// <summary><c>serve</c>, and what happens when no command is named.</summary>
public static class ServeCommand
{
    public static Command Create()
    {
        var command = new Command("serve", "Everything in one process: takes alerts, decides, pages, answers. The default command.");
        ServeBy(command);
        return command;
    }

    /// <summary>Gives a command the options and the action of <c>serve</c>.</summary>
    internal static void ServeBy(Command command)
    {
        var urls = new Option<string>("--urls")
        {
            Description = "Where to listen; several are separated by ;",
            DefaultValueFactory = _ => "http://127.0.0.1:8080",
        };
        var data = new Option<string>("--data") { Description = "Folder of the embedded store", DefaultValueFactory = _ => "./data" };
        var config = ConfigOptions.Config();
        var topology = ConfigOptions.Topology();
        var role = new Option<string>("--role") { Description = "What this process does", DefaultValueFactory = _ => "all" };
        role.AcceptOnlyFromAmong(Roles.Words);
        var shadow = new Option<bool>("--shadow") { Description = "Decide everything, record pages, send none" };
        var insecure = new Option<bool>("--insecure") { Description = "Listen to other machines without authorisation" };
        foreach (var option in new Option[] { urls, data, config, topology, role, shadow, insecure }) command.Options.Add(option);

        command.SetAction((parsed, cancel) =>
        {
            var error = parsed.InvocationConfiguration.Error;
            if (ConfigOptions.Read(parsed.GetValue(config), parsed.GetValue(topology), error) is not { } settings)
                return Task.FromResult(ExitCode.WrongUsage);
            var does = Roles.Of(parsed.GetValue(role)!);
            if (does != Role.All && settings.Cluster is not { Broker: not null })
                throw new UsageException($"--role {does.Word()} needs a broker and a store that every machine reaches; add broker: and store: to the configuration, or use --role all");
            var options = new ServeOptions
            {
                Role = does,
                Urls = Listen.Addresses(parsed.GetValue(urls)!, settings.Auth, parsed.GetValue(insecure)),
                DataFolder = Path.GetFullPath(parsed.GetValue(data)!),
                Settings = settings,
                Shadow = parsed.GetValue(shadow),
            };
            // Drivers of brokers and databases may block where it must not be; and who reads our output shares the process with other sockets.
            if (settings.Cluster is null && ReferenceEquals(parsed.InvocationConfiguration.Output, Console.Out)) SocketThread.Use();
            return Server.RunAsync(options, cancel);
        });
    }
}

/// <summary>Where the server may listen.</summary>
internal static class Listen
{
    /// <summary>The addresses in <c>--urls</c>. Kestrel takes any host name but localhost as "every interface", so only loopback is safe without tokens.</summary>
    /// <exception cref="UsageException">Not an address, or open to others without authorisation.</exception>
    public static IReadOnlyList<string> Addresses(string urls, AuthSettings auth, bool insecure)
    {
        var addresses = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (addresses.Length == 0) throw new UsageException("--urls names no address; write --urls http://127.0.0.1:8080");
        foreach (var address in addresses)
        {
            if (Host(address) is not { } host) throw new UsageException($"--urls \"{address}\" is not an address; write http://127.0.0.1:8080");
            if (IsLoopback(host) || insecure) continue;
            var open = (auth.Ingest.Count, auth.Api.Count) switch
            {
                (0, 0) => "auth",
                (0, _) => "auth.ingest",
                (_, 0) => "auth.api",
                _ => null,
            };
            if (open is not null)
                throw new UsageException(
                    $"--urls {address} can be reached from other machines, and the configuration sets no {open}; " +
                    "set auth: {ingest: [\"${T1}\"], api: [\"${T2}\"]}, listen on 127.0.0.1, or say --insecure");
        }
        return addresses;
    }

    private static string? Host(string address)
    {
        // "+" and "*" are Kestrel's words for every interface; Uri does not know them.
        var readable = address.Replace("://+", "://0.0.0.0", StringComparison.Ordinal).Replace("://*", "://0.0.0.0", StringComparison.Ordinal);
        return Uri.TryCreate(readable, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0 && uri.PathAndQuery == "/"
            ? uri.DnsSafeHost
            : null;
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
}
