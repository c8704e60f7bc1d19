using System.Runtime.CompilerServices;
using Google.Protobuf;
using Grpc.Core;
using Stores.EventStore.Wire;

namespace Stores.EventStore;

/// <summary>The calls that the log makes of EventStoreDB, in its terms. With <c>streams.proto</c>, <see cref="Nodes"/> and
/// <see cref="Refusals"/> it stands in for the official client and knows nothing of the log.</summary>
internal sealed class EventStoreClient(EventStoreAddress address) : IDisposable
{
    /// <summary>A page of a reading ends here, so that large events do not fill the memory.</summary>
    private const int PageBytes = 8 * 1024 * 1024;
    private const int LeadersAsked = 3, Tries = 5;
    private static readonly TimeSpan ForAnAppend = TimeSpan.FromSeconds(10), ForAPage = TimeSpan.FromSeconds(30), Again = TimeSpan.FromMilliseconds(50);

    /// <summary>A subscription too ends at some time and is made again: nothing waits for ever for a connection that is none.</summary>
    private static readonly TimeSpan ForASubscription = TimeSpan.FromMinutes(10);

    private static readonly Nothing Nothing = new();
    private readonly Nodes nodes = new(address);

    /// <summary>Appends all or none, by one append. Never tried again unless a node said that it does not lead, and so wrote nothing.</summary>
    /// <returns>The last event's revision; null where the stream does not stand where it was expected to.</returns>
    /// <exception cref="IOException">It may have been appended or not.</exception>
    public Task<long?> AppendAsync(string stream, Expected expected, IReadOnlyList<NewEvent> events, CancellationToken cancel) =>
        AskAsync($"appending {events.Count} events to {stream}", async node =>
        {
            using var call = node.Streams.Append(Options(ForAnAppend, cancel));
            try
            {
                // Written out with the last: an append is one burst.
                call.RequestStream.WriteOptions = new(WriteFlags.BufferHint);
                await call.RequestStream.WriteAsync(new() { Options = Begin(stream, expected) }, cancel).ConfigureAwait(false);
                foreach (var one in events) await call.RequestStream.WriteAsync(new() { Proposed = Propose(one) }, cancel).ConfigureAwait(false);
                await call.RequestStream.CompleteAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is RpcException or InvalidOperationException)
            {
                // The server has answered before the end: its answer says why.
            }
            var answer = await call.ResponseAsync.ConfigureAwait(false);
            return answer.ResultCase switch
            {
                AppendResp.ResultOneofCase.WrongExpectedVersion => default(long?),
                AppendResp.ResultOneofCase.Success => (long)answer.Success.CurrentRevision,
                _ => throw new InvalidDataException($"EventStoreDB at {node.Address} answered an append with neither success nor a wrong version"),
            };
        }, cancel);

    /// <summary>Events in order from a revision on, that one included: so many, or fewer where they are large or the stream ends. An absent
    /// stream has none.</summary>
    public Task<List<StoredEvent>> ReadAsync(string stream, long from, int most, CancellationToken cancel) =>
        PageAsync(stream, Read(stream, new() { Revision = (ulong)from }, ReadReq.Types.Direction.Forwards, most), cancel);

    /// <summary>Events in reverse order, from a revision or, for null, from the last one on.</summary>
    public Task<List<StoredEvent>> ReadBackAsync(string stream, long? from, int most, CancellationToken cancel) => PageAsync(
        stream,
        Read(stream, from is { } at ? new() { Revision = (ulong)at } : new() { End = Nothing }, ReadReq.Types.Direction.Backwards, most),
        cancel);

    /// <summary>The last event; null for an absent or empty stream.</summary>
    public async Task<StoredEvent?> LastAsync(string stream, CancellationToken cancel) =>
        await ReadBackAsync(stream, null, 1, cancel).ConfigureAwait(false) is [var last, ..] ? last : null;

    /// <summary>Events after a revision (null: from the first on), and then each new one. Ends or fails with the connection.</summary>
    /// <exception cref="IOException">It was dropped: subscribe again after the last one given.</exception>
    public async IAsyncEnumerable<StoredEvent> SubscribeAsync(string stream, long? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        var request = Read(
            stream, after is { } at ? new() { Revision = (ulong)at } : new() { Start = Nothing }, ReadReq.Types.Direction.Forwards, null);
        var node = nodes.Current;
        using var call = node.Streams.Read(request, Options(ForASubscription, cancel));
        while (true)
        {
            try
            {
                if (!await call.ResponseStream.MoveNext(cancel).ConfigureAwait(false)) yield break;
            }
            catch (RpcException e)
            {
                if (Refusals.IsNotLeader(e, out var leader) && leader is var (host, port)) nodes.Lead(host, port);
                else if (e.StatusCode == StatusCode.Unavailable) nodes.Lost(node);
                throw Refusals.Named(e, node.Address, $"following {stream}", cancel);
            }
            if (call.ResponseStream.Current is { ContentCase: ReadResp.ContentOneofCase.Event, Event.Recorded: { } recorded }) yield return Stored(recorded);
        }
    }

    public void Dispose() => nodes.Dispose();

    /// <summary>Reading changes nothing, so a page that breaks off is read again a few times.</summary>
    private async Task<List<StoredEvent>> PageAsync(string stream, ReadReq request, CancellationToken cancel)
    {
        for (var wait = Again; ; wait *= 2)
        {
            try
            {
                return await AskAsync($"reading {stream}", node => PageAsync(node, request, cancel), cancel).ConfigureAwait(false);
            }
            catch (IOException) when (wait < Again * Math.Pow(2, Tries - 1))
            {
                await Task.Delay(wait, cancel).ConfigureAwait(false);
            }
        }
    }

    private async Task<List<StoredEvent>> PageAsync(Node node, ReadReq request, CancellationToken cancel)
    {
        using var call = node.Streams.Read(request, Options(ForAPage, cancel));
        var page = new List<StoredEvent>();
        var bytes = 0;
        while (bytes < PageBytes && await call.ResponseStream.MoveNext(cancel).ConfigureAwait(false))
        {
            if (call.ResponseStream.Current is not { ContentCase: ReadResp.ContentOneofCase.Event, Event.Recorded: { } recorded }) continue;
            page.Add(Stored(recorded));
            bytes += recorded.CalculateSize();
        }
        return page;
    }

    private async Task<T> AskAsync<T>(string doing, Func<Node, Task<T>> ask, CancellationToken cancel)
    {
        for (var asked = 1; ; asked++)
        {
            var node = nodes.Current;
            try
            {
                return await ask(node).ConfigureAwait(false);
            }
            catch (RpcException e) when (asked < LeadersAsked && Refusals.IsNotLeader(e, out var leader) && leader is not null)
            {
                nodes.Lead(leader.Value.Host, leader.Value.Port);
            }
            catch (RpcException e)
            {
                if (e.StatusCode == StatusCode.Unavailable) nodes.Lost(node);
                throw Refusals.Named(e, node.Address, doing, cancel);
            }
        }
    }

    private CallOptions Options(TimeSpan atMost, CancellationToken cancel)
    {
        var headers = new Metadata { { "requires-leader", "true" } };
        if (address.Authorization is { } authorization) headers.Add("authorization", authorization);
        return new(headers, TimeProvider.System.GetUtcNow().UtcDateTime + atMost, cancel);
    }

    private static AppendReq.Types.Options Begin(string stream, Expected expected) => expected.Revision switch
    {
        null => new() { Stream = Name(stream), Any = Nothing },
        < 0 => new() { Stream = Name(stream), NoStream = Nothing },
        { } revision => new() { Stream = Name(stream), Revision = (ulong)revision },
    };

    private static AppendReq.Types.Proposed Propose(NewEvent one)
    {
        Span<byte> id = stackalloc byte[16];
        one.Id.TryWriteBytes(id, bigEndian: true, out _);
        var halves = new Uuid.Types.Halves
        {
            MostSignificant = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(id),
            LeastSignificant = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(id[8..]),
        };
        return new()
        {
            Id = new() { Structured = halves },
            Metadata = { ["type"] = one.Type, ["content-type"] = one.IsJson ? "application/json" : "application/octet-stream" },
            CustomMetadata = UnsafeByteOperations.UnsafeWrap(one.Header),
            Data = UnsafeByteOperations.UnsafeWrap(one.Data),
        };
    }

    private static ReadReq Read(string stream, ReadReq.Types.Options.Types.Stream from, ReadReq.Types.Direction direction, int? most)
    {
        from.Stream_ = Name(stream);
        var options = new ReadReq.Types.Options
        {
            Stream = from, Direction = direction, NoFilter = Nothing, UuidForm = new() { Structured = Nothing },
        };
        if (most is { } count) options.Count = (ulong)count;
        else options.Subscription = Nothing;
        return new() { Options = options };
    }

    private static StreamName Name(string stream) => new() { Name = ByteString.CopyFromUtf8(stream) };

    private static StoredEvent Stored(ReadResp.Types.Recorded recorded) =>
        new((long)recorded.Revision, recorded.Metadata["type"], recorded.CustomMetadata.Memory, recorded.Data.Memory);
}
