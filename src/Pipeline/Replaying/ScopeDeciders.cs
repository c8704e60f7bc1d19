using Dedupe.Deciding;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Pipeline.Config;

namespace Pipeline.Replaying;

/// <summary>The deciders, one a scope, and which alert goes to which. Scopes are taken in the order in which they first appear.</summary>
internal sealed class ScopeDeciders(Settings settings, Action<string, Decision, long?> decided)
{
    private const string Default = ScopeRules.Default;

    private readonly List<Scope> scopes = [];
    private readonly List<int> indexes = [];
    private AlertOutcome[] outcomes = [];
    private string? label = settings.Scope.Label;
    private RuleSet rules = settings.Rules;
    private Topology topology = settings.Topology;

    /// <summary>Whose alerts were whose, where the recorded rules say so.</summary>
    private ScopeRules? recorded;

    /// <summary>The recorded numbers have named every scope there was: what is of none of them was beyond the bound.</summary>
    private bool areAll;

    /// <summary>Decides a delivery in every scope that it concerns; an outcome an alert, in the delivery's order.</summary>
    public ReadOnlySpan<AlertOutcome> Decide(in ReplayEntry entry, DateTimeOffset at)
    {
        var parsed = entry.Parsed!;
        if (Label is null)
        {
            var only = Named(Default);
            Decide(only, Delivery(entry, only, at, parsed.Alerts, parsed.Rejected), entry.SetAside, entry.Line);
            return Skips(only, entry.SetAside) ? Skipped(parsed.Alerts.Count) : only.Decider.Outcomes;
        }
        FireDue(at);
        if (outcomes.Length < parsed.Alerts.Count) outcomes = new AlertOutcome[parsed.Alerts.Count];
        foreach (var alert in parsed.Alerts) Of(alert).Alerts.Add(alert);
        if (scopes.Count == 0) Named(Default);
        IReadOnlyList<RejectedPart> rejected = parsed.Rejected;
        foreach (var scope in scopes)
        {
            if (scope.Alerts.Count == 0 && parsed.Changes.Count == 0) continue;
            Decide(scope, Delivery(entry, scope, at, scope.Alerts, rejected), entry.SetAside, entry.Line);
            rejected = [];
            indexes.Clear();
            for (var i = 0; i < parsed.Alerts.Count; i++)
                if (Of(parsed.Alerts[i]) == scope) indexes.Add(i);
            var own = Skips(scope, entry.SetAside) ? Skipped(indexes.Count) : scope.Decider.Outcomes;
            for (var i = 0; i < own.Length; i++) outcomes[indexes[i]] = own[i];
            scope.Alerts = [];
        }
        return outcomes.AsSpan(0, parsed.Alerts.Count);
    }

    /// <summary>Decides another input: in its own scope where it names one, else in every scope.</summary>
    /// <param name="setAside">The scopes in which it could not be decided when it was recorded: it is skipped there again.</param>
    public void Decide(Input input, string? only, Dictionary<string, string>? setAside, DateTimeOffset at)
    {
        if (input is Input.RulesInForce { Rules: var adopted })
        {
            rules = adopted;
            if (only == Default && adopted.Scope is { Label: not null, Apart: not null }) recorded = adopted.Scope;
        }
        if (input is Input.TopologyInForce { Topology: var known }) topology = known;
        FireDue(at);
        if (only is not null || scopes.Count == 0) Named(only ?? Default);
        foreach (var scope in scopes)
            if (only is null || scope.Name == only) Decide(scope, input with { Number = ++scope.Number, At = at }, setAside, line: null);
    }

    /// <summary>The numbers that the next inputs had when they were recorded, and the label that named their scopes.</summary>
    public void Continue(IReadOnlyList<KeyValuePair<string, long>> next, string? scopeLabel)
    {
        label ??= scopeLabel;
        var all = areAll;
        areAll = false;
        foreach (var (name, number) in next) Named(name).Number = number - 1;
        areAll = all || (scopeLabel is not null && scopeLabel == label);
    }

    public void Flush()
    {
        foreach (var scope in scopes) Report(scope, scope.Decider.Flush(), line: null);
    }

    /// <summary>Fires what is due in any scope, earliest first, so that results are in order of time across scopes.</summary>
    /// <remarks>One scope alone does this itself, where nothing can go to another. A tick of ours takes no number: it was never recorded.</remarks>
    private void FireDue(DateTimeOffset until)
    {
        while (scopes.Count > (Label is null ? 1 : 0))
        {
            Scope? first = null;
            foreach (var scope in scopes)
                if (scope.Decider.NextDue is { } due && due <= until && (first is null || due < first.Decider.NextDue)) first = scope;
            if (first is null) return;
            Report(first, first.Decider.Decide(new Input.Tick { Number = first.Number, At = first.Decider.NextDue!.Value }), line: null);
        }
    }

    private static Input.Delivery Delivery(
        in ReplayEntry entry, Scope scope, DateTimeOffset at, IReadOnlyList<Alert> alerts, IReadOnlyList<RejectedPart> rejected) => new()
    {
        Number = ++scope.Number,
        At = at,
        Source = entry.Source,
        Id = entry.Id ?? "",
        CopyKey = entry.CopyKey,
        Alerts = alerts,
        Changes = entry.Parsed!.Changes,
        Rejected = rejected,
    };

    private static bool Skips(Scope scope, Dictionary<string, string>? setAside) => setAside?.ContainsKey(scope.Name) == true;

    private void Decide(Scope scope, Input input, Dictionary<string, string>? setAside, long? line)
    {
        if (line is { } known) scope.Lines.Note(scope.Number, known);
        var why = setAside?.GetValueOrDefault(scope.Name);
        Report(scope, why is null ? scope.Decider.Decide(input) : scope.Decider.SetAside(input, why), line);
    }

    /// <summary>Nothing came of them.</summary>
    private static AlertOutcome[] Skipped(int alerts) => [.. Enumerable.Range(0, alerts).Select(i => new AlertOutcome(default, null, Disposition.Rejected, i))];

    /// <param name="line">The line that is decided, where it is a delivery's.</param>
    private void Report(Scope scope, IReadOnlyList<Decision> decisions, long? line)
    {
        // By index: the list is the decider's own, and an enumerator would be garbage a line.
        for (var i = 0; i < decisions.Count; i++)
            decided(scope.Name, decisions[i], decisions[i] is Decision.ChangeSurfaced { Alert: not null, Input: var earlier } ? earlier is { } input ? scope.Lines.Of(input) : line : null);
    }

    private string? Label => recorded?.Label ?? label;

    /// <summary>Whose an alert is: as it was recorded, else the first values that come have a scope each.</summary>
    private Scope Of(Alert alert)
    {
        var name = alert.Identity.Labels[Label!] ?? Default;
        return Named(recorded is null || recorded.Apart!.Contains(name) ? name : Default);
    }

    private Scope Named(string name)
    {
        foreach (var scope in scopes)
            if (scope.Name == name) return scope;
        // As where they are recorded: one of them is always the default.
        if (recorded is null && name != Default && (areAll || scopes.Count(s => s.Name != Default) >= settings.Scope.Max - 1)) return Named(Default);
        // As the rules are recorded: what a scope is to wait for hangs on which label names it.
        var made = new Scope(name, new(name, rules.Scope.Label is null ? rules with { Scope = rules.Scope with { Label = Label } } : rules, topology));
        scopes.Add(made);
        return made;
    }

    private sealed class Scope(string name, Decider decider)
    {
        public string Name => name;
        public Decider Decider => decider;
        public long Number { get; set; }
        public LineOfInput Lines { get; } = new();

        /// <summary>This scope's share of the delivery at hand.</summary>
        public List<Alert> Alerts { get; set; } = [];
    }
}
