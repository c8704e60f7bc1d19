using System.Text.Json;
using Pipeline.Cli;
using Pipeline.Tests.Replaying;
using Xunit;

namespace Pipeline.Tests.Tuning;

/// <summary><c>tune</c> from the command line, on small outages of its own.</summary>
public sealed class TuneCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("tune").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Fewer_pages_with_no_less_news_are_suggested_and_nothing_is_changed()
    {
        var rules = Write("rules.yaml", "page.gather: 0s\n");
        var (code, output, error) = await RunAsync("tune", Outage("a.jsonl"), "--labels", Labels(), "--rules", rules, "--points", "30", "--out", Path.Combine(folder, "out"));
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("30 sets of rules tried on", output, StringComparison.Ordinal);
        Assert.Contains("3 of 3", output, StringComparison.Ordinal);
        Assert.Contains("page.gather: ", output, StringComparison.Ordinal);
        Assert.Equal("page.gather: 0s\n", File.ReadAllText(rules));
        var names = Directory.GetFiles(Path.Combine(folder, "out")).Select(Path.GetFileName).ToList();
        Assert.Contains("tune.svg", names);
        Assert.Equal(30, File.ReadAllLines(Path.Combine(folder, "out", "points.jsonl")).Length);
        // What is written can be put to use as it is.
        foreach (var point in names.Where(n => n!.EndsWith(".yaml", StringComparison.Ordinal)))
            Assert.Equal(0, (await RunAsync("check", Path.Combine(folder, "out", point!))).Code);
    }

    [Fact]
    public async Task The_same_points_come_out_however_many_run_at_once_and_programs_can_read_them()
    {
        string[] arguments = ["tune", Outage("a.jsonl"), Outage("b.jsonl", shift: 7), "--labels", Labels(), "--points", "20", "--json"];
        var (code, output, _) = await RunAsync(arguments);
        Assert.Equal(0, code);
        Assert.Equal(output, (await RunAsync(arguments)).Output);
        var json = JsonElement.Parse(output);
        Assert.Equal(20, json.GetProperty("points").GetArrayLength());
        Assert.True(json.GetProperty("points")[0].GetProperty("running").GetBoolean());
        Assert.Equal(6, json.GetProperty("points")[0].GetProperty("news").GetInt32());
        Assert.Equal(2, json.GetProperty("leftOut").GetArrayLength());
        Assert.Equal(1, json.GetProperty("points").EnumerateArray().Count(p => p.GetProperty("suggested").GetBoolean()));
    }

    [Fact]
    public async Task A_point_is_what_a_replay_under_its_rules_comes_to()
    {
        var (outage, labels) = (Outage("a.jsonl"), Labels());
        var points = JsonElement.Parse((await RunAsync("tune", outage, "--labels", labels, "--points", "15", "--json")).Output).GetProperty("points");
        foreach (var point in points.EnumerateArray().Take(8))
        {
            var rules = Write("point.yaml", string.Concat(point.GetProperty("settings").EnumerateObject().Select(s => $"{s.Name}: {s.Value}\n")));
            var replayed = JsonElement.Parse((await RunAsync("replay", outage, "--labels", labels, "--rules", rules, "--json")).Output);
            Assert.Equal(point.GetProperty("pages").GetInt32(), replayed.GetProperty("pages").GetInt32());
            Assert.Equal(point.GetProperty("named").GetInt32(), replayed.GetProperty("news").GetProperty("named").GetInt32());
        }
    }

    [Fact]
    public async Task Labels_that_lie_elsewhere_in_time_are_bad_input()
    {
        var (code, _, error) = await RunAsync("tune", Outage("a.jsonl"), "--labels", Write("far.csv", "name,from\nit,2020-01-01T00:00:00Z\n"), "--points", "3");
        Assert.Equal(2, code);
        Assert.Contains("no label lies in the time of any file", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_says_which_news_each_side_misses()
    {
        var (outage, labels) = (Outage("a.jsonl"), Labels());
        var late = Write("late.yaml", "page.latest: 1h\npage.gather: 20m\n");
        var written = Path.Combine(folder, "diff");
        var (code, output, _) = await RunAsync("replay", outage, "--labels", labels, "--against", late, "--out", written);
        Assert.Equal(0, code);
        Assert.Contains("news here:  3 of 3 named", output, StringComparison.Ordinal);
        Assert.Contains("news there: 1 of 3 named", output, StringComparison.Ordinal);
        Assert.Matches(@"there\s+01-31 12:05:00\s+the second", output);
        Assert.Matches(@"\d+ moved \(.*earlier", output);
        var rows = File.ReadAllLines(Path.Combine(written, "news.jsonl")).Select(l => JsonElement.Parse(l)).ToList();
        Assert.Equal([true, true, true], rows.Select(r => r.GetProperty("here").GetProperty("named").GetBoolean()));
        Assert.Equal([true, false, false], rows.Select(r => r.GetProperty("there").GetProperty("named").GetBoolean()));
    }

    /// <summary>Something breaks, then something else every few seconds, and at 5 and 10 minutes what matters.</summary>
    private string Outage(string name, int shift = 0) => Write(name, string.Join('\n',
    [
        .. Enumerable.Range(0, 80).Select(i => Replays.Line((i * 9) + shift, $$"""{"alertname":"N{{i}}","host":"web-1"}""")).Append(Replays.Line(300 + shift, """{"alertname":"Memory","host":"db-1","team":"x"}"""))
            .Append(Replays.Line(600 + shift, """{"alertname":"Queue","host":"web-1"}""")).Append(Replays.Line(3000, """{"alertname":"N79","host":"web-1"}""")).Order(StringComparer.Ordinal),
    ]));

    private string Labels() => Write("labels.csv", "name,from,to,alertname\nthe first,2026-01-31T12:00:00Z,,N0\nthe second,2026-01-31T12:05:00Z,,N3*\nthe third,2026-01-31T12:10:00Z,,Queue\n");

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await Entry.RunAsync(args, output, error, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
