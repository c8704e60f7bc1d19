using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Pipeline.Tests.Counterparts;
using Xunit;

namespace Pipeline.Tests.Faults;

/// <summary>One server that meets all the bad input, one after the other, and must go on.</summary>
public sealed class OneServer : IAsyncLifetime
{
    private LivePipeline? live;

    internal LivePipeline Live => live!;

    public async ValueTask InitializeAsync() => live = await LivePipeline.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (live is not null) await live.DisposeAsync();
    }
}

/// <summary>Bad input is answered as it should be, and what comes behind it is taken and decided.</summary>
[Trait("needs", "server")]
public sealed class BadInputTests(OneServer one) : IClassFixture<OneServer>
{
    private static int name;

    private readonly LivePipeline live = one.Live;

    public static TheoryData<string, string, int, string> Bodies => new()
    {
        { "not JSON", "this is not JSON", 400, "body" },
        { "JSON cut short", """[{"labels":{"alertname":"X"}""", 400, "[0]" },
        { "empty", "", 400, "body" },
        { "white space", "  \n ", 400, "body" },
        { "a number", "7", 400, "body" },
        { "null", "null", 400, "body" },
        { "no labels", """{"status":"firing"}""", 400, "labels" },
        { "labels of the wrong shape", """{"labels":["a","b"]}""", 400, "labels" },
        { "a label that is no text", """{"labels":{"alertname":{"a":1}}}""", 400, "labels" },
        { "100,000 labels", "{\"labels\":{" + string.Join(',', Enumerable.Range(0, 100_000).Select(i => $"\"l{i}\":\"v\"")) + "}}", 400, "labels" },
        { "a label of 5 KiB", $$$"""{"labels":{"alertname":"{{{new string('x', 5 * 1024)}}}"}}""", 400, "labels" },
        { "nested 100,000 deep", new string('[', 100_000) + new string(']', 100_000), 400, "[0]" },
        { "labels nested 1,000 deep", "{\"labels\":{\"alertname\":" + new string('[', 1_000) + new string(']', 1_000) + "}}", 400, "" },
        { "year 0", """{"labels":{"alertname":"X"},"startsAt":"0000-01-01T00:00:00Z"}""", 400, "startsAt" },
        { "began in the year 9999", """{"labels":{"alertname":"X"},"startsAt":"9999-12-31T23:59:59Z"}""", 400, "startsAt" },
        { "no such month", """{"labels":{"alertname":"X"},"endsAt":"2026-13-01T00:00:00Z"}""", 400, "endsAt" },
        { "a status that is none", """{"labels":{"alertname":"X"},"status":"perhaps"}""", 400, "status" },
        { "10,001 alerts", $"[{string.Join(',', Enumerable.Repeat("""{"labels":{"a":"b"}}""", 10_001))}]", 413, "body" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_bad_body_is_answered_with_the_field_at_fault(string what, string body, int status, string field)
    {
        var (answered, problem) = await PostAsync(Encoding.UTF8.GetBytes(body));
        Assert.True(answered == status, $"{what} was answered {answered} {problem}");
        Assert.Contains(field, problem.GetProperty("field").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        await GoesOnAsync();
    }

    public static TheoryData<string, string> Odd => new()
    {
        { "ends in the year 9999", """ "endsAt":"9999-12-31T23:59:59Z" """ },
        { "ends after the last moment there is", """ "endsAt":"9999-12-31T23:59:59-14:00" """ },
        { "began in year 1, before the first moment there is", """ "startsAt":"0001-01-01T00:00:00+14:00" """ },
        { "began in year 2", """ "startsAt":"0002-01-01T00:00:00Z" """ },
        { "a value beyond all numbers", """ "value":1e308 """ },
        { "NUL in a text", """ "summary":"a\u0000b" """ },
        { "half a surrogate pair", """ "summary":"a\ud800b" """ },
        { "something else beside", """ "unheardOf":{"deeply":[{"nested":[1,2,{}]}]} """ },
        { "the same key twice", """ "status":"resolved","status":"firing" """ },
        { "a comma and a brace in a text", """ "summary":"},{" """ },
    };

    [Theory]
    [MemberData(nameof(Odd))]
    public async Task An_odd_alert_is_taken_or_refused_and_never_lost(string what, string rest)
    {
        var alertname = Name();
        var (status, answer) = await PostAsync(Encoding.UTF8.GetBytes($$$"""{"labels":{"alertname":"{{{alertname}}}"},{{{rest}}}}"""));
        Assert.True(status is 200 or 400, $"{what} was answered {status} {answer}");
        await GoesOnAsync();
        Assert.Equal(status == 200 ? 1 : 0, (await live.ListAsync($"/api/alerts?label=alertname:{alertname}")).Count);
    }

    [Fact]
    public async Task Broken_UTF8_and_NUL_bytes_are_refused_or_mended_and_harm_nobody()
    {
        foreach (var bad in new byte[][] { [0xFF, 0xFE], [0xC3], [0xED, 0xA0, 0x80], [0x00], [0xF8, 0x88, 0x80, 0x80, 0x80] })
        {
            var (status, answer) = await PostAsync([.. "{\"labels\":{\"alertname\":\""u8, .. bad, .. "\"}}"u8]);
            Assert.True(status is 200 or 400, $"{Convert.ToHexString(bad)} was answered {status} {answer}");
            await GoesOnAsync();
        }
        // Every list can still be read as JSON.
        foreach (var list in new[] { "/api/alerts?limit=1000", "/api/rejected", "/api/incidents", "/api/pages" }) await live.ListAsync(list);
    }

    [Fact]
    public async Task The_good_half_is_taken_and_the_bad_half_is_listed_and_can_be_sent_again()
    {
        var (good, bad) = (Name(), Name());
        var (status, answer) = await PostAsync(Encoding.UTF8.GetBytes(
            $$$"""[{"labels":{"alertname":"{{{good}}}"}},{"labels":{"alertname":"{{{bad}}}"},"startsAt":"never"},{"labels":7}]"""));
        Assert.Equal((200, 1, 2), (status, answer.GetProperty("accepted").GetInt32(), answer.GetProperty("rejected").GetInt32()));
        await live.AlertAsync(good, _ => true);
        var listed = (await live.ListAsync("/api/rejected")).Where(r => r.GetProperty("field").GetString()!.Contains("startsAt", StringComparison.Ordinal)).ToList();
        var id = Assert.Single(listed, r => r.GetProperty("problem").GetString()!.Contains("never", StringComparison.Ordinal)).GetProperty("id").GetString();
        Assert.Empty(await live.ListAsync($"/api/alerts?label=alertname:{bad}"));

        await live.PostAsync($"/api/rejected/{id}/resubmit", $$$"""{"labels":{"alertname":"{{{bad}}}"}}""");
        await live.AlertAsync(bad, _ => true);
    }

    [Fact]
    public async Task A_body_of_10_MB_is_too_large_whether_or_not_its_length_is_said()
    {
        var body = new byte[10 * 1024 * 1024];
        Array.Fill(body, (byte)' ');
        foreach (var chunked in new[] { false, true })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/ingest/generic") { Content = new ByteArrayContent(body) };
            request.Headers.TransferEncodingChunked = chunked;
            request.Headers.ExpectContinue = true;
            using var answer = await live.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        }
        await GoesOnAsync();
    }

    [Fact]
    public async Task A_small_gzip_that_unpacks_to_1_GB_is_too_large_and_costs_no_memory()
    {
        using var bomb = new MemoryStream();
        using (var zip = new GZipStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
            for (var i = 0; i < 1_024; i++) zip.Write(new byte[1024 * 1024]);
        var before = GC.GetTotalAllocatedBytes();
        Assert.Equal(413, await StatusAsync(bomb.ToArray(), "gzip"));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 100L * 1024 * 1024);
        Assert.Equal(400, await StatusAsync("{}"u8.ToArray(), "gzip"));
        Assert.Equal(415, await StatusAsync("{}"u8.ToArray(), "br"));
        await GoesOnAsync();

        async Task<int> StatusAsync(byte[] body, string encoding)
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentEncoding.Add(encoding);
            using var answer = await live.Http.PostAsync("/ingest/generic", content);
            return (int)answer.StatusCode;
        }
    }

    [Fact]
    public async Task An_unknown_source_is_named_with_those_that_are_known()
    {
        using var content = new StringContent("{}");
        using var answer = await live.Http.PostAsync("/ingest/nagois", content);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Contains("nagois", text, StringComparison.Ordinal);
        Assert.Contains("nagios", text, StringComparison.Ordinal);
        await GoesOnAsync();
    }

    [Fact]
    public async Task The_content_type_is_not_what_counts()
    {
        foreach (var type in new[] { "text/plain", "application/x-www-form-urlencoded", "image/png" })
        {
            var alertname = Name();
            using var content = new StringContent($$$"""{"labels":{"alertname":"{{{alertname}}}"}}""", Encoding.UTF8, new MediaTypeHeaderValue(type));
            using var answer = await live.Http.PostAsync("/ingest/generic", content);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            await live.AlertAsync(alertname, _ => true);
        }
    }

    [Fact]
    public async Task A_body_that_trickles_in_is_ended_and_not_taken()
    {
        var alertname = Name();
        using var slow = await ConnectAsync();
        var body = $$$"""{"labels":{"alertname":"{{{alertname}}}"}}""";
        await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /ingest/generic HTTP/1.1\r\nHost: x\r\nContent-Length: {body.Length}\r\n\r\n{body[..^1]}"));
        await GoesOnAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var reader = new StreamReader(slow.GetStream());
        Assert.StartsWith("HTTP/1.1 408", await reader.ReadLineAsync(patience.Token) ?? "", StringComparison.Ordinal);
        Assert.Empty(await live.ListAsync($"/api/alerts?label=alertname:{alertname}"));
    }

    [Fact]
    public async Task Headers_that_trickle_in_hold_up_nobody()
    {
        using var slow = await ConnectAsync();
        await slow.GetStream().WriteAsync("POST /ingest/generic HTTP/1.1\r\nHost:"u8.ToArray());
        await GoesOnAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var reader = new StreamReader(slow.GetStream());
        Assert.StartsWith("HTTP/1.1 408", await reader.ReadLineAsync(patience.Token) ?? "HTTP/1.1 408, closed", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Five_thousand_idle_connections_leave_room_for_a_request()
    {
        var idle = new List<TcpClient>(5_000);
        try
        {
            for (var i = 0; i < 5_000; i++) idle.Add(await ConnectAsync());
            await GoesOnAsync();
            Assert.Equal(5_000, idle.Count(c => c.Connected));
        }
        finally
        {
            foreach (var client in idle) client.Dispose();
        }
    }

    [Fact]
    public async Task A_sender_that_hangs_up_in_the_middle_is_not_taken_and_harms_nobody()
    {
        for (var i = 0; i < 20; i++)
        {
            using var client = await ConnectAsync();
            await client.GetStream().WriteAsync("POST /ingest/generic HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"labels\":"u8.ToArray());
            client.LingerState = new(true, 0);
        }
        await GoesOnAsync();
    }

    private static string Name() => $"Bad{Interlocked.Increment(ref name)}";

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        var at = new Uri(live.Url);
        await client.ConnectAsync(IPAddress.Parse(at.Host), at.Port);
        return client;
    }

    private async Task<(int Status, JsonElement Body)> PostAsync(byte[] body)
    {
        using var content = new ByteArrayContent(body);
        using var answer = await live.Http.PostAsync("/ingest/generic", content);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    /// <summary>A good alert behind the bad ones is taken, and decided.</summary>
    private async Task GoesOnAsync()
    {
        var alertname = Name();
        var (status, answer) = await PostAsync(Encoding.UTF8.GetBytes($$$"""{"labels":{"alertname":"{{{alertname}}}"}}"""));
        Assert.True(status == 200, $"a good alert behind was answered {status} {answer}");
        await live.AlertAsync(alertname, _ => true);
    }
}
