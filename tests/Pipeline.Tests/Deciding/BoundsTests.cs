using Dedupe.Deciding;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Xunit;

namespace Pipeline.Tests.Deciding;

/// <summary>State is bounded, whatever comes in.</summary>
public sealed class BoundsTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Names_are_forgotten_with_the_last_identity_that_has_them()
    {
        var few = SizeAfter(names: 2_000);
        var many = SizeAfter(names: 8_000);
        // Both remember at most 100 identities; what is left of the others must not grow with them.
        Assert.InRange(many, 0, few + (few / 4));
    }

    /// <summary>Bytes of the state after so many alerts under so many names, all of one incident that stays open, each acknowledged as seen.</summary>
    private static int SizeAfter(int names)
    {
        var rules = RuleSet.Default with { Identity = new() { Max = 100 } };
        var identities = new Identities(rules.Identity);
        var decider = new Decider("default", rules, Topology.None);
        IncidentId? incident = null;
        for (var i = 1; i <= names; i++)
        {
            var identity = identities.Read([new("alertname", $"Name{i}"), new("host", "db-1"), new("component", $"c{i}")]);
            var at = Start.AddSeconds(i);
            var made = decider.Decide(new Input.Delivery { Number = (2 * i) - 1, At = at, Source = "generic", Alerts = [new() { Identity = identity, Severity = Severity.Critical }] });
            incident ??= made.OfType<Decision.IncidentOpened>().First().Incident;
            decider.Decide(new Input.Acted(new Act.Acknowledge(incident.Value, "kim")) { Number = 2 * i, At = at });
        }
        decider.Decide(new Input.Tick { Number = (2 * names) + 1, At = Start.AddSeconds(names + 30) });
        return decider.Save().Length;
    }
}
