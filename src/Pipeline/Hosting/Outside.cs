using System.Data.Common;
using System.Net.Sockets;
using Pipeline.Broker;
using RabbitMQ.Client.Exceptions;

namespace Pipeline.Hosting;

/// <summary>What the world outside does to us (a disk, a database, a broker, an address): no bug, so a line says all there is to say.</summary>
internal static class Outside
{
    // Kestrel's word for a request that cannot be read is an IOException too; that one is answered as what it is.
    public static bool Is(Exception e) => e
        is (IOException and not BadHttpRequestException) or HttpRequestException or UnauthorizedAccessException or SocketException
        or TimeoutException or BrokerException or AlreadyClosedException or DbException { IsTransient: true };

    /// <summary>What happened and what it came from, in one line.</summary>
    public static string Line(Exception e)
    {
        var cause = e.GetBaseException().Message;
        var line = e.Message.Contains(cause, StringComparison.Ordinal) || e is BrokerException ? e.Message : $"{e.Message.TrimEnd('.')}: {cause}";
        return line.ReplaceLineEndings(" ");
    }
}
