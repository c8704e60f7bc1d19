using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Ingest;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Hosting;
using Xunit;

namespace Pipeline.Tests.Faults;

/// <summary>Recovery from a log whose oldest inputs are past retention.</summary>
public sealed class TrimmedLogTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_was_decided_of_a_dropped_delivery_is_not_taken_for_the_next_one_s()
    {
        InputRecord[] inputs = [.. Enumerable.Range(1, 3).Select(Delivery)];
        var (decider, reader) = (new Decider("default", RuleSet.Default, Topology.None), new InputReader("default", new IngestLimits()));
        var decisions = inputs.SelectMany(i => decider.Decide(reader.Read(i)).Select(d => (Decision: d, i.Number)).ToList())
            .Select((d, at) => DecisionCodec.Write(d.Decision, at + 1, d.Number)).ToList();
        // The last input decided has a decision of its own, so that recovery reads up to it.
        decisions.Add(DecisionCodec.Write(new Decision.SilenceEnded("none") { At = Start.AddSeconds(3) }, decisions.Count + 1, 3));

        var log = new RecordedLog(inputs[1..], decisions);
        var (recovered, _, _) = await new Recovery(log, reader, NullLogger.Instance).RunAsync(1, "default", CancellationToken.None);
        var later = recovered.Decide(new Input.Tick { Number = 4, At = Start.AddMinutes(1) });
        Assert.Equal(2, Assert.Single(Assert.Single(later.OfType<Decision.RepeatsCounted>()).Items).Count);
    }

    private static InputRecord Delivery(int number) => new(
        1, number, Start.AddSeconds(number), InputKind.Delivery, Start.AddSeconds(number), "generic", $"d{number}", null,
        """{"labels":{"alertname":"HostDown","host":"db-1"}}"""u8.ToArray());
}
