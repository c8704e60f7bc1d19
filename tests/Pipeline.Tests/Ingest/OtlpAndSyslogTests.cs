using System.Text;
using Dedupe.Vocabulary;
using Google.Protobuf;
using Ingest;
using Xunit;
using static Pipeline.Tests.Ingest.Parsing;

namespace Pipeline.Tests.Ingest;

/// <summary>Log lines as OpenTelemetry and syslog bring them.</summary>
public sealed class OtlpAndSyslogTests
{
    private const string Request = """
        {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},{"key":"service.instance.id","value":{"stringValue":"7"}}]},
          "scopeLogs":[{"scope":{"name":"x"},"logRecords":[
            {"timeUnixNano":"1769857200000000000","severityNumber":17,"severityText":"ERROR","body":{"stringValue":"no thread for order 4711"},"traceId":"5B8EFFF798038103D269B633813FC60C"},
            {"timeUnixNano":"1769857200000000000","severityNumber":9,"body":{"stringValue":"order 4712 done"}},
            {"severityNumber":21,"body":{"stringValue":"cannot place the order"},"attributes":[{"key":"exception.type","value":{"stringValue":"IllegalStateException"}},{"key":"exception.message","value":{"stringValue":"no stock"}}]},
            {"severityNumber":17}]}]}]}
        """;

    private static void AssertTaken(Parsed parsed)
    {
        Assert.Equal([false, true, false], parsed.Alerts.Select(a => a.TrainsOnly));
        Assert.All(parsed.Alerts, a => Assert.Equal(LabelSet.Of(("alertname", "LogError"), ("service", "shop")), a.Identity.Labels));
        Assert.Equal(("no thread for order 4711", Severity.Critical, Now.AddHours(-1)), (parsed.Alerts[0].LogMessage, parsed.Alerts[0].Severity, parsed.Alerts[0].StartsAt));
        Assert.Equal("cannot place the order\nIllegalStateException: no stock", parsed.Alerts[2].Summary);
        var rejected = Assert.Single(parsed.Rejected);
        Assert.Equal((3, "logRecords[3].body"), (rejected.Index, rejected.Field));
    }

    [Fact]
    public void A_request_in_JSON_is_read_record_by_record() => AssertTaken(Parse("otlp", Request));

    [Fact]
    public void The_same_in_protobuf_is_the_same() => AssertTaken(Parse("otlp", Encode()));

    [Fact]
    public void What_is_neither_is_refused() => Assert.Equal("body", Parse("otlp", "\u0001\u0002nonsense").Problem!.Field);

    /// <summary>By hand, with the published field numbers: the reader is not tried with its own writer.</summary>
    private static byte[] Encode()
    {
        static byte[] Message(params (int Field, object Value)[] fields)
        {
            using var stream = new MemoryStream();
            using var to = new CodedOutputStream(stream, leaveOpen: true);
            foreach (var (field, value) in fields)
                switch (value)
                {
                    case ulong number: to.WriteTag(field, WireFormat.WireType.Fixed64); to.WriteFixed64(number); break;
                    case int number: to.WriteTag(field, WireFormat.WireType.Varint); to.WriteInt32(number); break;
                    case string text: to.WriteTag(field, WireFormat.WireType.LengthDelimited); to.WriteString(text); break;
                    case byte[] inner: to.WriteTag(field, WireFormat.WireType.LengthDelimited); to.WriteBytes(ByteString.CopyFrom(inner)); break;
                }
            to.Flush();
            return stream.ToArray();
        }

        static byte[] Pair(string key, string value) => Message((1, key), (2, Message((1, value))));
        return Message((1, Message(
            (1, Message((1, Pair("service.name", "shop")), (1, Pair("service.instance.id", "7")))),
            (2, Message(
                (1, Message((1, "x"))),
                (2, Message((1, 1769857200000000000UL), (2, 17), (3, "ERROR"), (5, Message((1, "no thread for order 4711"))), (9, new byte[16]))),
                (2, Message((1, 1769857200000000000UL), (2, 9), (5, Message((1, "order 4712 done"))))),
                (2, Message((2, 21), (5, Message((1, "cannot place the order"))), (6, Pair("exception.type", "IllegalStateException")), (6, Pair("exception.message", "no stock")))),
                (2, Message((2, 17))))))));
    }

    [Theory]
    [InlineData("<11>1 2026-01-31T11:00:00Z web-1 shop 4711 ID47 - no thread for order 4711")]
    [InlineData("<11>1 2026-01-31T11:00:00Z web-1 shop 4711 ID47 [x@1 a=\"b\\]c\"][y@1 k=\"v\"] no thread for order 4711")]
    [InlineData("<11>Jan 31 11:00:00 web-1 shop[4711]: no thread for order 4711")]
    [InlineData("<3>shop: no thread for order 4711")]
    public void A_syslog_message_of_either_form_is_a_log_line(string line)
    {
        var alert = Assert.Single(Parse("syslog", Encoding.UTF8.GetBytes(line)).Alerts);
        Assert.Equal(("no thread for order 4711", "shop", Severity.Critical, false), (alert.LogMessage, alert.Identity.Labels["service"], alert.Severity, alert.TrainsOnly));
    }

    [Fact]
    public void Lines_and_counted_messages_may_stand_in_one_body_and_what_is_below_error_only_trains()
    {
        const string counted = "<11>1 - - shop - - - two\nlines";
        var parsed = Parse("syslog", Encoding.UTF8.GetBytes($"<14>Jan 31 11:00:00 web-1 shop: fine\n{counted.Length} {counted}<12>shop: slow\r\n\nno priority at all\n"));
        Assert.Equal(["fine", "two\nlines", "slow", "no priority at all"], parsed.Alerts.Select(a => a.Summary));
        Assert.Equal([true, false, true, true], parsed.Alerts.Select(a => a.TrainsOnly));
    }
}
