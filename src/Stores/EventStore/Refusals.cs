using System.Globalization;
using Grpc.Core;

namespace Stores.EventStore;

/// <summary>What a failed call means, by its status and the trailer <c>exception</c>.</summary>
internal static class Refusals
{
    /// <summary>The leader that a node which is not it names; false where the failure is another one.</summary>
    public static bool IsNotLeader(RpcException failure, out (string Host, int Port)? leader)
    {
        leader = failure.Trailers.GetValue("leader-endpoint-host") is { Length: > 0 } host
            && int.TryParse(failure.Trailers.GetValue("leader-endpoint-port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? (host, port) : null;
        return Kind(failure) == "not-leader";
    }

    /// <summary>The failure in words: an <see cref="IOException"/> where trying again may help, another exception where it cannot.</summary>
    /// <param name="doing">For example <c>appending 3 events to pipeline-scopes</c>.</param>
    public static Exception Named(RpcException failure, Uri node, string doing, CancellationToken cancel)
    {
        if (failure.StatusCode == StatusCode.Cancelled && cancel.IsCancellationRequested)
            return new OperationCanceledException(failure.Message, failure, cancel);
        var at = $"EventStoreDB at {node}, {doing}: ";
        return (Kind(failure), failure.StatusCode) switch
        {
            ("maximum-append-size-exceeded", _) => new InvalidDataException(
                $"{at}the server takes less in one append than the {Appended.Most} bytes that we send; set its MaxAppendSize to 1048576 or more", failure),
            ("stream-deleted", _) => new InvalidDataException(
                $"{at}the stream was deleted there and can never be written again; open the log with another prefix (?prefix=)", failure),
            ("access-denied", _) or (_, StatusCode.PermissionDenied or StatusCode.Unauthenticated) => new UnauthorizedAccessException(
                $"{at}access denied; name a user who may read and write, esdb://user:password@host", failure),
            ("not-leader", _) => new IOException($"{at}the node does not lead and names no leader; the cluster may be electing one", failure),
            (_, StatusCode.InvalidArgument or StatusCode.Unimplemented) => new InvalidDataException(
                $"{at}the server refuses the request ({Kind(failure) ?? failure.Status.Detail}); is it EventStoreDB 23.10 or later?", failure),
            _ => new IOException($"{at}{failure.StatusCode}, {failure.Status.Detail}", failure),
        };
    }

    private static string? Kind(RpcException failure) => failure.Trailers.GetValue("exception");
}
