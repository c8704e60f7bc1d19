using Dedupe.Deciding;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Projections;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>What one more identity costs. Whoever adds to it raises a bound here, and knows that there are 100,000 of them (decision record 0005).</summary>
public sealed class MemoryTests
{
    /// <summary>The first thousands learn partners, up to a bound of their own: what is counted is what one more takes.</summary>
    private const int Few = 5_000, Many = 7_500;

    /// <summary>Of the decider, and with the views: its labels and texts included, and the room that tables keep free.</summary>
    private const int MostDecided = 1_500, MostTogether = 2_100;

    [Fact]
    public void An_identity_that_fires_and_is_sent_again_takes_no_more_than_it_says()
    {
        var identity = typeof(Decider).Assembly.GetType("Dedupe.Deciding.IdentityState", throwOnError: true)!;
        Assert.InRange(Reachable.OfOne(identity), 1, (int)identity.GetField("MostBytes")!.GetRawConstantValue()!);
    }

    [Fact]
    public void The_decider_and_the_views_hold_one_more_identity_in_few_bytes()
    {
        var (few, many) = (Held(Few), Held(Many));
        var (decided, together) = ((many.Decider - few.Decider) / (Many - Few), (many.Together - few.Together) / (Many - Few));
        Assert.True(decided <= MostDecided && together <= MostTogether, $"{decided} bytes an identity in the decider, {together} with the views");
    }

    private static (long Decider, long Together) Held(int identities)
    {
        var (decider, views) = (new Decider("default", RuleSet.Default, Topology.None), new Views());
        var read = new Identities(RuleSet.Default.Identity);
        var version = 0L;
        for (var round = 0; round < 2; round++)
            for (var from = 0; from < identities; from += 100)
            {
                var alerts = Enumerable.Range(from, 100).Select(i => new Alert
                {
                    Identity = read.Read([new("alertname", "NodeUnreachable"), new("cluster", "eu-1"), new("instance", $"node-{i:00000}.eu-1.example:9100"), new("job", "node")]),
                    Severity = Severity.Warning, Summary = $"node-{i:00000} does not answer its health check",
                }).ToList();
                var input = new Input.Delivery { Number = decider.LastInput + 1, At = Story.Began.AddSeconds((round * 60) + (from / 1000.0)), Source = "generic", Alerts = alerts };
                foreach (var decision in decider.Decide(input).ToList()) views.Fold(1, DecisionCodec.Write(decision, ++version, input.Number), decision);
            }
        return (Reachable.Bytes(decider), Reachable.Bytes(new object[] { decider, views }));
    }
}
