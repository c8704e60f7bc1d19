using System.Text;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using global::Stores.EventStore;
using Ingest;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Hosting;
using Pipeline.Tests.Counterparts;
using Xunit;

namespace Pipeline.Tests.Stores.EventStore;

/// <summary>The whole pipeline on EventStoreDB's protocol, while answers are lost and processes come and go.</summary>
public sealed class EventStorePipelineTests : OnFakeEventStore
{
    [Fact]
    public async Task What_is_accepted_while_answers_are_lost_is_recorded_once_and_decided_as_a_replay_decides()
    {
        const int Lives = 3, Deliveries = 12;
        var (accepted, refused) = (new List<string>(), new List<string>());
        for (var life = 0; life < Lives; life++)
        {
            // The installation closes the log that it is given.
            await using var installation = new Installation(
                new(), await EventStoreLog.OpenAsync(server.Address, Cancel), shadow: true, TimeProvider.System, TextWriter.Null, NullLogger.Instance);
            await installation.StartAsync(Cancel);
            for (var i = 0; i < Deliveries; i++)
            {
                if (i % 4 == 1) Faults.LoseAnswer("pipeline-inputs-1");
                if (i == 2) Faults.LoseAnswer("pipeline-decisions-1");
                var body = $$$"""{"labels":{"alertname":"Alert{{{life}}}x{{{i}}}"}}""";
                var answer = await installation.ResubmitAsync("generic", Encoding.UTF8.GetBytes(body), Cancel);
                (answer.Status == 200 ? accepted : refused).Add(body);
            }
            // What was recorded and answered with an error is decided too.
            await Wait.ForAsync("everything decided", async () => await log.PositionAsync(scope, Cancel) is { } at && at.LastDecision > 0
                && (await log.ReadInputsAsync(scope, at.LastDecided + 1, Cancel).ToListAsync(Cancel)).TrueForAll(i => i.Kind == InputKind.Tick) ? at : null, () => "");
        }

        Assert.Equal((Lives * Deliveries * 3 / 4, Lives * Deliveries / 4), (accepted.Count, refused.Count));
        var inputs = await log.ReadInputsAsync(scope, 1, Cancel).ToListAsync(Cancel);
        Assert.Equal(
            accepted.Concat(refused).Order(StringComparer.Ordinal),
            inputs.Where(i => i.Kind == InputKind.Delivery).Select(i => Encoding.UTF8.GetString(i.Body.Span)).Order(StringComparer.Ordinal));
        var decider = new Decider("default", RuleSet.Default, Topology.None);
        var reader = new InputReader("default", new IngestLimits());
        var replayed = inputs.SelectMany(i => decider.Decide(reader.Read(i)).Select(d => DecisionCodec.Write(d, 0, i.Number))).Select(Line).ToList();
        var recorded = (await log.ReadDecisionsAsync(scope, 1, Cancel).ToListAsync(Cancel)).Select(Line).ToList();
        Assert.Equal(replayed.Take(recorded.Count), recorded);
    }

    private static string Line(DecisionRecord decision) => $"{decision.Input} {decision.Type} {Encoding.UTF8.GetString(decision.Data.Span)}";
}
