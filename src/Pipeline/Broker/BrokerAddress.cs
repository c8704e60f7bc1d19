using System.Globalization;

namespace Pipeline.Broker;

/// <summary>Where the broker is: <c>amqp://user:password@host:port,host:port/vhost</c>, or <c>amqps://</c>; several hosts are one cluster.</summary>
internal sealed record BrokerAddress
{
    private const int PlainPort = 5672, TlsPort = 5671;

    public required IReadOnlyList<(string Host, int Port)> Hosts { get; init; }

    public required bool Tls { get; init; }
    public string User { get; init; } = "guest";
    public string Password { get; init; } = "guest";
    public string VirtualHost { get; init; } = "/";

    /// <summary>Reads an address; <paramref name="problem"/> says what is wrong with it, without repeating a password.</summary>
    public static BrokerAddress? Parse(string text, out string? problem)
    {
        problem = null;
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var tls = scheme > 0 && text[..scheme].Equals("amqps", StringComparison.OrdinalIgnoreCase);
        if (!tls && (scheme <= 0 || !text[..scheme].Equals("amqp", StringComparison.OrdinalIgnoreCase)))
            return Wrong("does not begin with amqp:// or amqps://", out problem);
        var rest = text[(scheme + 3)..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var path = slash < 0 ? "" : rest[(slash + 1)..];
        if (path.Contains('/', StringComparison.Ordinal) || path.Contains('?', StringComparison.Ordinal))
            return Wrong("has more than a virtual host behind the hosts; write a slash in its name as %2F", out problem);
        var authority = slash < 0 ? rest : rest[..slash];
        var at = authority.LastIndexOf('@');
        var (user, password) = Credentials(at < 0 ? "" : authority[..at]);

        var hosts = new List<(string, int)>();
        foreach (var item in authority[(at + 1)..].Split(',', StringSplitOptions.TrimEntries))
        {
            if (!TryHost(item, tls ? TlsPort : PlainPort, out var host)) return Wrong($"names no host and port in \"{item}\"; write host or host:port, several with commas", out problem);
            hosts.Add(host);
        }
        return new()
        {
            Hosts = hosts, Tls = tls, User = user ?? "guest", Password = password ?? "guest", VirtualHost = path.Length == 0 ? "/" : Uri.UnescapeDataString(path),
        };
    }

    /// <summary>The first host alone, as those take an address who know nothing of several.</summary>
    public Uri First => new(string.Create(CultureInfo.InvariantCulture,
        $"{(Tls ? "amqps" : "amqp")}://{Uri.EscapeDataString(User)}:{Uri.EscapeDataString(Password)}@{Hosts[0].Host}:{Hosts[0].Port}/{(VirtualHost == "/" ? "" : Uri.EscapeDataString(VirtualHost))}"));

    /// <summary>The address without its password, for messages.</summary>
    public override string ToString()
    {
        var hosts = string.Join(',', Hosts.Select(h => h.Host.Contains(':', StringComparison.Ordinal) ? $"[{h.Host}]:{h.Port}" : $"{h.Host}:{h.Port}"));
        return $"{(Tls ? "amqps" : "amqp")}://{hosts}{(VirtualHost == "/" ? "" : "/" + Uri.EscapeDataString(VirtualHost))}";
    }

    private static BrokerAddress? Wrong(string what, out string problem)
    {
        problem = what;
        return null;
    }

    private static (string? User, string? Password) Credentials(string text)
    {
        if (text.Length == 0) return (null, null);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (Uri.UnescapeDataString(text), null) : (Uri.UnescapeDataString(text[..colon]), Uri.UnescapeDataString(text[(colon + 1)..]));
    }

    private static bool TryHost(string text, int usual, out (string Host, int Port) host)
    {
        host = default;
        // amqp stands in for any scheme that Uri knows nothing of: it then checks host and port alone.
        if (text.Length == 0 || !Uri.TryCreate($"amqp://{text}", UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.AbsolutePath.Length > 1) return false;
        host = (uri.IdnHost, uri.Port < 0 ? usual : uri.Port);
        return host.Port is > 0 and < 65536;
    }
}
