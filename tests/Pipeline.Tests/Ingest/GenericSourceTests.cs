using System.Text;
using Dedupe.Vocabulary;
using Ingest;
using Xunit;
using static Pipeline.Tests.Ingest.Parsing;

namespace Pipeline.Tests.Ingest;

public sealed class GenericSourceTests
{
    private const string Good = """{"labels":{"alertname":"A","host":"h"}}""";

    [Fact]
    public void Every_field_is_read()
    {
        var alert = One("generic", """
            {"labels":{"alertname":"Mem","host":"mq-1","monitor":"m1"},"status":"firing","severity":"warning","summary":"89 % used","value":89.5,
             "startsAt":"2026-01-31T11:00:00+01:00","endsAt":"2026-01-31T12:00:01Z","url":"http://g/1"}
            """);
        Assert.Equal(LabelSet.Of(("alertname", "Mem"), ("host", "mq-1")), alert.Identity.Labels);
        Assert.Equal(["m1"], alert.Identity.Observers);
        Assert.Equal((AlertStatus.Firing, Severity.Warning, "89 % used", 89.5, "http://g/1"), (alert.Status, alert.Severity, alert.Summary, alert.Value, alert.Url));
        Assert.Equal(Now.AddHours(-2), alert.StartsAt);
        Assert.Equal(Now.AddSeconds(1), alert.EndsAt);
    }

    [Fact]
    public void Only_labels_are_required()
    {
        var alert = One("generic", Good);
        Assert.Equal((AlertStatus.Firing, Severity.Unknown, "", null), (alert.Status, alert.Severity, alert.Summary, alert.Value));
        Assert.Equal((null, null, null), (alert.StartsAt, alert.EndsAt, alert.Url));
    }

    [Theory]
    [InlineData("[" + Good + "," + Good + "]")]
    [InlineData("{\"alerts\":[" + Good + "," + Good + "]}")]
    public void An_array_and_an_envelope_hold_several(string body) => Assert.Equal(2, Parse("generic", body).Alerts.Count);

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"alerts":[]}""")]
    public void An_empty_array_is_no_problem_and_no_alert(string body)
    {
        var parsed = Parse("generic", body);
        Assert.Null(parsed.Problem);
        Assert.Empty(parsed.Alerts);
    }

    [Theory]
    [InlineData("\"P1\"", Severity.Critical)]
    [InlineData("\"weird\"", Severity.Unknown)]
    [InlineData("\"\"", Severity.Info)]
    [InlineData("\" \"", Severity.Info)]
    [InlineData("null", Severity.Info)]
    public void A_severity_field_that_says_anything_beats_the_label(string field, Severity severity) =>
        Assert.Equal(severity, One("generic", """{"labels":{"a":"b","severity":"info"},"severity":FIELD}""".Replace("FIELD", field, StringComparison.Ordinal)).Severity);

    [Theory]
    [InlineData("\"status\":\"resolved\"", AlertStatus.Resolved)]
    [InlineData("\"endsAt\":\"2026-01-31T12:00:00Z\"", AlertStatus.Resolved)]
    [InlineData("\"endsAt\":\"2026-01-31T12:00:00.001Z\"", AlertStatus.Firing)]
    [InlineData("\"endsAt\":\"0001-01-01T00:00:00Z\"", AlertStatus.Firing)]
    [InlineData("\"endsAt\":\"0001-01-01T00:00:00+02:00\"", AlertStatus.Firing)]
    [InlineData("\"endsAt\":\"9999-12-31T23:59:59-05:00\"", AlertStatus.Firing)]
    [InlineData("\"endsAt\":null", AlertStatus.Firing)]
    public void An_alert_ends_when_told_or_when_its_end_is_not_after_receipt(string field, AlertStatus status) =>
        Assert.Equal(status, One("generic", "{\"labels\":{\"a\":\"b\"}," + field + "}").Status);

    [Fact]
    public void The_year_9999_is_never() => Assert.Null(One("generic", """{"labels":{"a":"b"},"endsAt":"9999-12-31T23:59:59Z"}""").EndsAt);

    [Theory]
    [InlineData("\"startsAt\":\"0000-01-01T00:00:00Z\"", "startsAt")]
    [InlineData("\"startsAt\":\"9999-12-31T23:59:59Z\"", "startsAt")]
    [InlineData("\"endsAt\":\"yesterday\"", "endsAt")]
    [InlineData("\"endsAt\":\"2026-02-30T00:00:00Z\"", "endsAt")]
    [InlineData("\"startsAt\":12", "startsAt")]
    [InlineData("\"status\":\"odd\"", "status")]
    [InlineData("\"status\":{}", "status")]
    [InlineData("\"value\":\"high\"", "value")]
    [InlineData("\"summary\":{}", "summary")]
    [InlineData("\"summary\":\"\\ud800\"", "summary")]
    [InlineData("\"url\":[]", "url")]
    [InlineData("\"severity\":{}", "severity")]
    [InlineData("\"labels\":{\"a\":1}", "labels.a")]
    [InlineData("\"labels\":{\"a\":null}", "labels.a")]
    [InlineData("\"labels\":{\"a\":\"x\\u0000y\"}", "labels.a")]
    [InlineData("\"labels\":{\"a\":\"\\udc00\"}", "labels.a")]
    [InlineData("\"labels\":{\"\":\"x\"}", "labels")]
    [InlineData("\"labels\":{}", "labels")]
    [InlineData("\"labels\":{\"a\":\"\"}", "labels")]
    [InlineData("\"labels\":{\"severity\":\"critical\"}", "labels")]
    [InlineData("\"labels\":[]", "labels")]
    [InlineData("\"labels\":null", "labels")]
    public void A_bad_field_is_named(string field, string path) => Assert.Equal(path, Problem("generic", "{\"labels\":{\"a\":\"b\"}," + field + "}").Field);

    [Fact]
    public void The_good_alerts_of_an_array_count_and_the_others_are_named()
    {
        var parsed = Parse("generic", "{\"alerts\":[" + Good + """,7,{},{"labels":{"a":2}},""" + Good + "]}");
        Assert.Null(parsed.Problem);
        Assert.Equal(2, parsed.Alerts.Count);
        Assert.Equal([(1, "alerts[1]"), (2, "alerts[2].labels"), (3, "alerts[3].labels.a")], parsed.Rejected.Select(r => (r.Index, r.Field)));
    }

    [Fact]
    public void Without_a_good_alert_the_first_problem_stands_for_all()
    {
        var parsed = Parse("generic", """[{"labels":1},{}]""");
        Assert.Equal("[0].labels", parsed.Problem!.Field);
        Assert.Equal(2, parsed.Rejected.Count);
    }

    [Theory]
    [InlineData("", "body")]
    [InlineData("  \n", "body")]
    [InlineData("hello", "body")]
    [InlineData("7", "body")]
    [InlineData("\"labels\"", "body")]
    [InlineData("{\"labels\":{\"a\":\"b\"}", "body")]
    [InlineData("{\"labels\":{\"a\":\"b\"}} x", "body")]
    [InlineData("{\"alerts\":{}}", "alerts")]
    [InlineData("{\"alerts\":[{\"labels\":{\"host\":\"a\u0000b\"}}]}", "alerts[0].labels.host")]
    public void What_is_not_json_is_a_problem_with_its_place(string body, string field) => Assert.Equal(field, Problem("generic", body).Field);

    [Fact]
    public void Of_a_repeated_key_the_last_one_counts()
    {
        var alert = One("generic", """{"labels":{"x":1},"labels":{"a":"1","a":"2","replica":"r1","replica":"r2"},"severity":{},"severity":"info"}""");
        Assert.Equal(LabelSet.Of(("a", "2")), alert.Identity.Labels);
        Assert.Equal(["r2"], alert.Identity.Observers);
        Assert.Equal(Severity.Info, alert.Severity);
    }

    [Fact]
    public void Escaped_names_are_the_same_names() =>
        Assert.Equal(LabelSet.Of(("ab", "c\"d")), One("generic", """{"l\u0061bels":{"\u0061b":"c\"d"}}""").Identity.Labels);

    [Fact]
    public void Names_of_any_script_are_labels() =>
        Assert.Equal(LabelSet.Of(("сервис", "склад"), ("主机", "数据库"), ("emoji 🔥", "❤️")),
            One("generic", """{"labels":{"сервис":"склад","主机":"数据库","emoji 🔥":"❤️"}}""").Identity.Labels);

    [Fact]
    public void A_long_summary_is_cut_on_a_character()
    {
        var alert = One("generic", "{\"labels\":{\"a\":\"b\"},\"summary\":\"x" + new string('é', 3000) + "\"}");
        Assert.Equal("x" + new string('é', 2047), alert.Summary);
    }

    [Fact]
    public void A_nul_in_a_summary_is_replaced() => Assert.Equal("a\uFFFDb", One("generic", """{"labels":{"a":"b"},"summary":"a\u0000b"}""").Summary);

    [Fact]
    public void Bytes_that_are_not_utf8_reject_their_alert_by_field()
    {
        byte[] body = [.. "[{\"labels\":{\"a\":\"b\"}},{\"labels\":{\"a\":\"b"u8, 0xC3, 0x28, .. "\"}},{\"labels\":{\"a\":\"b\"},\"other\":{\"x\":[\""u8, 0xFF, .. "\"]}}]"u8];
        var parsed = Parse("generic", body);
        Assert.Single(parsed.Alerts);
        Assert.Equal(["[1].labels.a", "[2].other.x[0]"], parsed.Rejected.Select(r => r.Field));
    }

    [Fact]
    public void Bounds_reject_by_name()
    {
        var many = "{\"labels\":{" + string.Join(",", Enumerable.Range(0, 65).Select(i => $"\"l{i}\":\"v\"")) + "}}";
        Assert.Equal("labels", Problem("generic", many).Field);
        Assert.Equal("labels.a", Problem("generic", "{\"labels\":{\"a\":\"" + new string('x', 4097) + "\"}}").Field);
        Assert.Single(Parse("generic", "{\"labels\":{\"a\":\"" + new string('x', 4096) + "\"}}").Alerts);
        Assert.Contains("64 levels", Problem("generic", new string('[', 100_000)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void More_alerts_than_the_bound_are_too_large()
    {
        var parsed = Parse("generic", "[" + Good + "," + Good + "," + Good + "]", new IngestLimits { Alerts = 2 });
        Assert.True(parsed.TooLarge);
        Assert.Empty(parsed.Alerts);
    }

    [Fact]
    public void The_same_labels_read_under_other_limits_are_read_again()
    {
        Assert.Single(Parse("generic", Good).Alerts);
        Assert.Equal("labels", Problem("generic", Good, new IngestLimits { Labels = 1 }).Field);
        Assert.Single(Parse("generic", Good).Alerts);
    }

    [Fact]
    public void A_resent_alert_has_the_same_identity_and_texts_object()
    {
        var body = """{"labels":{"alertname":"Same","host":"h"},"summary":"one text"}""";
        var (first, second) = (One("generic", body), One("generic", body));
        Assert.Same(first.Identity, second.Identity);
        Assert.Same(first.Summary, second.Summary);
    }

    [Fact]
    public void A_byte_order_mark_is_skipped() => Assert.Single(Parse("generic", [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Good)]).Alerts);

    [Fact]
    public void An_unknown_source_names_the_known_ones() => Assert.Contains("generic", Problem("nonsense", Good).Problem, StringComparison.Ordinal);
}
