using Dedupe.Deciding;
using Dedupe.Rules;
using Dedupe.Vocabulary;

namespace Pipeline.Tests.Deciding;

/// <summary>Given, when, then over one decider: times are seconds since the story began.</summary>
internal sealed class Story
{
    public static readonly DateTimeOffset Began = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private Identities identities;
    private readonly Decider decider;
    private long number;
    private DateTimeOffset now = Began;

    public Story(RuleSet? rules = null, Topology? topology = null)
    {
        rules ??= RuleSet.Default;
        identities = new(rules.Identity);
        decider = new("default", rules, topology ?? Topology.None);
    }

    public List<Decision> Decisions { get; } = [];

    public IEnumerable<Decision.ChangeSurfaced> Surfaced => Decisions.OfType<Decision.ChangeSurfaced>();

    public IEnumerable<Reason> Reasons => Surfaced.Select(c => c.Reason);

    public IEnumerable<Decision.PageDecided> Pages => Decisions.OfType<Decision.PageDecided>();

    public IReadOnlyList<Disposition> Last => [.. decider.Outcomes.ToArray().Select(o => o.Disposition)];

    public IncidentId Incident => Decisions.OfType<Decision.IncidentOpened>().Last().Incident;

    /// <summary>A story with some history: it is not the log's first day any more.</summary>
    public static Story WithHistory(RuleSet? rules = null)
    {
        var story = new Story(rules);
        story.At(-3 * 86_400).Fire("Old", ("host", "elsewhere"), ("site", "moon")).Resolve("Old", ("host", "elsewhere"), ("site", "moon"));
        return story.At(0).Forget();
    }

    /// <summary>What was decided so far does not matter any more.</summary>
    public Story Forget()
    {
        Decisions.Clear();
        return this;
    }

    public Story At(double seconds)
    {
        now = Began + TimeSpan.FromSeconds(seconds);
        return Input(new Input.Tick { Number = ++number, At = now });
    }

    public Story Fire(string name, params (string, string)[] labels) => Deliver(Alert(name, labels));

    public Story Fire(string name, string severity, params (string, string)[] labels) => Deliver(Alert(name, [.. labels, ("severity", severity)]));

    public Story Resolve(string name, params (string, string)[] labels) => Deliver(Alert(name, labels) with { Status = AlertStatus.Resolved });

    public Story Deliver(params Alert[] alerts) =>
        Input(new Input.Delivery { Number = ++number, At = now, Source = "generic", Alerts = alerts });

    /// <summary>A line of a log.</summary>
    public Story Log(string service, string message)
    {
        var identity = identities.Read([new("alertname", "LogError"), new("service", service)]);
        return Input(new Input.Delivery
        {
            Number = ++number, At = now, Source = "logs",
            Alerts = [new() { Identity = identity, Severity = Severity.Critical, Summary = message, LogMessage = message }],
        });
    }

    public Story Act(Act act) => Input(new Input.Acted(act) { Number = ++number, At = now });

    public Story Pager(string name, bool failing) => Input(new Input.PagerReported(name, failing, "503 Service Unavailable") { Number = ++number, At = now });

    public Story Change(string kind, string summary) => Change(new(summary, now, kind, summary, []));

    public Story Change(Change change) => Input(new Input.Delivery { Number = ++number, At = now, Source = "changes", Changes = [change] });

    /// <summary>Other rules come into force, as when the configuration is changed.</summary>
    public Story Under(RuleSet rules)
    {
        identities = new(rules.Identity);
        return Input(new Input.RulesInForce(rules) { Number = ++number, At = now });
    }

    public Story Declare(Topology topology) => Input(new Input.TopologyInForce(topology) { Number = ++number, At = now });

    /// <summary>Time passes unheard; that is the first thing recorded after it.</summary>
    public Story BlindUntil(double seconds, double from)
    {
        now = Began + TimeSpan.FromSeconds(seconds);
        return Input(new Input.Blind(Began + TimeSpan.FromSeconds(from), now) { Number = ++number, At = now });
    }

    public Story Silence(string id, double untilSeconds, params LabelMatcher[] matchers) =>
        Act(new Act.SetSilence(new(id, matchers, now, Began + TimeSpan.FromSeconds(untilSeconds), "kim", "maintenance", now)));

    public Alert Alert(string name, params (string, string)[] labels)
    {
        var identity = identities.Read([new("alertname", name), .. labels.Select(l => KeyValuePair.Create(l.Item1, l.Item2))]);
        return new() { Identity = identity, Severity = identity.LabelSeverity, Value = identity.LabelValue };
    }

    /// <summary>What is learned by now to fire together.</summary>
    public LearnedEdges Learned() => decider.Learned();

    /// <summary>The same after a restart from a snapshot.</summary>
    public LearnedEdges LearnedAfterARestart()
    {
        var restored = new Decider("default", RuleSet.Default, Topology.None);
        restored.Restore(decider.Save());
        return restored.Learned();
    }

    /// <summary>The end of a replay.</summary>
    public Story Flush()
    {
        Decisions.AddRange(decider.Flush());
        return this;
    }

    private Story Input(Input input)
    {
        Decisions.AddRange(decider.Decide(input));
        return this;
    }
}
