using System.IO.Pipelines;
using System.Text;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Pipeline.Replaying;
using Stores.Sqlite;
using Xunit;

namespace Pipeline.Tests.Replaying;

public sealed class LogExportTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_is_exported_replays_with_the_ids_it_had()
    {
        var lines = await ExportAsync(null, null, (log, scope) => log.AppendInputsAsync(
        [
            Input(scope, 1, 0, InputKind.Tick, ""),
            Delivery(scope, 2, 1, "a", """{"labels":{"alertname":"A"}}"""),
            Delivery(scope, 3, 2, "b", "{\"labels\":\n{\"alertname\":\"B\",\"host\":\"x\"}}"),
        ], default));
        Assert.Equal(4, lines.Length);
        var replayed = await Replays.OfAsync(lines);
        Assert.Equal(["opened", "opened"], replayed.Dispositions);
        // The id hashes the scope and the number of the input that opened it.
        var without = await Replays.OfAsync(lines[2..]);
        Assert.NotEqual(replayed.Text("incidents.jsonl"), without.Text("incidents.jsonl"));
        var fromSecond = await Replays.OfAsync([lines[0].Replace(":1}", ":2}", StringComparison.Ordinal), .. lines[2..]]);
        Assert.Equal(replayed.Text("incidents.jsonl"), fromSecond.Text("incidents.jsonl"));
    }

    [Fact]
    public async Task A_range_is_from_and_up_to_but_not_with_its_end()
    {
        var lines = await ExportAsync(Noon.AddSeconds(2), Noon.AddSeconds(4), (log, scope) => log.AppendInputsAsync(
            [.. Enumerable.Range(1, 5).Select(i => Delivery(scope, i, i, $"d{i}", $$$"""{"labels":{"alertname":"A{{{i}}}"}}"""))], default));
        Assert.Equal(3, lines.Length);
        Assert.Contains("\"A2\"", lines[1]);
        Assert.Contains("\"A3\"", lines[2]);
        Assert.Contains("\"default\":2", lines[0]);
    }

    [Fact]
    public async Task A_delivery_in_several_scopes_is_written_once()
    {
        var body = """[{"labels":{"alertname":"A","team":"a"}},{"labels":{"alertname":"B","team":"b"}}]""";
        var lines = await ExportAsync(null, null, async (log, _) =>
        {
            var (a, b) = (await log.ScopeAsync("a", default), await log.ScopeAsync("b", default));
            await log.AppendInputsAsync([Delivery(a, 1, 1, "same", body), Delivery(b, 1, 1, "same", body), Delivery(b, 2, 2, "other", body)], default);
        });
        Assert.Equal(["same", "other"], lines.Skip(1).Select(l => l.Contains("\"id\":\"same\"", StringComparison.Ordinal) ? "same" : "other"));
    }

    [Fact]
    public async Task Bytes_that_are_no_text_come_back_as_they_were()
    {
        var lines = await ExportAsync(null, null, (log, scope) => log.AppendInputsAsync(
            [new(scope, 1, Noon, InputKind.Delivery, Noon, "generic", "x", null, new byte[] { 0xFF, 0xFE, (byte)'{' })], default));
        Assert.Contains(Convert.ToBase64String([0xFF, 0xFE, (byte)'{']), lines[1]);
    }

    [Fact]
    public async Task An_input_that_was_set_aside_is_skipped_again_listed_and_keeps_its_number()
    {
        async ValueTask RecordAsync(ILog log, int scope, bool aside)
        {
            await log.AppendInputsAsync(
            [
                Delivery(scope, 1, 1, "a", """{"labels":{"alertname":"A"}}"""),
                Delivery(scope, 2, 2, "b", """[{"labels":{"alertname":"B"}},{"labels":{"alertname":"C"}}]"""),
                Input(scope, 3, 3, InputKind.Act, """{"act":"set-silence","silence":null}"""),
                Delivery(scope, 4, 4, "d", """{"labels":{"alertname":"D","host":"x"}}"""),
            ], default);
            if (!aside) return;
            var (second, third) = (new Decision.InputSetAside(2, "failed") { At = Noon.AddSeconds(2) }, new Decision.InputSetAside(3, "failed too") { At = Noon.AddSeconds(3) });
            await log.AppendDecisionsAsync(scope, 0, [DecisionCodec.Write(second, 1, 2), DecisionCodec.Write(third, 2, 3)], default);
        }

        var lines = await ExportAsync(null, null, (log, scope) => RecordAsync(log, scope, aside: true));
        var replayed = await Replays.OfAsync(lines);
        Assert.Equal(["opened", "rejected", "rejected", "opened"], replayed.Dispositions);
        Assert.Equal((2, "line 3: failed"), (replayed.Result.SetAside, replayed.Result.FirstSetAside));
        Assert.Equal((2, 2), (replayed.Result.Summary.Incidents, replayed.Result.Rejected));
        // What stands behind it has the id it had: ids hash the number of the input.
        var alone = await Replays.OfAsync("""{"at":"2026-01-31T12:00:04.000Z","numbers":{"default":4}}""", lines[4]);
        Assert.Equal(alone.Rows[0].Split(',')[3], replayed.Rows[3].Split(',')[3]);
        // Not marked, the same act stops a replay: it is a bug of ours, and no replay may hide one.
        var unmarked = await ExportAsync(null, null, (log, scope) => RecordAsync(log, scope, aside: false));
        await Assert.ThrowsAsync<NullReferenceException>(() => Replays.OfAsync(unmarked));
    }

    [Fact]
    public async Task A_delivery_that_was_recorded_twice_is_known_again_by_its_sender_s_key()
    {
        var firing = """{"labels":{"alertname":"A"}}""";
        var lines = await ExportAsync(null, null, (log, scope) => log.AppendInputsAsync(
        [
            Delivery(scope, 1, 1, "a", firing) with { Key = "k" },
            Delivery(scope, 2, 2, "b", """{"labels":{"alertname":"A"},"status":"resolved"}"""),
            Delivery(scope, 3, 3, "c", firing) with { Key = "k" },
        ], default));
        Assert.Equal(["opened", "resolved", "repeat"], (await Replays.OfAsync(lines)).Dispositions);
    }

    [Fact]
    public async Task A_delivery_set_aside_in_one_scope_is_decided_in_the_other()
    {
        var body = """[{"labels":{"alertname":"A","team":"a"}},{"labels":{"alertname":"B","team":"b"}}]""";
        var lines = await ExportAsync(null, null, async (log, _) =>
        {
            var (a, b) = (await log.ScopeAsync("a", default), await log.ScopeAsync("b", default));
            await log.AppendInputsAsync([Delivery(a, 1, 1, "same", body), Delivery(b, 1, 1, "same", body)], default);
            await log.AppendDecisionsAsync(b, 0, [DecisionCodec.Write(new Decision.InputSetAside(1, "failed") { At = Noon }, 1, 1)], default);
        }, scopeLabel: "team");
        // The export says which label tells the scopes apart: whoever replays it has no configuration of ours.
        Assert.Equal(["opened", "rejected"], (await Replays.OfAsync(lines)).Dispositions);
    }

    [Fact]
    public async Task What_was_handed_on_to_default_is_written_with_its_delivery_and_is_default_s_again()
    {
        var body = """[{"labels":{"alertname":"A","team":"a"}},{"labels":{"alertname":"B","team":"beyond"}},{"labels":{"alertname":"C"}}]""";
        var lines = await ExportAsync(null, null, async (log, all) =>
        {
            var a = await log.ScopeAsync("a", default);
            await log.AppendInputsAsync([Delivery(a, 1, 1, "1", body), Delivery(all, 1, 2, "1", body), Delivery(all, 2, 3, "1~beyond", body), Delivery(all, 3, 4, "2~other", """{"labels":{"alertname":"B","team":"beyond"}}""")], default);
        }, scopeLabel: "team");
        Assert.Equal(3, lines.Length);
        var incidents = (await Replays.OfAsync(lines)).Rows.Select(r => r.Split(',')[3]).ToList();
        Assert.Equal(["opened", "opened", "opened", "repeat"], (await Replays.OfAsync(lines)).Dispositions);
        Assert.Equal(incidents[1], incidents[3]);
        Assert.Contains("\"id\":\"2\"", lines[2]);
    }

    [Fact]
    public async Task A_range_begins_with_the_rules_that_were_in_force()
    {
        var rules = RuleSet.Default with { Pagers = [new("night", LabelSet.Empty)] };
        var lines = await ExportAsync(Noon.AddSeconds(3), null, async (log, scope) =>
        {
            await log.AppendInputsAsync(
            [
                Input(scope, 1, 0, InputKind.Rules, Encoding.UTF8.GetString(DecisionCodec.Write(rules))),
                Delivery(scope, 2, 1, "a", """{"labels":{"alertname":"A"}}"""),
                Delivery(scope, 3, 5, "b", """{"labels":{"alertname":"B"}}"""),
            ], default);
            await log.AppendDecisionsAsync(scope, 0, [DecisionCodec.Write(new Decision.RulesAdopted("h", "1") { At = Noon }, 1, 1)], default);
        });
        Assert.Contains("\"rules\"", lines[0]);
        Assert.Contains("\"default\":3", lines[1]);
        Assert.Contains("\"pager\":\"night\"", (await Replays.OfAsync(lines)).Text("pages.jsonl"));
    }

    private static async Task<string[]> ExportAsync(DateTimeOffset? from, DateTimeOffset? to, Func<ILog, int, ValueTask> record, string? scopeLabel = null)
    {
        var folder = Directory.CreateTempSubdirectory("export");
        try
        {
            await using var log = await SqliteLog.OpenAsync(folder.FullName);
            await record(log, await log.ScopeAsync("default", default));
            using var bytes = new MemoryStream();
            var writer = PipeWriter.Create(bytes, new(leaveOpen: true));
            await (await LogExport.OpenAsync(log, from, to, scopeLabel, withPaged: false, default)).WriteAsync(writer, default);
            await writer.CompleteAsync();
            return Encoding.UTF8.GetString(bytes.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static InputRecord Delivery(int scope, long number, double seconds, string id, string body) =>
        Input(scope, number, seconds, InputKind.Delivery, body) with { Source = "generic", Id = id };

    private static InputRecord Input(int scope, long number, double seconds, InputKind kind, string body) =>
        new(scope, number, Noon.AddSeconds(seconds), kind, Noon.AddSeconds(seconds), "", "", null, Encoding.UTF8.GetBytes(body));
}
