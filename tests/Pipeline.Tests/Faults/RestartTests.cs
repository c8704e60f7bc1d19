using Dedupe.Deciding;
using Pipeline.Tests.Api;
using Pipeline.Tests.Counterparts;
using Xunit;

namespace Pipeline.Tests.Faults;

/// <summary>What a stop must not undo and a start must not do twice, through the real server.</summary>
[Trait("needs", "server")]
public sealed class RestartTests
{
    [Fact]
    public async Task The_same_key_is_one_observation_and_with_another_body_an_error_also_after_a_restart()
    {
        await using var server = await Restartable.StartAsync();
        await KeyedAsync(Restartable.Alert("Keyed"), (200, 0));
        await KeyedAsync(Restartable.Alert("Keyed"), (200, 1));
        Assert.Equal(422, (await server.PostAsync("/ingest/generic", Restartable.Alert("Other"), ("Idempotency-Key", "k1"))).Status);
        await server.StopAsync();
        await server.StartAsync();
        await KeyedAsync(Restartable.Alert("Keyed"), (200, 1));
        var (status, problem) = await server.PostAsync("/ingest/generic", Restartable.Alert("Other"), ("Idempotency-Key", "k1"));
        Assert.Equal((422, "Idempotency-Key"), (status, problem.GetProperty("field").GetString()));
        Assert.Equal(0, (await server.AlertAsync("Keyed")).Json.GetProperty("repeats").GetInt32());
        Assert.Empty(await server.ListAsync("/api/alerts?label=alertname:Other"));
        // The same key of another source is another key.
        Assert.Equal(200, (await server.PostAsync("/api/v2/alerts", $"[{Restartable.Alert("Other")}]", ("Idempotency-Key", "k1"))).Status);

        async Task KeyedAsync(string body, (int Status, int Copies) expected)
        {
            var (status, answer) = await server.PostAsync("/ingest/generic", body, ("Idempotency-Key", "k1"));
            Assert.Equal((expected.Status, 1, expected.Copies), (status, answer.GetProperty("accepted").GetInt32(), answer.GetProperty("duplicatesOfDelivery").GetInt32()));
        }
    }

    [Fact]
    public async Task Copies_that_race_are_recorded_once()
    {
        await using var server = await Restartable.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => server.PostAsync("/ingest/generic", Restartable.Alert("Raced"), ("Idempotency-Key", "r"))));
        Assert.All(answers, a => Assert.Equal(200, a.Status));
        Assert.Equal(49, answers.Count(a => a.Body.GetProperty("duplicatesOfDelivery").GetInt32() == 1));
        await server.AlertAsync("Raced");
        await server.StopAsync();
        var decided = await LogCheck.LiveEqualsReplayAsync(server.Folder);
        Assert.Single(decided.Select(d => d.Input).OfType<Input.Delivery>().DistinctBy(d => d.Number));
    }

    [Fact]
    public async Task What_is_learned_and_where_an_incident_began_are_shown_after_a_restart_as_before()
    {
        var time = new ManualTime(ApiServer.Start);
        await using var server = await Restartable.StartAsync("topology: {components: [{name: web, partOf: shop, dependsOn: [db]}, {name: db}, {name: shop, level: business}]}", time: time);
        for (var episode = 0; episode < 3; episode++)
        {
            time.Advance(TimeSpan.FromHours(2));
            await server.PostAsync("/ingest/changes", $$"""{"id":"d-{{episode}}","kind":"deploy","summary":"db","services":["db"]}""");
            foreach (var name in (string[])["web", "db", "mail"]) await SayAsync(name, "firing");
            if (episode == 2) break;
            time.Advance(TimeSpan.FromMinutes(5));
            foreach (var name in (string[])["web", "db", "mail"]) await SayAsync(name, "resolved");
        }
        var before = await Wait.ForAsync("all of it being decided", async () => await ShownAsync() is var shown && shown.Contains("\"between\":[\"mail\",\"web\"]", StringComparison.Ordinal) ? shown : null, () => "");
        foreach (var part in (string[])["\"between\":[\"db\",\"web\"]", "\"declared\":true", "\"declared\":false", "\"origin\":\"db\"", "{\"level\":\"business\",\"component\":\"shop\"}", "\"change\":\"d-2\""])
            Assert.Contains(part, before, StringComparison.Ordinal);
        await server.StopAsync();
        await server.StartAsync();
        Assert.Equal(before, await ShownAsync());

        async Task SayAsync(string service, string status) => Assert.Equal(200, (await server.PostAsync(
            "/ingest/generic", $$$"""{"labels":{"alertname":"Down","service":"{{{service}}}"},"severity":"critical","status":"{{{status}}}"}""")).Status);

        async Task<string> ShownAsync()
        {
            // What deciders are asked is answered behind what came before it.
            var topology = await server.Http.GetStringAsync("/api/topology");
            var incidents = (await server.ListAsync("/api/incidents")).SelectMany(i => (string[])["id", "origin", "impact", "suspects"], (i, name) => $"\"{name}\":{i.GetProperty(name).GetRawText()}");
            return string.Join('\n', incidents.Prepend(topology));
        }
    }

    [Fact]
    public async Task A_wrong_or_missing_token_is_refused_and_nothing_of_it_recorded()
    {
        await using var server = await Restartable.StartAsync("auth: {ingest: [in-token], api: [api-token]}");
        foreach (var headers in new (string, string)[][] { [], [("Authorization", "Bearer wrong")], [("Authorization", "Bearer api-token")], [("Authorization", "Basic in-token")] })
            Assert.Equal(401, (await server.PostAsync("/ingest/generic", Restartable.Alert("Refused"), headers)).Status);
        Assert.Equal(401, (await server.PostAsync("/v2/enqueue", PagerDuty("wrong"))).Status);
        Assert.Equal(401, (int)(await server.Http.GetAsync("/api/alerts")).StatusCode);

        Assert.Equal(200, (await server.PostAsync("/ingest/generic", Restartable.Alert("Taken"), ("Authorization", "Bearer in-token"))).Status);
        Assert.Equal(202, (await server.PostAsync("/v2/enqueue", PagerDuty("in-token"))).Status);
        server.Http.DefaultRequestHeaders.Authorization = new("Bearer", "api-token");
        await server.AlertAsync("Taken");
        Assert.Empty(await server.ListAsync("/api/alerts?label=alertname:Refused"));
        Assert.Equal(200, (int)(await server.Http.GetAsync("/healthz")).StatusCode);

        static string PagerDuty(string key) =>
            $$$"""{"routing_key":"{{{key}}}","event_action":"trigger","dedup_key":"d","payload":{"summary":"s","source":"db-1","severity":"error"}}""";
    }

    [Fact]
    public async Task A_repeat_just_before_a_stop_is_counted_once()
    {
        await using var server = await Restartable.StartAsync();
        for (var i = 0; i < 3; i++) await server.PostAsync("/ingest/generic", Restartable.Alert("Again"));
        // Stopped before the repeats are counted: only the snapshot and the inputs know of them.
        await server.StopAsync();
        await server.StartAsync();
        await server.AlertAsync("Again", a => a.GetProperty("repeats").GetInt32() > 0);
        await server.StopAsync();
        var counted = (await LogCheck.LiveEqualsReplayAsync(server.Folder)).Select(d => d.Decision).OfType<Decision.RepeatsCounted>();
        Assert.Equal(2, counted.SelectMany(c => c.Items).Sum(i => i.Count));
    }

    [Fact]
    public async Task An_input_that_cannot_be_decided_is_set_aside_and_what_comes_behind_it_is_decided()
    {
        await using var server = await Restartable.StartAsync();
        await server.PostAsync("/ingest/generic", Restartable.Alert("Before"));
        // No route lets an act without its silence through: it stands for any input that meets a bug of ours.
        var poison = server.Installation.ActAsync(null, new Act.SetSilence(null!), CancellationToken.None);
        var behind = Enumerable.Range(0, 20).Select(i => server.PostAsync("/ingest/generic", Restartable.Alert($"Behind{i}"))).ToList();
        Assert.True(await poison, "the act was not dealt with");
        Assert.All(await Task.WhenAll(behind), a => Assert.Equal(200, a.Status));
        for (var i = 0; i < 20; i++) await server.AlertAsync($"Behind{i}");
        var aside = Assert.Single(await server.ListAsync("/api/rejected"));
        Assert.Contains("failed on it twice", aside.GetProperty("problem").GetString(), StringComparison.Ordinal);

        await server.StopAsync();
        var decided = await LogCheck.LiveEqualsReplayAsync(server.Folder);
        Assert.Single(decided, d => d.Decision is Decision.InputSetAside);
        Assert.Equal(21, decided.Count(d => d.Decision is Decision.AlertDecided));
        await server.StartAsync();
        await server.PostAsync("/ingest/generic", Restartable.Alert("After"));
        await server.AlertAsync("After");
        Assert.Single(await server.ListAsync("/api/rejected"));
    }
}
