using System.IO.Compression;
using System.Text;
using Pipeline.Config;
using Pipeline.Replaying;
using Xunit;

namespace Pipeline.Tests.Replaying;

public sealed class ReplayEngineTests
{
    private static readonly string[] Storm =
    [
        .. Enumerable.Range(0, 3_000).Select(i => Replays.Line(i * 0.1, $$"""{"alertname":"A{{i % 7}}","host":"web{{i % 3}}"}""")),
    ];

    [Fact]
    public async Task The_same_input_gives_the_same_bytes()
    {
        var first = await Replays.OfAsync(Storm);
        var second = await Replays.OfAsync(Storm);
        foreach (var file in first.Files.Keys.Where(f => f != "summary.json")) Assert.Equal(first.Files[file], second.Files[file]);
        Assert.Equal(["alerts.csv", "changes.jsonl", "incidents.jsonl", "pages.jsonl", "summary.json"], first.Files.Keys.Order());
        Assert.Equal(3_000, first.Rows.Length);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("site")]
    public async Task A_heartbeat_is_a_repeat_of_no_incident_and_its_absence_a_change_of_no_line(string? scopeLabel)
    {
        var settings = Reading.OfText("heartbeats: [{name: eu, match: {alertname: Watchdog, site: eu}, every: 1m}]", "x").Settings;
        var lines = Enumerable.Range(0, 5).Select(i => Replays.Line(i * 60, """{"alertname":"Watchdog","site":"eu"}"""))
            .Append(Replays.Line(3_600, """{"alertname":"Other","site":"us"}"""));
        var replay = await Replays.OfAsync(settings with { Scope = settings.Scope with { Label = scopeLabel } }, [.. lines]);
        Assert.All(replay.Rows.Take(5), row => Assert.EndsWith(",,repeat", row, StringComparison.Ordinal));
        var changes = replay.Text("changes.jsonl").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, changes.Length);
        Assert.StartsWith($$"""{"at":"{{Replays.Time(420)}}","line":null,"incident":"inc_""", changes[0], StringComparison.Ordinal);
        Assert.Contains("\"reason\":\"went-silent\"", changes[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gzipped_input_is_read_as_it_is()
    {
        var plain = Encoding.UTF8.GetBytes(string.Join('\n', Storm));
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(plain);
        var unpacked = await Replays.OfAsync(p => p, Replays.Input(plain));
        var gzipped = await Replays.OfAsync(p => p, Replays.Input(packed.ToArray()));
        Assert.Equal(unpacked.Files["alerts.csv"], gzipped.Files["alerts.csv"]);
        Assert.Equal(unpacked.Files["pages.jsonl"], gzipped.Files["pages.jsonl"]);
    }

    [Fact]
    public async Task A_gzipped_input_of_several_members_is_whole_and_one_that_is_cut_off_anywhere_is_refused()
    {
        using var packed = new MemoryStream();
        foreach (var part in Storm.Chunk(1_100))
        {
            using var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true);
            gzip.Write(Encoding.UTF8.GetBytes(string.Join('\n', part) + "\n"));
        }
        Assert.Equal((await Replays.OfAsync(Storm)).Files["alerts.csv"], (await Replays.OfAsync(p => p, Replays.Input(packed.ToArray()))).Files["alerts.csv"]);
        var all = packed.ToArray();
        foreach (var less in new[] { 1, 4, 7, 8, 9, 20, 300, all.Length / 5 })
        {
            var refused = await Assert.ThrowsAsync<ReplayInputException>(() => Replays.OfAsync(p => p, Replays.Input(all[..^less])));
            Assert.StartsWith("lines: cannot be read: ", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Several_inputs_are_one_after_another_with_lines_numbered_on()
    {
        var whole = await Replays.OfAsync(Storm);
        var parts = await Replays.OfAsync(
            p => p,
            [.. Storm.Chunk(1_100).Select(part => Replays.Input(Encoding.UTF8.GetBytes(string.Join('\n', part))))]);
        Assert.Equal(whole.Files["alerts.csv"], parts.Files["alerts.csv"]);
        Assert.Equal(whole.Files["changes.jsonl"], parts.Files["changes.jsonl"]);
    }

    [Fact]
    public async Task How_the_bytes_come_in_changes_nothing()
    {
        var bytes = Encoding.UTF8.GetBytes(string.Join("\r\n", Storm) + "\r\n");
        var whole = await Replays.OfAsync(Storm);
        var dripped = await Replays.OfAsync(p => p, new ReplayInput("drip", 0, () => new DrippingStream(bytes, 777)));
        Assert.Equal(whole.Files["alerts.csv"], dripped.Files["alerts.csv"]);
        Assert.Equal(whole.Files["incidents.jsonl"], dripped.Files["incidents.jsonl"]);
    }

    [Fact]
    public async Task A_line_longer_than_a_block_is_one_line()
    {
        var summary = new string('x', 700_000);
        var replayed = await Replays.OfAsync(
            Replays.Line(0, """{"alertname":"A"}"""), Replays.Line(1, """{"alertname":"A"}""", $",\"summary\":\"{summary}\""), Replays.Line(2, """{"alertname":"A"}"""));
        Assert.Equal(["1", "2", "3"], replayed.Rows.Select(r => r.Split(',')[0]));
        Assert.Equal("repeat", replayed.Dispositions[2]);
    }

    [Fact]
    public async Task A_bad_line_is_a_rejected_row_and_stops_nothing()
    {
        var replayed = await Replays.OfAsync(
            Replays.Line(0, """{"alertname":"A"}"""),
            "not json",
            """{"receivedAt":"2026-01-31T12:00:01Z","source":"generic"}""",
            """{"receivedAt":"2026-01-31T12:00:01Z","source":"no such","body":{}}""",
            """{"receivedAt":"yesterday","source":"generic","body":{"labels":{"alertname":"A"}}}""",
            """{"receivedAt":"9999-01-31T12:00:01Z","source":"generic","body":{"labels":{"alertname":"A"}}}""",
            """{"receivedAt":"2026-01-31T12:00:01Z","source":"generic","body":{"labels":{"alertname":"A"}}} trailing""",
            "[]",
            "",
            "{\"receivedAt\":\"2026-01-31T12:00:02Z\",\"source\":\"generic\",\"body\":\"\\ud800\"}",
            Replays.Line(3, """{"alertname":"A"}"""));
        Assert.Equal(["opened", .. Enumerable.Repeat("rejected", 8), "repeat"], replayed.Dispositions);
        Assert.Equal(["1", "2", "3", "4", "5", "6", "7", "8", "10", "11"], replayed.Rows.Select(r => r.Split(',')[0]));
        Assert.Equal("2,2026-01-31T12:00:00.000Z,,,rejected", replayed.Rows[1]);
        Assert.Equal(8, replayed.Result.Rejected);
        Assert.Contains("line 2", replayed.Result.FirstProblem);
    }

    [Fact]
    public async Task Good_alerts_of_a_half_good_delivery_keep_their_place_among_the_rejected()
    {
        var replayed = await Replays.OfAsync(
            $$$"""{"receivedAt":"{{{Replays.Time(0)}}}","source":"generic","body":[{"labels":{"alertname":"A"}},{"labels":7},{"labels":{"alertname":"A"}}]}""");
        Assert.Equal("rejected", replayed.Dispositions[1]);
        Assert.Equal(3, replayed.Rows.Length);
        Assert.DoesNotContain("rejected", new[] { replayed.Dispositions[0], replayed.Dispositions[2] });
    }

    [Fact]
    public async Task No_understood_line_at_all_is_bad_input()
    {
        var failure = await Assert.ThrowsAsync<ReplayInputException>(() => Replays.OfAsync("one", "two"));
        Assert.Contains("line 1", failure.Message);
        await Assert.ThrowsAsync<ReplayInputException>(() => Replays.OfAsync(""));
    }

    [Fact]
    public void A_missing_file_is_bad_input() => Assert.Throws<ReplayInputException>(() => ReplayInput.File("/no/such/file.jsonl"));

    [Fact]
    public async Task A_torn_gzip_file_is_bad_input()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(Encoding.UTF8.GetBytes(string.Join('\n', Storm)));
        var torn = packed.ToArray();
        torn.AsSpan(torn.Length / 2, 200).Fill(0xEE);
        await Assert.ThrowsAsync<ReplayInputException>(() => Replays.OfAsync(p => p, Replays.Input(torn)));
    }

    [Fact]
    public async Task A_line_out_of_order_is_taken_at_the_time_of_the_line_before()
    {
        var replayed = await Replays.OfAsync(
            Replays.Line(100, """{"alertname":"A","host":"x"}"""), Replays.Line(40, """{"alertname":"B","site":"elsewhere"}"""), Replays.Line(101, """{"alertname":"A","host":"x"}"""));
        Assert.Equal(3, replayed.Rows.Length);
        Assert.DoesNotContain("rejected", replayed.Dispositions);
        Assert.All(replayed.Text("changes.jsonl").Split('\n', StringSplitOptions.RemoveEmptyEntries), change => Assert.Contains(Replays.Time(100), change));
    }

    [Fact]
    public async Task At_is_preferred_to_receivedAt()
    {
        var replayed = await Replays.OfAsync(
            Replays.Line(10, """{"alertname":"A"}""").Replace("{\"receivedAt\"", $"{{\"at\":\"{Replays.Time(50)}\",\"receivedAt\"", StringComparison.Ordinal));
        Assert.Contains($"\"at\":\"{Replays.Time(50)}\"", replayed.Text("changes.jsonl"));
        Assert.StartsWith($"1,{Replays.Time(10)},", replayed.Rows[0]);
    }

    [Fact]
    public async Task A_body_in_a_string_is_the_same_body()
    {
        var plain = await Replays.OfAsync(Replays.Line(0, """{"alertname":"Ä \"quoted\""}"""));
        var quoted = await Replays.OfAsync(
            $$$"""{"receivedAt":"{{{Replays.Time(0)}}}","source":"generic","body":"{\"labels\":{\"alertname\":\"\u00c4 \\\"quoted\\\"\"}}"}""");
        Assert.Equal(plain.Files["alerts.csv"], quoted.Files["alerts.csv"]);
    }

    [Fact]
    public async Task A_scope_label_decides_each_value_apart()
    {
        var settings = new Settings { Scope = new() { Label = "team", Max = 3 } };
        string[] lines =
        [
            Replays.Line(0, """{"alertname":"Disk","host":"db","team":"a"}"""),
            Replays.Line(0, """{"alertname":"Disk full","host":"db","team":"b"}"""),
            Replays.Line(1, """{"alertname":"Memory","host":"db"}"""),
        ];
        var apart = await Replays.OfAsync(settings, lines);
        var together = await Replays.OfAsync(lines);
        Assert.Equal(3, apart.Result.Summary.Incidents);
        Assert.Equal(1, together.Result.Summary.Incidents);
    }

    [Fact]
    public async Task A_delivery_for_several_scopes_has_its_rows_in_the_body_s_order()
    {
        var settings = new Settings { Scope = new() { Label = "team" } };
        var body = string.Join(',', Enumerable.Range(0, 9).Select(i => $$$"""{"labels":{"alertname":"A{{{i}}}","team":"t{{{i % 3}}}"}}"""));
        var line = $$"""{"receivedAt":"{{Replays.Time(0)}}","source":"generic","body":[{{body}}]}""";
        var apart = await Replays.OfAsync(settings, line);
        var together = await Replays.OfAsync(line);
        Assert.Equal(together.Rows.Select(r => r.Split(',')[2]), apart.Rows.Select(r => r.Split(',')[2]));
        Assert.Equal(3, apart.Result.Summary.Incidents);
    }

    private sealed class DrippingStream(byte[] bytes, int drop) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, drop)], cancellationToken);
    }
}
