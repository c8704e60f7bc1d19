using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Pipeline.Hosting;
using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Pagers;
using Pipeline.Tests.Stores;
using Xunit;

namespace Pipeline.Tests.Faults;

/// <summary>An installation replays its own log: of the built server, while it runs and when it is stopped.</summary>
[Trait("needs", "server")]
public sealed class OwnLogTests : IAsyncDisposable
{
    private const int Members = 12;

    private readonly TemporaryFolder folder = new();
    private readonly HttpClient http = new();
    private ListeningPager pager = null!;
    private ServedProcess? server;

    private string Data => Path.Combine(folder.Path, "data");

    [Fact]
    public async Task Replayed_against_what_was_recorded_the_same_is_paged_over_acts_and_a_restart()
    {
        await StartAsync();
        await StormThroughARestartAsync();
        var sent = pager.Requests.Select(r => r.Text).Order(StringComparer.Ordinal).ToArray();

        var export = await Product.RunAsync("export", "--data", Data);
        Assert.Equal(0, export.Code);
        Assert.Contains($"asking {server!.Url}".TrimEnd('/'), export.Error, StringComparison.Ordinal);
        var kinds = export.Lines.Select(l => JsonSerializer.Deserialize<JsonElement>(l)).ToList();
        foreach (var kind in new[] { "rules", "act", "blind", "tick", "source" }) Assert.Contains(kinds, l => l.TryGetProperty(kind, out _));

        // While it runs, through its address; what it replays are the pages that went out, byte for byte.
        var live = await ReplayAsync("--url", server.Url.ToString(), "--from", "1d", "--against", "recorded");
        Assert.Equal((0, 0, 0), Differences(live.Diff[0]));
        Assert.Equal(kinds[0].GetProperty("at").GetString(), live.Diff[0].GetProperty("warmFrom").GetString());
        Assert.Single(live.Diff);
        Assert.Equal(sent, live.Pages.Order(StringComparer.Ordinal));

        // From the second life on, the first is history: nothing that was known already is opened or paged again.
        var blind = kinds.First(l => l.TryGetProperty("blind", out _)).GetProperty("at").GetString()!;
        var later = await ReplayAsync("--data", Data, "--from", blind, "--against", "recorded");
        Assert.Equal((0, 0, 0), Differences(later.Diff[0]));
        Assert.InRange(later.Diff[0].GetProperty("same").GetInt32(), 1, live.Diff[0].GetProperty("same").GetInt32() - 1);
        Assert.Equal(kinds[0].GetProperty("at").GetString(), later.Diff[0].GetProperty("warmFrom").GetString());

        // Other rules: where to gather takes longer, what was gathered moves; the opening does not wait and stays.
        var slow = Path.Combine(folder.Path, "slow.yaml");
        await File.WriteAllTextAsync(slow, $"page.gather: 20s\n{Config(pager.Url)}");
        var other = await ReplayAsync("--data", Data, "--from", "1d", "--rules", slow, "--against", "recorded");
        var moved = other.Diff.Skip(1).Where(d => d.GetProperty("diff").GetString() == "moved").ToList();
        Assert.Contains(moved, d => d.GetProperty("reason").GetString() == "new-alert" && d.GetProperty("movedSeconds").GetDouble() > 1
            && d.GetProperty("labels").GetProperty("instance").GetString() == "node-100");
        Assert.DoesNotContain(other.Diff.Skip(1), d => d.GetProperty("reason").GetString() == "opened");

        // Stopped, the folder gives the same; a file of it replays to the same pages.
        await server.TerminateAsync();
        var stopped = await ReplayAsync("--data", Data, "--from", "1d", "--against", "recorded");
        Assert.Equal((0, 0, 0), Differences(stopped.Diff[0]));
        Assert.Equal(live.Pages, stopped.Pages);
        var file = Path.Combine(folder.Path, "own.jsonl");
        await File.WriteAllTextAsync(file, export.Out);
        Assert.Equal(sent, (await ReplayAsync(file)).Pages.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Half_an_answer_is_an_error_and_not_a_short_log()
    {
        await StartAsync();
        // More than the connection's buffers hold, so that the server is killed in the middle of it.
        var filler = new string('x', 3_000_000);
        for (var i = 0; i < 20; i++) await PostAsync("/ingest/generic", $$$"""{"labels":{"alertname":"A{{{i}}}"},"ignored":"{{{filler}}}"}""");
        using var answer = await http.GetAsync($"{server!.Url}api/export", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType!.MediaType);
        Assert.True(int.Parse(answer.Headers.GetValues("Pipeline-Inputs").Single(), System.Globalization.CultureInfo.InvariantCulture) >= 20);
        // What is written from now on is not in it.
        await PostAsync("/ingest/generic", """{"labels":{"alertname":"Later"}}""");
        using (var whole = await http.GetAsync($"{server.Url}api/export")) Assert.Contains("\"Later\"", await whole.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using (var begun = new StreamReader(await answer.Content.ReadAsStreamAsync())) Assert.DoesNotContain("\"Later\"", await begun.ReadToEndAsync(), StringComparison.Ordinal);

        using var broken = await http.GetAsync($"{server.Url}api/export", HttpCompletionOption.ResponseHeadersRead);
        await server.KillAsync();
        await using var body = await broken.Content.ReadAsStreamAsync();
        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null));
    }

    [Fact]
    public async Task An_act_that_was_set_aside_is_skipped_by_a_replay_of_the_log_and_listed()
    {
        await using var poisoned = await Restartable.StartAsync();
        await poisoned.PostAsync("/ingest/generic", Restartable.Alert("Before"));
        await poisoned.Installation.ActAsync(null, new Dedupe.Deciding.Act.SetSilence(null!), CancellationToken.None);
        await poisoned.PostAsync("/ingest/generic", Restartable.Alert("After"));
        await poisoned.AlertAsync("After");
        var replayed = await Product.RunAsync("replay", "--from", "1d", "--url", poisoned.Http.BaseAddress!.ToString(), "--against", "recorded");
        Assert.Equal((0, ""), (replayed.Code, replayed.Error));
        var said = string.Join(' ', replayed.Out.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("set aside 1 input", said, StringComparison.Ordinal);
        Assert.Contains("the decider failed on it twice", said, StringComparison.Ordinal);
        Assert.Contains("0 only here, 0 only there, 0 moved", said, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null) await server.DisposeAsync();
        if (pager is not null) await pager.DisposeAsync();
        http.Dispose();
        folder.Dispose();
    }

    private static string Config(Uri url) => $"incident.settle: 1s\npagers: [{{name: ops, type: webhook, url: \"{url}\"}}]\n";

    private async Task StartAsync()
    {
        pager ??= await ListeningPager.StartAsync();
        var config = Path.Combine(folder.Path, "pipeline.yaml");
        await File.WriteAllTextAsync(config, $"page.gather: 1s\n{Config(pager.Url)}");
        server = await ServedProcess.StartAsync(Data, config);
    }

    private async Task StormThroughARestartAsync()
    {
        for (var round = 0; round < 5; round++) await SendAsync([.. Enumerable.Range(0, Members).Select(i => Alert(i))]);
        var opened = JsonSerializer.Deserialize<JsonElement>((await pager.WaitForAsync(1))[0].Body);
        var incident = opened.GetProperty("incident").GetProperty("id").GetString();
        await PostAsync($"/api/incidents/{incident}/acknowledge", """{"by":"ann","note":"a restart is pending"}""");
        await SendAsync(Alert(100));
        await NamedAsync("node-100");
        var end = TimeProvider.System.GetUtcNow().AddHours(1).ToString("O");
        await PostAsync("/api/v2/silences", $$"""
            {"matchers":[{"name":"instance","value":"node-3","isRegex":false,"isEqual":true}],"startsAt":"{{TimeProvider.System.GetUtcNow():O}}","endsAt":"{{end}}","createdBy":"ann","comment":"known"}
            """);
        await SendAsync(Alert(3, "critical"), Alert(4, "critical"));
        await NamedAsync("node-4", "severity-rose");
        await server!.TerminateAsync();
        var stopped = TimeProvider.System.GetUtcNow();
        // So long nobody was heard that it counts as blind.
        await Wait.ForAsync("a blind period", () => Task.FromResult(TimeProvider.System.GetUtcNow() - stopped > global::Pipeline.Hosting.Deciding.BlindFrom ? "" : null), () => "");
        await StartAsync();
        await SendAsync([.. Enumerable.Range(0, Members).Select(i => Alert(i))]);
        await SendAsync(Alert(101));
        await NamedAsync("node-101");
        await SendAsync([.. Enumerable.Range(0, Members).Append(100).Append(101).Select(i => Alert(i, status: "resolved"))]);
        await pager.WaitForAsync(1, r => r.Text.Contains("\"kind\":\"resolved\"", StringComparison.Ordinal));
    }

    private async Task NamedAsync(string instance, string reason = "new-alert") => await pager.WaitForAsync(
        1, r => r.Text.Contains($"\"{instance}\"", StringComparison.Ordinal) && r.Text.Contains($"\"{reason}\"", StringComparison.Ordinal));

    private Task SendAsync(params string[] alerts) => PostAsync("/ingest/generic", $"[{string.Join(',', alerts)}]");

    private async Task PostAsync(string path, string body)
    {
        using var answer = await http.PostAsync(new Uri(server!.Url, path), new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.True(answer.IsSuccessStatusCode, $"{path} answered {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private static string Alert(int member, string severity = "warning", string status = "firing") =>
        $$$"""{"labels":{"alertname":"Stuck","service":"queue","instance":"node-{{{member}}}"},"severity":"{{{severity}}}","status":"{{{status}}}"}""";

    private async Task<(JsonElement[] Diff, string[] Pages)> ReplayAsync(params string[] arguments)
    {
        var output = Path.Combine(folder.Path, "out");
        var run = await Product.RunAsync(["replay", .. arguments, "--out", output, "--json"]);
        Assert.True(run.Code == 0, $"{run.Code}: {run.Error}");
        var diff = Path.Combine(output, "diff.jsonl");
        return (
            File.Exists(diff) ? [.. (await File.ReadAllLinesAsync(diff)).Select(l => JsonSerializer.Deserialize<JsonElement>(l))] : [],
            await File.ReadAllLinesAsync(Path.Combine(output, "pages.jsonl")));
    }

    private static (int, int, int) Differences(JsonElement head) =>
        (head.GetProperty("onlyHere").GetInt32(), head.GetProperty("onlyThere").GetInt32(), head.GetProperty("moved").GetInt32());
}
