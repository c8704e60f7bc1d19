using System.Net;
using System.Net.Sockets;

namespace Pipeline.Pagers;

/// <summary>Addresses that we never call: link-local and cloud metadata, where a page's URL would be a way to steal credentials.</summary>
/// <remarks>Loopback and private addresses are allowed: people run pagers there.</remarks>
public static class PagerAddress
{
    // AWS (both), Google over IPv6, Alibaba, Oracle, Azure's host agent. Those in 169.254/16 are link-local already.
    private static readonly IPAddress[] Metadata =
    [
        IPAddress.Parse("fd00:ec2::254"), IPAddress.Parse("fd00:ec2::23"), IPAddress.Parse("fd20:ce::254"),
        IPAddress.Parse("100.100.100.200"), IPAddress.Parse("192.0.0.192"), IPAddress.Parse("168.63.129.16"),
    ];

    private static readonly string[] MetadataNames = ["metadata.google.internal", "metadata.goog", "metadata", "instance-data"];

    /// <summary>What is wrong with a URL before any name is resolved; null when nothing is.</summary>
    public static string? Problem(Uri url)
    {
        if (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)) return $"\"{url}\" is not an http or https URL";
        var host = url.IdnHost.TrimEnd('.');
        if (MetadataNames.Contains(host, StringComparer.OrdinalIgnoreCase)) return $"{host} is a cloud's metadata service; pages are not sent there";
        return IPAddress.TryParse(host.Trim('[', ']'), out var address) ? Problem(address) : null;
    }

    /// <summary>What is wrong with a resolved address; null when nothing is.</summary>
    public static string? Problem(IPAddress address)
    {
        var plain = Unwrap(address);
        if (Metadata.Contains(plain)) return $"{address} is a cloud's metadata service; pages are not sent there";
        return plain.IsIPv6LinkLocal || IsIPv4LinkLocal(plain) ? $"{address} is link-local; pages are not sent there" : null;
    }

    private static bool IsIPv4LinkLocal(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [169, 254, ..];

    /// <summary>An IPv4 address in any of its IPv6 clothes: mapped, compatible, or behind NAT64 (64:ff9b::/96).</summary>
    private static IPAddress Unwrap(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address;
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        var compatible = bytes.AsSpan(0, 12).IndexOfAnyExcept((byte)0) < 0 && bytes[12] != 0;
        ReadOnlySpan<byte> nat64 = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];
        if (compatible || bytes.AsSpan(0, 12).SequenceEqual(nat64)) return new(bytes.AsSpan(12));
        return new(bytes); // without the zone, so that it compares
    }
}

/// <summary>A connection to an address that we never call was asked for.</summary>
public sealed class AddressRefusedException(string message) : Exception(message);
