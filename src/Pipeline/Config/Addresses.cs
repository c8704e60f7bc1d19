using System.Net;
using System.Net.Sockets;

namespace Pipeline.Config;

/// <summary>Where a page or heartbeat may go: not to link-local addresses nor to a cloud's metadata service, which would hand out credentials.</summary>
public static class Addresses
{
    // Metadata services outside the link-local ranges: AWS and Google by IPv6, Alibaba, Oracle's old one, Azure's host agent.
    private static readonly IPAddress[] Metadata =
    [
        IPAddress.Parse("fd00:ec2::254"), IPAddress.Parse("fd00:ec2::23"), IPAddress.Parse("fd20:ce::254"),
        IPAddress.Parse("100.100.100.200"), IPAddress.Parse("192.0.0.192"), IPAddress.Parse("168.63.129.16"),
    ];

    private static readonly string[] MetadataNames =
        ["metadata", "metadata.google.internal", "metadata.goog", "metadata.azure.internal", "instance-data", "instance-data.ec2.internal"];

    /// <summary>Null when it may be called, else what is wrong with it. A name must be checked again, by <see cref="Problem(IPAddress)"/>, once it is resolved.</summary>
    public static string? Problem(Uri address)
    {
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https")) return "is not an http or https address";
        var host = address.DnsSafeHost.TrimEnd('.');
        if (host.Length == 0) return "names no host";
        if (IPAddress.TryParse(host, out var ip)) return Problem(ip);
        return MetadataNames.Contains(host, StringComparer.OrdinalIgnoreCase) ? "is a cloud's metadata service" : null;
    }

    public static string? Problem(IPAddress address)
    {
        var ip = Plain(address);
        if (Metadata.Contains(ip) || ip.ToString() == "169.254.169.254") return "is a cloud's metadata service";
        var bytes = ip.GetAddressBytes();
        var linkLocal = ip.AddressFamily == AddressFamily.InterNetwork ? bytes is [169, 254, ..] : ip.IsIPv6LinkLocal;
        return linkLocal ? "is a link-local address" : null;
    }

    /// <summary>An IPv4 address out of its IPv6 clothes (mapped, compatible, behind NAT64 64:ff9b::/96), any other without its zone.</summary>
    private static IPAddress Plain(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        if (bytes.Length == 4) return address;
        ReadOnlySpan<byte> head = bytes.AsSpan(0, 12), compatible = new byte[12], nat64 = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];
        return head.SequenceEqual(nat64) || (head.SequenceEqual(compatible) && bytes[12] != 0) ? new(bytes.AsSpan(12)) : new(bytes);
    }
}
