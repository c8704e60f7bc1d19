using System.Globalization;
using System.Net;
using System.Text.Json;
using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Api;

public sealed class IncidentApiTests
{
    [Fact]
    public async Task An_incident_is_listed_and_shown_with_its_members_and_what_is_new()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("DbDown");
        server.Time.Advance(TimeSpan.FromSeconds(20));
        await server.FireAsync("ApiSlow", "warning");
        var list = await server.GetAsync("/api/incidents?state=open&label=alertname:ApiSlow");
        var item = Assert.Single(list.GetProperty("items").EnumerateArray());
        Assert.Equal(JsonValueKind.Null, list.GetProperty("next").ValueKind);
        Assert.Equal("critical", item.GetProperty("severity").GetString());
        Assert.Equal("default", item.GetProperty("scope").GetString());
        Assert.Equal(2, item.GetProperty("alerts").GetProperty("firing").GetInt32());
        var shown = await server.GetAsync($"/api/incidents/{item.GetProperty("id").GetString()}");
        Assert.Equal(2, shown.GetProperty("members").GetArrayLength());
        Assert.Contains(shown.GetProperty("changes").EnumerateArray(), c => c.GetProperty("reason").GetString() == "opened");
        Assert.Empty((await server.GetAsync("/api/incidents?state=resolved")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task The_answer_to_an_acknowledgement_is_the_state_that_the_next_read_shows()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("DbDown");
        var id = await server.IncidentAsync();
        var (status, body) =
            await server.PostAsync($"/api/incidents/{id}/acknowledge", new { by = "ann", note = "on it", awaiting = "restart" });
        Assert.Equal(200, status);
        Assert.Equal("acknowledged", body.GetProperty("state").GetString());
        Assert.Equal("ann", body.GetProperty("acknowledgement").GetProperty("by").GetString());
        Assert.Equal(body.GetRawText(), (await server.GetAsync($"/api/incidents/{id}")).GetRawText());
    }

    [Fact]
    public async Task What_an_acknowledgement_waits_for_is_shown_as_recorded_once_it_was_and_no_earlier_one_counts()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("DbDown");
        await RecordAsync("c1", "restart");
        server.Time.Advance(TimeSpan.FromMinutes(1));
        var id = await server.IncidentAsync();
        await server.PostAsync($"/api/incidents/{id}/acknowledge", new { by = "ann", awaiting = "restart" });
        Assert.Equal(JsonValueKind.Null, (await TakenAsync()).GetProperty("awaitedAt").ValueKind);
        server.Time.Advance(TimeSpan.FromMinutes(1));
        await RecordAsync("c2", "deploy");
        Assert.Equal(JsonValueKind.Null, (await TakenAsync()).GetProperty("awaitedAt").ValueKind);
        await RecordAsync("c3", "restart");
        Assert.Equal(server.Time.GetUtcNow(), (await TakenAsync()).GetProperty("awaitedAt").GetDateTimeOffset());
        Assert.Contains("the awaited restart was recorded at", await PageAsync());

        Task RecordAsync(string change, string kind) => server.DecideAsync((number, at) => new Input.Delivery
        {
            Number = number, At = at, Source = "changes", Changes = [new(change, at, kind, "db-1", ["shop"])],
        });

        async Task<JsonElement> TakenAsync() => (await server.GetAsync($"/api/incidents/{id}")).GetProperty("acknowledgement");

        async Task<string> PageAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/incidents/{id}");
            request.Headers.Accept.Add(new("text/html"));
            using var answer = await server.Http.SendAsync(request);
            return await answer.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task Where_it_began_whom_it_reaches_and_what_may_have_caused_it_are_shown_as_its_page_says_them_now_and_at_a_past_time()
    {
        await using var server = await ApiServer.StartAsync();
        await server.DecideAsync((number, at) => new Input.TopologyInForce(
            new([new("web", Level.Service, "orders", ["db"]), new("db", Level.Host, null, []), new("orders", Level.Business, null, [])])) { Number = number, At = at });
        await server.DecideAsync((number, at) => new Input.Delivery
        {
            Number = number, At = at, Source = "changes", Changes = [new("d-7", at, "deploy", "db 1.5", ["db"])],
        });
        server.Time.Advance(TimeSpan.FromMinutes(1));
        await server.FireAsync("Slow", "critical", ("service", "web"));
        var id = await server.IncidentAsync();
        var before = server.Time.GetUtcNow();
        server.Time.Advance(TimeSpan.FromSeconds(20));
        await server.FireAsync("DiskFull", "critical", ("service", "db"));
        server.Time.Advance(TimeSpan.FromSeconds(20));
        await server.FireAsync("DiskFull", "critical", ("service", "db"));

        var item = (await server.GetAsync("/api/incidents")).GetProperty("items")[0];
        var shown = await server.GetAsync($"/api/incidents/{id}");
        var page = (await server.GetAsync($"/api/pages?incident={id}")).GetProperty("items").EnumerateArray().First();
        var told = (await server.GetAsync($"/api/pages/{page.GetProperty("id").GetString()}")).GetProperty("body");
        Assert.Equal("db", told.GetProperty("incident").GetProperty("origin").GetString());
        foreach (var incident in (JsonElement[])[item, shown, await server.GetAsync($"/api/incidents/{id}?since=ack")])
        {
            Assert.Equal("db", incident.GetProperty("origin").GetString());
            Assert.Equal(told.GetProperty("incident").GetProperty("impact").GetRawText(), incident.GetProperty("impact").GetRawText());
            Assert.Equal(told.GetProperty("suspects").GetRawText(), incident.GetProperty("suspects").GetRawText());
        }
        Assert.Equal("""[{"level":"business","component":"orders"}]""", shown.GetProperty("impact").GetRawText());
        Assert.Equal("d-7", shown.GetProperty("suspects")[0].GetProperty("change").GetString());
        var then = await server.GetAsync($"/api/incidents/{id}?at={before:yyyy-MM-ddTHH:mm:ss.fffZ}");
        Assert.Equal(JsonValueKind.Null, then.GetProperty("origin").ValueKind);
        Assert.Equal("orders", then.GetProperty("impact")[0].GetProperty("component").GetString());
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/incidents/{id}");
        request.Headers.Accept.Add(new("text/html"));
        using var read = await server.Http.SendAsync(request);
        Assert.Contains("Likely origin: db; Impact: orders (business).", await read.Content.ReadAsStringAsync());
        var timeline = await server.GetAsync($"/api/incidents/{id}/timeline");
        Assert.Contains("likely origin: db; above what fires: orders (business)", timeline.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("text").GetString()));
    }

    [Fact]
    public async Task What_is_new_since_the_acknowledgement_is_asked_for_on_its_own()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("DbDown");
        var id = await server.IncidentAsync();
        await server.PostAsync($"/api/incidents/{id}/acknowledge", new { by = "ann" });
        server.Time.Advance(TimeSpan.FromSeconds(30));
        await server.FireAsync("QueueFull");
        var since = await server.GetAsync($"/api/incidents/{id}?since=ack");
        Assert.Equal("QueueFull",
            Assert.Single(since.GetProperty("members").EnumerateArray()).GetProperty("labels").GetProperty("alertname").GetString());
        Assert.All(since.GetProperty("changes").EnumerateArray(), c =>
            Assert.Equal("QueueFull", c.GetProperty("labels").GetProperty("alertname").GetString()));
        Assert.NotEmpty(since.GetProperty("changes").EnumerateArray());
    }

    [Fact]
    public async Task News_after_an_acknowledgement_opens_the_incident_again_and_says_how_much_came()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("DbDown");
        var id = await server.IncidentAsync();
        await server.PostAsync($"/api/incidents/{id}/acknowledge", new { by = "ann" });
        server.Time.Advance(TimeSpan.FromSeconds(30));
        await server.FireAsync("QueueFull");
        var shown = await server.GetAsync($"/api/incidents/{id}");
        Assert.Equal(("open", 1, "ann"), (shown.GetProperty("state").GetString(), shown.GetProperty("news").GetInt32(), shown.GetProperty("acknowledgement").GetProperty("by").GetString()));
        Assert.Single((await server.GetAsync("/api/incidents?state=open")).GetProperty("items").EnumerateArray());
        Assert.Empty((await server.GetAsync("/api/incidents?state=acknowledged")).GetProperty("items").EnumerateArray());
        Assert.Equal(2, (await server.GetAsync("/api/summary")).GetProperty("service").GetProperty("unhandled").GetInt32());
        var (_, taken) = await server.PostAsync($"/api/incidents/{id}/acknowledge", new { by = "ann" });
        Assert.Equal(("acknowledged", 0), (taken.GetProperty("state").GetString(), taken.GetProperty("news").GetInt32()));
    }

    [Theory]
    [InlineData("{}", "by")]
    [InlineData("""{"by":"ann","until":"2020-01-01T00:00:00Z"}""", "until")]
    [InlineData("""{"by":"ann","awaiting":"lunch"}""", "awaiting")]
    [InlineData("""{"by":"ann","seen":99999}""", "seen")]
    public async Task A_bad_acknowledgement_is_refused_by_the_name_of_its_field(string json, string field)
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("DbDown");
        var (status, body) =
            await server.PostAsync(
                $"/api/incidents/{await server.IncidentAsync()}/acknowledge", JsonSerializer.Deserialize<JsonElement>(json));
        Assert.Equal((400, field), (status, body.GetProperty("field").GetString()));
    }

    [Fact]
    public async Task Resolving_names_the_members_still_firing_unless_it_is_forced()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("DbDown");
        var id = await server.IncidentAsync();
        var (status, body) = await server.PostAsync($"/api/incidents/{id}/resolve", new { });
        Assert.Equal(409, status);
        Assert.Equal("DbDown",
            Assert.Single(body.GetProperty("firing").EnumerateArray()).GetProperty("labels").GetProperty("alertname").GetString());
        (status, body) = await server.PostAsync($"/api/incidents/{id}/resolve", new { force = true, by = "ann" });
        Assert.Equal((200, "resolved"), (status, body.GetProperty("state").GetString()));
        Assert.Equal(409, (await server.PostAsync($"/api/incidents/{id}/acknowledge", new { by = "ann" })).Status);
    }

    [Fact]
    public async Task An_act_that_is_not_decided_in_time_is_503_and_one_on_nothing_is_404()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("DbDown");
        var id = await server.IncidentAsync();
        server.Decides = false;
        Assert.Equal(503, (await server.PostAsync($"/api/incidents/{id}/note", new { by = "ann", text = "hm" })).Status);
        Assert.Equal(404, (await server.PostAsync("/api/incidents/inc_none/note", new { by = "ann", text = "hm" })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync("/api/incidents/inc_none")).StatusCode);
    }

    [Fact]
    public async Task The_past_is_shown_as_it_was_and_outside_retention_it_is_gone()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("DbDown");
        var id = await server.IncidentAsync();
        var then = server.Time.GetUtcNow();
        server.Time.Advance(TimeSpan.FromMinutes(1));
        await server.FireAsync("ApiSlow");
        var before = await server.GetAsync($"/api/incidents/{id}?at={Text(then)}");
        Assert.Equal(1, before.GetProperty("alerts").GetProperty("firing").GetInt32());
        Assert.Equal(2, (await server.GetAsync($"/api/incidents/{id}")).GetProperty("alerts").GetProperty("firing").GetInt32());
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync($"/api/incidents/{id}?at={Text(then.AddHours(-1))}")).StatusCode);
        Assert.Equal(HttpStatusCode.Gone, (await server.Http.GetAsync($"/api/incidents/{id}?at=2001-01-01T00:00:00Z")).StatusCode);
        Assert.Equal(HttpStatusCode.Gone, (await server.Http.GetAsync($"/api/incidents/{id}/timeline?at=2001-01-01T00:00:00Z")).StatusCode);
    }

    [Fact]
    public async Task The_timeline_is_read_in_pages_and_says_in_words_what_happened()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("DbDown");
        await server.FireAsync("DbSlow");
        var id = await server.IncidentAsync();
        await server.PostAsync($"/api/incidents/{id}/note", new { by = "ann", text = "disk was full" });
        var version = (await server.GetAsync($"/api/incidents/{id}")).GetProperty("version").GetInt64();
        var versions = new List<long>();
        var words = new List<string>();
        for (var query = "?limit=2"; ;)
        {
            var page = await server.GetAsync($"/api/incidents/{id}/timeline{query}");
            versions.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("version").GetInt64()));
            words.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("text").GetString()!));
            if (page.GetProperty("next").GetString() is not { } next) break;
            query = $"?limit=2&cursor={next}";
        }
        Assert.Equal(Enumerable.Range(1, (int)version).Select(v => (long)v), versions);
        Assert.Contains("ann noted: disk was full", words);
        Assert.Contains(words, w => w.Contains("new-alert, critical; joined: same service shop as DbDown", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/api/incidents?limit=0")]
    [InlineData("/api/incidents?limit=1001")]
    [InlineData("/api/alerts?limit=many")]
    [InlineData("/api/alerts?state=angry")]
    [InlineData("/api/alerts?label=noColon")]
    [InlineData("/api/incidents?cursor=made-up")]
    [InlineData("/api/incidents?since=yesterday")]
    [InlineData("/api/pages?state=lost")]
    public async Task A_query_that_is_not_understood_is_400_problem_json(string path)
    {
        await using var server = await ApiServer.StartAsync();
        using var answer = await server.Http.GetAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task What_was_rejected_is_listed_and_taken_again_as_it_was_or_corrected()
    {
        await using var server = await ApiServer.StartAsync();
        await server.DecideAsync((number, at) => new Input.Delivery
        {
            Number = number, At = at, Source = "generic",
            Rejected = [new(1, "alerts[1].labels", "labels is missing; give an object of strings")],
        });
        var rejected = Assert.Single((await server.GetAsync("/api/rejected")).GetProperty("items").EnumerateArray());
        Assert.Equal("alerts[1].labels", rejected.GetProperty("field").GetString());
        var path = $"/api/rejected/{rejected.GetProperty("id").GetString()}/resubmit";
        Assert.Equal(200, (await server.PostAsync(path)).Status);
        Assert.Equal(200, (await server.PostAsync(path, new { labels = new { a = "b" } })).Status);
        Assert.Equal([("generic", """{"labels":{"alertname":"raw"}}"""), ("generic", """{"labels":{"a":"b"}}""")], server.Resubmitted);
        Assert.Equal(404, (await server.PostAsync("/api/rejected/rej_9_9/resubmit")).Status);
    }

    [Fact]
    public async Task Pages_are_listed_with_their_state_and_shown_with_the_body_that_goes_out()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("DbDown");
        var page = Assert.Single((await server.GetAsync("/api/pages?state=owed")).GetProperty("items").EnumerateArray());
        var id = page.GetProperty("id").GetString()!;
        Assert.Equal(id, (await server.GetAsync($"/api/pages/{id}")).GetProperty("body").GetProperty("id").GetString());
        Assert.Empty((await server.GetAsync("/api/pages?state=sent")).GetProperty("items").EnumerateArray());
        Assert.NotEmpty((await server.GetAsync("/api/unseen")).GetProperty("items").EnumerateArray());
        server.Views.Fold(new Dedupe.Log.OutcomeRecord(id, "ops", Dedupe.Log.PageState.Sent, ApiServer.Start, 1, "200 OK"));
        Assert.Empty((await server.GetAsync("/api/unseen")).GetProperty("items").EnumerateArray());
        Assert.Equal(200, (await server.PostAsync($"/api/pages/{id}/resend")).Status);
        Assert.Equal([id], server.Resent);
        Assert.Equal("printed",
            Assert.Single((await server.PostAsync("/api/page-test")).Body.GetProperty("items").EnumerateArray()).GetProperty("answer")
                .GetString());
        Assert.Equal(404, (await server.PostAsync("/api/page-test?pager=nobody")).Status);
    }

    [Fact]
    public async Task The_summary_counts_and_the_changes_list_what_people_did()
    {
        await using var server = await ApiServer.StartAsync();
        await server.FireAsync("DbDown");
        await server.DecideAsync((number, at) => new Input.Delivery
        {
            Number = number, At = at, Source = "changes", Changes = [new("c1", at, "deploy", "v7", ["shop"])],
        });
        var service = (await server.GetAsync("/api/summary")).GetProperty("service");
        Assert.Equal((1, 1), (service.GetProperty("critical").GetInt32(), service.GetProperty("unhandled").GetInt32()));
        Assert.Equal("v7", (await server.GetAsync("/api/changes")).GetProperty("items")[0].GetProperty("summary").GetString());
        Assert.Equal("shop",
            (await server.GetAsync("/api/alerts?state=firing")).GetProperty("items")[0].GetProperty("labels").GetProperty("service")
                .GetString());
    }

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString(UtcMilliseconds.Format, CultureInfo.InvariantCulture);
}
