using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Grpc.Core;
using Pipeline.Tests.Stores.EventStore.Wire;

namespace Pipeline.Tests.Stores.EventStore;

/// <summary>The service as a server speaks it: refuses what the real one refuses, with its statuses and trailers.</summary>
internal sealed class FakeService(FakeStreams streams, Faults faults) : Streams.StreamsBase
{
    public const int LargestAppend = 1024 * 1024;

    public override async Task<Written> Append(IAsyncStreamReader<Write> requestStream, ServerCallContext context)
    {
        Enter(context, "append");
        if (!await requestStream.MoveNext() || requestStream.Current.Options is not { } options || options.Stream is null)
            throw Refused(StatusCode.InvalidArgument, "the first message holds the options");
        var stream = FakeStreams.Text(options.Stream);
        CheckName(stream);
        var proposed = new List<FakeEvent>();
        var size = 0;
        while (await requestStream.MoveNext())
        {
            if (requestStream.Current.ProposedMessage is not { } message) throw Refused(StatusCode.InvalidArgument, "options come once");
            size += message.CalculateSize();
            if (size > faults.LargestAppend) throw Refused(StatusCode.InvalidArgument, "too large", "maximum-append-size-exceeded");
            proposed.Add(Take(stream, message));
        }
        if (streams.IsDeleted(stream)) throw Refused(StatusCode.FailedPrecondition, $"{stream} is deleted", "stream-deleted");
        await faults.BeforeAppendAsync(stream);
        var expected = options.ExpectedCase switch
        {
            AppendOptions.ExpectedOneofCase.Revision => (long)options.Revision,
            AppendOptions.ExpectedOneofCase.NoStream => -1,
            AppendOptions.ExpectedOneofCase.Any => default(long?),
            _ => throw Refused(StatusCode.InvalidArgument, "no expected revision"),
        };
        var last = streams.Append(stream, expected, proposed);
        if (faults.TakeLostAnswer(stream)) throw Refused(StatusCode.Unavailable, "the connection broke before the answer");
        if (last is { } revision) return new() { Success = new() { CurrentRevision = (ulong)revision, NoPosition = new() } };
        var wrong = new WrongExpectedVersion();
        if (streams.Last(stream) is var current and >= 0) wrong.CurrentRevision = (ulong)current;
        else wrong.CurrentNoStream = new();
        if (expected >= 0) wrong.ExpectedRevision = (ulong)expected;
        else wrong.ExpectedNoStream = new();
        return new() { WrongExpectedVersion = wrong };
    }

    public override async Task Read(Ask request, IServerStreamWriter<Told> responseStream, ServerCallContext context)
    {
        Enter(context, "read");
        var options = request.Options ?? throw Refused(StatusCode.InvalidArgument, "no options");
        if (options.FilteringCase == AskOptions.FilteringOneofCase.None) throw Refused(StatusCode.InvalidArgument, "a filter or no_filter is required");
        if (options.UuidOption is null or { FormCase: AskIds.FormOneofCase.None }) throw Refused(StatusCode.InvalidArgument, "no uuid option");
        if (options.UntilCase == AskOptions.UntilOneofCase.None) throw Refused(StatusCode.InvalidArgument, "neither count nor subscription");
        if (options.Stream is not { } asked) throw Refused(StatusCode.Unimplemented, "this fake has streams only");
        if (asked.FromCase == AskStream.FromOneofCase.None) throw Refused(StatusCode.InvalidArgument, "no place to start from");
        var stream = FakeStreams.Text(asked.Stream);
        if (streams.IsDeleted(stream)) throw Refused(StatusCode.FailedPrecondition, $"{stream} is deleted", "stream-deleted");
        if (options.UntilCase == AskOptions.UntilOneofCase.Subscription)
        {
            if (options.Direction != 0) throw Refused(StatusCode.InvalidArgument, "a subscription goes forwards");
            await FollowAsync(stream, asked, responseStream, context);
            return;
        }
        if (options.Count == 0) throw Refused(StatusCode.InvalidArgument, "a count of 0");
        await ReadAsync(stream, asked, options, responseStream, context);
    }

    private async Task ReadAsync(string stream, AskStream asked, AskOptions options, IServerStreamWriter<Told> told, ServerCallContext context)
    {
        if (streams.Visible(stream) is not { } events)
        {
            await told.WriteAsync(new() { StreamNotFound = new() { Stream = asked.Stream } });
            return;
        }
        // A read from a revision begins with that one. Whether a server goes on to the first one kept where all of these were dropped was
        // not observed: nobody may rely on it.
        var most = options.Count;
        IEnumerable<FakeEvent> found = options.Direction == 0
            ? events.Where(e => asked.FromCase switch
            {
                AskStream.FromOneofCase.Start => true,
                AskStream.FromOneofCase.End => false,
                _ => (ulong)e.Revision >= asked.Revision && (ulong)e.Revision - asked.Revision < most,
            })
            : events.Reverse().Where(e => asked.FromCase switch
            {
                AskStream.FromOneofCase.Start => false,
                AskStream.FromOneofCase.End => true,
                _ => (ulong)e.Revision <= asked.Revision,
            });
        foreach (var one in found.Take((int)Math.Min(options.Count, int.MaxValue)))
        {
            if (faults.TakeBrokenRead(stream)) throw Refused(StatusCode.Unavailable, "the connection broke in the middle of a page");
            await told.WriteAsync(Tell(one), context.CancellationToken);
        }
        await told.WriteAsync(new() { LastStreamPosition = (ulong)Math.Max(0, streams.Last(stream)) });
    }

    private async Task FollowAsync(string stream, AskStream asked, IServerStreamWriter<Told> told, ServerCallContext context)
    {
        await told.WriteAsync(new() { Confirmation = new() { Id = "1" } });
        // A subscription begins behind the revision.
        var after = asked.FromCase switch
        {
            AskStream.FromOneofCase.Start => -1,
            AskStream.FromOneofCase.End => streams.Last(stream),
            _ => (long)asked.Revision,
        };
        faults.Followed(stream, after);
        for (var drops = faults.Drops; ;)
        {
            var (changed, dropped) = (streams.Changed, faults.Dropped);
            foreach (var one in streams.Visible(stream) ?? [])
            {
                if (one.Revision <= after) continue;
                await told.WriteAsync(Tell(one), context.CancellationToken);
                after = one.Revision;
                if (faults.TakeDropAfter(stream)) throw Refused(StatusCode.Aborted, "the consumer is too slow");
            }
            await told.WriteAsync(new() { CaughtUp = new() });
            await Task.WhenAny(changed, dropped).WaitAsync(context.CancellationToken);
            if (streams.IsDeleted(stream)) throw Refused(StatusCode.FailedPrecondition, $"{stream} is deleted", "stream-deleted");
            if (faults.Drops != drops) throw Refused(StatusCode.Aborted, "the consumer is too slow");
        }
    }

    /// <summary>What is refused whatever is asked: no leader here, no right, no deadline.</summary>
    private void Enter(ServerCallContext context, string what)
    {
        faults.Called(what);
        if (context.Deadline == DateTime.MaxValue) throw Refused(StatusCode.InvalidArgument, $"{what} without a deadline");
        if (faults.Password is { } password && context.RequestHeaders.GetValue("authorization") != password)
            throw Refused(StatusCode.PermissionDenied, "access denied", "access-denied");
        if (faults.Leader is not { } leader || context.RequestHeaders.GetValue("requires-leader") != "true") return;
        var told = leader.Split(':');
        var trailers = new Metadata { { "exception", "not-leader" } };
        if (told is [var host, var port])
        {
            trailers.Add("leader-endpoint-host", host);
            trailers.Add("leader-endpoint-port", port);
        }
        throw new RpcException(new(StatusCode.NotFound, "this node does not lead"), trailers);
    }

    private static FakeEvent Take(string stream, ProposedMessage message)
    {
        if (message.Id is not { FormCase: Id.FormOneofCase.Structured }) throw Refused(StatusCode.InvalidArgument, "an event without id");
        foreach (var required in new[] { "type", "content-type" })
            if (!message.Metadata.ContainsKey(required)) throw Refused(StatusCode.InvalidArgument, required, "missing-required-metadata-property");
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(id, message.Id.Structured.Msb);
        BinaryPrimitives.WriteInt64BigEndian(id[8..], message.Id.Structured.Lsb);
        var (type, content) = (message.Metadata["type"], message.Metadata["content-type"]);
        if (content is not ("application/json" or "application/octet-stream")) throw Refused(StatusCode.InvalidArgument, $"content-type {content}");
        if (stream.StartsWith("$$", StringComparison.Ordinal))
        {
            if (type != "$metadata" || content != "application/json") throw Refused(StatusCode.InvalidArgument, "metadata is JSON of type $metadata");
            using var json = JsonDocument.Parse(message.Data.Memory);
            if (json.RootElement.ValueKind != JsonValueKind.Object) throw Refused(StatusCode.InvalidArgument, "metadata is an object");
        }
        return new(new(id, bigEndian: true), stream, -1, type, content, message.CustomMetadata, message.Data, 638_000_000_000_000_000 - 621_355_968_000_000_000);
    }

    private static Told Tell(FakeEvent one)
    {
        Span<byte> id = stackalloc byte[16];
        one.Id.TryWriteBytes(id, bigEndian: true, out _);
        var recorded = new RecordedEvent
        {
            Id = new() { Structured = new() { Msb = BinaryPrimitives.ReadInt64BigEndian(id), Lsb = BinaryPrimitives.ReadInt64BigEndian(id[8..]) } },
            Stream = new() { Name = Google.Protobuf.ByteString.CopyFromUtf8(one.Stream) },
            Revision = (ulong)one.Revision, CustomMetadata = one.Header, Data = one.Data,
            Metadata =
            {
                ["type"] = one.Type, ["content-type"] = one.ContentType, ["created"] = one.Ticks.ToString(CultureInfo.InvariantCulture),
            },
        };
        return new() { Event = new() { Event = recorded, NoPosition = new() } };
    }

    private static void CheckName(string stream)
    {
        if (stream.Length == 0) throw Refused(StatusCode.InvalidArgument, "no stream");
        if (stream[0] == '$' && !stream.StartsWith("$$", StringComparison.Ordinal)) throw Refused(StatusCode.PermissionDenied, stream, "access-denied");
    }

    private static RpcException Refused(StatusCode code, string detail, string? exception = null) =>
        new(new(code, detail), exception is null ? [] : new Metadata { { "exception", exception } });
}
