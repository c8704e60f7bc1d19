using System.Text.RegularExpressions;

namespace Stores.EventStore;

/// <summary>Where the server is: <c>esdb://user:password@host:2113?tls=false&amp;prefix=pipeline</c>.</summary>
/// <param name="Prefix">What every stream's name begins with: two installations on one server take two prefixes.</param>
internal sealed partial record EventStoreAddress(string Host, int Port, bool Tls, string Prefix, string? Authorization)
{
    private const int DefaultPort = 2113;
    private const string Example = "write esdb://host:2113?tls=false, or esdb://user:password@host:2113";

    public Uri Server => At(Host, Port);

    /// <summary>Another node of the same cluster.</summary>
    public Uri At(string host, int port) => new UriBuilder(Tls ? "https" : "http", host, port).Uri;

    /// <exception cref="FormatException">It is no such address; the message says what is wrong and never the password.</exception>
    public static EventStoreAddress Parse(Uri address)
    {
        if (address.Scheme is not ("esdb" or "kurrentdb"))
            throw new FormatException($"\"{address.Scheme}://\" is not an address of EventStoreDB; {Example}");
        if (address.Host.Length == 0) throw new FormatException($"the address of EventStoreDB names no host; {Example}");
        if (address.AbsolutePath is not ("" or "/"))
            throw new FormatException($"the address of EventStoreDB has a path, \"{address.AbsolutePath}\"; {Example}");
        var (tls, prefix) = (true, "pipeline");
        foreach (var setting in address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (setting.Split('=', 2))
            {
                case ["tls", "true"]: tls = true; break;
                case ["tls", "false"]: tls = false; break;
                case ["prefix", var value] when Prefixes().IsMatch(value): prefix = value; break;
                case ["tls" or "prefix", ..]:
                    throw new FormatException($"\"{setting}\" in the address of EventStoreDB: tls is true or false, prefix is letters, digits and -");
                default:
                    throw new FormatException(
                        $"\"{setting.Split('=')[0]}\" is not a setting of EventStoreDB's address; there are tls and prefix, and one node is named");
            }
        }
        return new(address.Host, address.Port > 0 ? address.Port : DefaultPort, tls, prefix, Basic(address.UserInfo));
    }

    private static string? Basic(string user) =>
        user.Length == 0 ? null : "Basic " + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Uri.UnescapeDataString(user)));

    // Not beginning with $: those streams are the server's.
    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9-]{0,63}$")]
    private static partial Regex Prefixes();
}
