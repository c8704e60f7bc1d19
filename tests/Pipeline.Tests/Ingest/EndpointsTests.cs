using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Ingest;
using Ingest.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Pipeline.Tests.Ingest;

public sealed class EndpointsTests : IAsyncLifetime
{
    private const string Good = """{"labels":{"alertname":"A","host":"h"}}""";

    private readonly Kept intake = new();
    private readonly List<string> tokens = [];
    private readonly HttpClient client = new();
    private WebApplication? app;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        if (app is not null) await app.DisposeAsync();
    }

    [Fact]
    public async Task Accepted_alerts_are_handed_on_with_the_body_as_received()
    {
        var answer = await PostAsync("/ingest/generic", "[" + Good + "," + Good + "]", ("Idempotency-Key", "k1"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("{\"accepted\":2,\"duplicatesOfDelivery\":0}\n", await TextAsync(answer));
        var delivery = Assert.Single(intake.Deliveries);
        Assert.Equal(("generic", "k1", Parsing.Now, "[" + Good + "," + Good + "]"),
            (delivery.Source, delivery.Key, delivery.ReceivedAt, Encoding.UTF8.GetString(delivery.Body.Span)));
    }

    [Fact]
    public async Task Bad_alerts_beside_good_ones_are_listed()
    {
        var json = await JsonAsync(await PostAsync("/ingest/generic", "[" + Good + ",{}]"), HttpStatusCode.OK);
        Assert.Equal((1, 1, "[1].labels"), ((int)json["accepted"]!, (int)json["rejected"]!, (string)json["problems"]![0]!["field"]!));
        Assert.Single(intake.Deliveries);
    }

    [Fact]
    public async Task A_body_in_which_nothing_is_understood_is_a_problem_that_names_the_field()
    {
        var answer = await PostAsync("/ingest/generic", """{"labels":{"a":1}}""");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var json = await JsonAsync(answer, HttpStatusCode.BadRequest);
        Assert.Equal((400, "labels.a", "Bad Request"), ((int)json["status"]!, (string)json["field"]!, (string)json["title"]!));
        Assert.StartsWith("labels.a is a number", (string)json["detail"]!, StringComparison.Ordinal);
        Assert.Empty(intake.Deliveries);
    }

    [Fact]
    public async Task At_most_twenty_problems_are_listed()
    {
        var json = await JsonAsync(await PostAsync("/ingest/generic", "[" + string.Join(",", Enumerable.Repeat("{}", 50)) + "]"), HttpStatusCode.BadRequest);
        Assert.Equal(20, json["problems"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("github", "X-Hub-Signature-256", "sha256=d96d6a1dd79e4a56ab70ce0d2ba59cf4aa7d8a34fc58f57c8e97b2b0adad7a4f", HttpStatusCode.Unauthorized)]
    [InlineData("github", "X-Hub-Signature-256", "signed", HttpStatusCode.OK)]
    [InlineData("gitlab", "X-Gitlab-Token", "secret-1", HttpStatusCode.OK)]
    [InlineData("gitlab", "X-Gitlab-Token", "secret-2", HttpStatusCode.Unauthorized)]
    [InlineData("changes", "X-Gitlab-Token", "secret-1", HttpStatusCode.Unauthorized)]
    public async Task Who_can_bear_no_token_of_ours_signs_with_one_or_sends_it_as_its_own(string source, string header, string value, HttpStatusCode expected)
    {
        tokens.Add("secret-1");
        const string body = """{"zen":"Keep it logically awesome.","hook_id":1,"object_kind":"note","kind":"deploy"}""";
        if (value == "signed") value = "sha256=" + Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData("secret-1"u8, Encoding.UTF8.GetBytes(body)));
        Assert.Equal(expected, (await PostAsync($"/ingest/{source}", body, (header, value))).StatusCode);
    }

    [Fact]
    public async Task GitHubs_own_number_of_a_delivery_is_its_key()
    {
        await PostAsync("/ingest/github", """{"zen":"x","hook_id":1}""", ("X-GitHub-Delivery", "72d3162e"));
        Assert.Equal("72d3162e", Assert.Single(intake.Deliveries).Key);
    }

    [Fact]
    public async Task An_unknown_source_is_told_the_known_ones()
    {
        var json = await JsonAsync(await PostAsync("/ingest/zabbix", "{}"), HttpStatusCode.NotFound);
        Assert.Contains("alertmanager-v2", (string)json["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alertmanager_s_route_answers_as_Alertmanager_does()
    {
        var answer = await PostAsync("/api/v2/alerts", "[" + Good + "]");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("", await TextAsync(answer));
        Assert.Equal("alertmanager-v2", Assert.Single(intake.Deliveries).Source);
    }

    [Fact]
    public async Task PagerDuty_s_route_answers_as_PagerDuty_does()
    {
        var json = await JsonAsync(await PostAsync("/v2/enqueue", """{"event_action":"trigger","dedup_key":"k","payload":{"summary":"s"}}"""), HttpStatusCode.Accepted);
        Assert.Equal(("success", "Event processed", "k"), ((string)json["status"]!, (string)json["message"]!, (string)json["dedup_key"]!));
        json = await JsonAsync(await PostAsync("/v2/enqueue", """{"event_action":"trigger"}"""), HttpStatusCode.BadRequest);
        Assert.Equal(("invalid event", "'payload.summary' is missing or blank"), ((string)json["status"]!, (string)json["errors"]![0]!));
        json = await JsonAsync(await PostAsync("/v2/change/enqueue", """{"payload":{"summary":"s"}}"""), HttpStatusCode.Accepted);
        Assert.Equal("success", (string)json["status"]!);
        Assert.Single(intake.Deliveries[1].Parsed.Changes);
    }

    [Theory]
    [InlineData(IntakeStatus.KeyReused, 422, null)]
    [InlineData(IntakeStatus.Busy, 429, "1")]
    [InlineData(IntakeStatus.Unavailable, 503, "5")]
    public async Task What_the_intake_does_not_take_is_refused(IntakeStatus status, int code, string? retryAfter)
    {
        intake.Answer = new(status);
        var answer = await PostAsync("/ingest/generic", Good);
        Assert.Equal(code, (int)answer.StatusCode);
        Assert.Equal(retryAfter, answer.Headers.RetryAfter?.ToString());
    }

    [Fact]
    public async Task A_copy_is_accepted_and_counted()
    {
        intake.Answer = new(IntakeStatus.Copy);
        Assert.Equal("{\"accepted\":1,\"duplicatesOfDelivery\":1}\n", await TextAsync(await PostAsync("/ingest/generic", Good)));
    }

    [Fact]
    public async Task While_it_is_not_ready_nothing_is_taken()
    {
        intake.Ready = false;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync("/ingest/generic", Good)).StatusCode);
        Assert.Empty(intake.Deliveries);
    }

    [Fact]
    public async Task Only_a_known_token_may_send()
    {
        tokens.AddRange(["t1", "t2"]);
        var refused = await PostAsync("/ingest/generic", Good, ("Authorization", "Bearer t3"));
        Assert.Equal((HttpStatusCode.Unauthorized, "Bearer"), (refused.StatusCode, refused.Headers.WwwAuthenticate.ToString()));
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync("/api/v2/alerts", "[" + Good + "]")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync("/ingest/zabbix", Good)).StatusCode);
        Assert.Empty(intake.Deliveries);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("/ingest/generic", Good, ("Authorization", "Bearer t2"))).StatusCode);
    }

    [Fact]
    public async Task A_routing_key_is_a_token_for_PagerDuty_s_routes()
    {
        tokens.Add("t1");
        const string Event = """{"routing_key":"t1","event_action":"resolve","dedup_key":"k"}""";
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync("/v2/enqueue", Event)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync("/v2/enqueue", Event.Replace("t1", "t2", StringComparison.Ordinal))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync("/v2/enqueue", "{")).StatusCode);
        Assert.Single(intake.Deliveries);
    }

    [Fact]
    public async Task Gzip_is_unpacked_within_the_bound()
    {
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("/ingest/generic", Zipped(Good), gzip: true)).StatusCode);
        Assert.Equal(Good, Encoding.UTF8.GetString(Assert.Single(intake.Deliveries).Body.Span));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync("/ingest/generic", Zipped(new string(' ', 50_000_000)), gzip: true)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("/ingest/generic", Encoding.UTF8.GetBytes(Good), gzip: true)).StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_bound_is_too_large_and_one_at_the_bound_is_not(bool chunked)
    {
        var exact = Good.PadRight(4 * 1024 * 1024);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("/ingest/generic", Encoding.UTF8.GetBytes(exact), chunked: chunked)).StatusCode);
        Assert.Equal(exact.Length, Assert.Single(intake.Deliveries).Body.Length);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync("/ingest/generic", Encoding.UTF8.GetBytes(exact + " "), chunked: chunked)).StatusCode);
    }

    [Fact]
    public async Task Too_many_alerts_are_too_large() =>
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync("/ingest/generic", "[" + string.Join(",", Enumerable.Repeat(Good, 10_001)) + "]")).StatusCode);

    [Fact]
    public async Task A_hundred_thousand_labels_are_refused_by_name()
    {
        var labels = string.Join(",", Enumerable.Range(0, 100_000).Select(i => $"\"l{i}\":\"v\""));
        var json = await JsonAsync(await PostAsync("/ingest/generic", "{\"labels\":{" + labels + "}}"), HttpStatusCode.BadRequest);
        Assert.Equal("labels", (string)json["field"]!);
    }

    [Fact]
    public async Task A_sender_that_goes_away_amid_its_body_leaves_nothing_behind()
    {
        var root = new Uri(await StartAsync());
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(root.Host, root.Port, TestContext.Current.CancellationToken);
            await socket.GetStream().WriteAsync("POST /ingest/generic HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{\"labels\""u8.ToArray(), TestContext.Current.CancellationToken);
        }
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("/ingest/generic", Good)).StatusCode);
        Assert.Single(intake.Deliveries);
    }

    private Task<HttpResponseMessage> PostAsync(string path, string body, params (string Name, string Value)[] headers) =>
        PostAsync(path, Encoding.UTF8.GetBytes(body), headers: headers);

    private async Task<HttpResponseMessage> PostAsync(
        string path, byte[] body, bool gzip = false, bool chunked = false, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, await StartAsync() + path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (gzip) request.Content.Headers.ContentEncoding.Add("gzip");
        if (chunked) request.Headers.TransferEncodingChunked = true;
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>A real Kestrel on a free port of this machine, started once.</summary>
    private async Task<string> StartAsync()
    {
        if (app is null)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            app = builder.Build();
            app.MapIngest(new(intake, () => Parsing.Identities, new IngestLimits(), new Access(tokens), new FakeTimeProvider(Parsing.Now.AddMicroseconds(300))));
            await app.StartAsync(TestContext.Current.CancellationToken);
        }
        return app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
    }

    private static async Task<string> TextAsync(HttpResponseMessage answer) => await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    private static async Task<JsonNode> JsonAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        Assert.Equal(status, answer.StatusCode);
        return JsonNode.Parse(await TextAsync(answer))!;
    }

    private static byte[] Zipped(string text)
    {
        var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionMode.Compress)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return zipped.ToArray();
    }

    /// <summary>An intake that keeps deliveries in memory.</summary>
    private sealed class Kept : IIntake
    {
        public List<ReceivedDelivery> Deliveries { get; } = [];

        public IntakeAnswer Answer { get; set; } = new(IntakeStatus.Recorded);

        public bool Ready { get; set; } = true;

        public ValueTask<IntakeAnswer> AcceptAsync(ReceivedDelivery delivery, CancellationToken cancel)
        {
            lock (Deliveries) Deliveries.Add(delivery);
            return ValueTask.FromResult(Answer);
        }
    }
}
