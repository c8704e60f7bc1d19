using System.Data.Common;
using System.Net.Sockets;
using Dedupe.Log;
using Grpc.Core;

namespace Pipeline.Hosting;

/// <summary>What a store throws when it is away, as against what it says of the data, and against bugs of ours.</summary>
internal static class StoreFailures
{
    /// <summary>True where the same may work a moment later. What a newer release wrote does not: it is an <see cref="InvalidDataException"/>.</summary>
    public static bool IsAway(Exception failure)
    {
        for (var e = failure; e is not null; e = e.InnerException)
            if (e is DbException or TimeoutException or IOException or SocketException or RpcException or WrongNumberException) return true;
        return false;
    }
}
