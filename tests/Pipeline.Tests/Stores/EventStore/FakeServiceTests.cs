using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Pipeline.Tests.Stores.EventStore.Wire;
using Xunit;

namespace Pipeline.Tests.Stores.EventStore;

/// <summary>The fake is no more lenient than what was observed: each line here is one of those facts.</summary>
public sealed class FakeServiceTests : IAsyncLifetime
{
    private FakeEventStore server = null!;
    private GrpcChannel channel = null!;
    private Streams.StreamsClient client = null!;

    private static DateTime Soon => TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10);

    public async ValueTask InitializeAsync()
    {
        server = await FakeEventStore.StartAsync();
        channel = GrpcChannel.ForAddress($"http://127.0.0.1:{server.Port}");
        client = new(channel);
    }

    public async ValueTask DisposeAsync()
    {
        channel.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_wrong_version_is_a_normal_response()
    {
        await AppendAsync(new() { NoStream = new() }, Event(1));
        var wrong = (await AppendAsync(new() { Revision = 7 }, Event(2))).WrongExpectedVersion;
        Assert.Equal((0UL, 7UL), (wrong.CurrentRevision, wrong.ExpectedRevision));
        Assert.NotNull((await AppendAsync(new() { NoStream = new() }, Event(2))).WrongExpectedVersion.ExpectedNoStream);
    }

    [Fact]
    public async Task The_same_ids_at_the_same_revision_repeat_the_first_success()
    {
        await AppendAsync(new() { NoStream = new() }, Event(1), Event(2));
        await AppendAsync(new() { Revision = 1 }, Event(3));
        Assert.Equal(1UL, (await AppendAsync(new() { NoStream = new() }, Event(1), Event(2))).Success.CurrentRevision);
        Assert.NotNull((await AppendAsync(new() { NoStream = new() }, Event(1), Event(9))).WrongExpectedVersion);
        Assert.Equal(2, server.Streams.Last("s"));
    }

    [Theory]
    [InlineData("type")]
    [InlineData("content-type")]
    public async Task An_event_without_its_metadata_is_refused(string missing)
    {
        var bare = Event(1);
        bare.Metadata.Remove(missing);
        await RefusedAsync(StatusCode.InvalidArgument, "missing-required-metadata-property", () => AppendAsync(new() { Any = new() }, bare));
    }

    [Fact]
    public async Task An_append_over_a_mebibyte_is_refused()
    {
        var half = Event(1);
        half.Data = ByteString.CopyFrom(new byte[FakeService.LargestAppend / 2]);
        var other = half.Clone();
        other.Id.Structured.Lsb = 2;
        await RefusedAsync(StatusCode.InvalidArgument, "maximum-append-size-exceeded", () => AppendAsync(new() { Any = new() }, half, other));
        Assert.Equal(-1, server.Streams.Last("s"));
    }

    [Fact]
    public async Task A_read_begins_with_its_revision_and_a_subscription_behind_it()
    {
        await AppendAsync(new() { NoStream = new() }, Event(1), Event(2), Event(3));
        using var read = client.Read(new() { Options = Ask(1, count: 10) }, deadline: Soon);
        Assert.Equal(1UL, await FirstAsync(read));
        using var followed = client.Read(new() { Options = Ask(1, count: null) }, deadline: Soon);
        Assert.Equal(2UL, await FirstAsync(followed));
    }

    [Fact]
    public async Task An_absent_stream_is_said_to_be_so_and_is_no_error()
    {
        using var read = client.Read(new() { Options = Ask(0, count: 1) }, deadline: Soon);
        Assert.True(await read.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.NotNull(read.ResponseStream.Current.StreamNotFound);
    }

    [Fact]
    public async Task A_read_without_filter_or_no_filter_is_refused()
    {
        var ask = Ask(0, count: 1);
        ask.ClearFiltering();
        await RefusedAsync(StatusCode.InvalidArgument, null, async () =>
        {
            using var read = client.Read(new() { Options = ask }, deadline: Soon);
            await read.ResponseStream.MoveNext(TestContext.Current.CancellationToken);
        });
    }

    private async Task<Written> AppendAsync(AppendOptions options, params ProposedMessage[] events)
    {
        options.Stream = new() { Name = ByteString.CopyFromUtf8("s") };
        using var call = client.Append(deadline: Soon);
        await call.RequestStream.WriteAsync(new() { Options = options });
        foreach (var one in events) await call.RequestStream.WriteAsync(new() { ProposedMessage = one });
        await call.RequestStream.CompleteAsync();
        return await call.ResponseAsync;
    }

    private static ProposedMessage Event(long id) => new()
    {
        Id = new() { Structured = new() { Msb = 1, Lsb = id } },
        Metadata = { ["type"] = "t", ["content-type"] = "application/octet-stream" },
    };

    private static AskOptions Ask(ulong revision, ulong? count)
    {
        var ask = new AskOptions
        {
            Stream = new() { Stream = new() { Name = ByteString.CopyFromUtf8("s") }, Revision = revision },
            NoFilter = new(), UuidOption = new() { Structured = new() },
        };
        if (count is { } most) ask.Count = most;
        else ask.Subscription = new();
        return ask;
    }

    private static async Task<ulong> FirstAsync(AsyncServerStreamingCall<Told> call)
    {
        while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
            if (call.ResponseStream.Current.Event is { } one) return one.Event.Revision;
        throw new EndOfStreamException();
    }

    private static async Task RefusedAsync(StatusCode code, string? exception, Func<Task> call)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal((code, exception), (refused.StatusCode, refused.Trailers.GetValue("exception")));
    }
}
