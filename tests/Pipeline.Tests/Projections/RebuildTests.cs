using System.Globalization;
using System.Text.Json;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using FsCheck.Xunit;
using Pipeline.Tests.Stores;
using Projections;
using Stores.Sqlite;
using Xunit;

namespace Pipeline.Tests.Projections;

/// <summary>Views rebuilt from the log equal the live ones, and a past moment is what was then: over what the real decider
/// decides.</summary>
public sealed class RebuildTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Property(MaxTest = 30)]
    public void Rebuilt_equals_live_whenever_the_outcomes_are_read(int seed)
    {
        var (decisions, outcomes) = Play(seed);
        var live = new Views();
        foreach (var (record, decision) in decisions)
        {
            live.Fold(1, record, decision);
            foreach (var outcome in outcomes.Where(o => o.After == record.Version)) live.Fold(outcome.Record);
        }
        var rebuilt = new Views();
        foreach (var (record, _) in decisions) rebuilt.Fold(1, record, DecisionCodec.Read(record));
        foreach (var outcome in outcomes) rebuilt.Fold(outcome.Record);
        var outcomesFirst = new Views();
        foreach (var outcome in outcomes) outcomesFirst.Fold(outcome.Record);
        foreach (var (record, _) in decisions) outcomesFirst.Fold(1, record, DecisionCodec.Read(record));

        Assert.Empty(live.Stopped);
        Assert.Equal(ViewsText.Of(live), ViewsText.Of(rebuilt));
        Assert.Equal(ViewsText.Of(live), ViewsText.Of(outcomesFirst));
    }

    [Property(MaxTest = 30)]
    public void What_a_page_says_of_its_incident_is_what_the_incident_shows_then(int seed)
    {
        var views = new Views();
        foreach (var (record, decision) in Play(seed).Decisions)
        {
            if (decision is Decision.PageDecided page)
            {
                using var body = JsonDocument.Parse(page.Body);
                var paged = body.RootElement.GetProperty("incident");
                var shown = views.Read(v => v.Incidents.Find(page.Incident))!;
                Assert.Equal(paged.GetProperty("alerts").GetProperty("firing").GetInt32(), shown.Alerts.Firing);
                Assert.Equal(paged.GetProperty("state").GetString(), shown.State.ToString().ToLowerInvariant());
                Assert.Equal(paged.GetProperty("origin").GetString(), shown.Origin);
                Assert.Equal(
                    paged.GetProperty("impact").EnumerateArray().Select(i => $"{i.GetProperty("level")} {i.GetProperty("component")}"),
                    shown.Impact.Select(a => $"{a.Level.Word()} {a.Component}"));
                Assert.Equal(body.RootElement.GetProperty("suspects").EnumerateArray().Select(s => s.GetProperty("change").GetString()), shown.Suspects.Select(s => s.Change));
            }
            views.Fold(1, record, decision);
        }
    }

    [Fact]
    public async Task An_incident_at_a_past_time_is_what_it_was_then()
    {
        using var folder = new TemporaryFolder();
        await using var log = await SqliteLog.OpenAsync(folder.Path);
        var scope = await log.ScopeAsync("default", CancellationToken.None);
        var (decisions, _) = Play(7);
        await log.AppendDecisionsAsync(scope, 0, [.. decisions.Select(d => d.Record)], CancellationToken.None);
        var views = new Views();
        var then = new Dictionary<DateTimeOffset, string>();
        IncidentId? incident = null;
        foreach (var (record, decision) in decisions)
        {
            views.Fold(scope, record, decision);
            incident ??= decision.OfIncident;
            if (incident is { } known) then[record.At] = JsonSerializer.Serialize(views.Read(v => v.Incidents.Detail(known)));
        }
        Assert.True(then.Count > 10, "the story is too short to show anything");
        var (_, firstVersion) = views.Read(v => v.Incidents.Where(incident!.Value))!.Value;
        var past = new Past(log);
        foreach (var (at, wanted) in then)
            Assert.Equal(wanted,
                JsonSerializer.Serialize(await past.AtAsync(scope, firstVersion, incident!.Value, at, CancellationToken.None)));
        Assert.Null(await past.AtAsync(scope, firstVersion, incident!.Value, Start.AddDays(-1), CancellationToken.None));
    }

    /// <summary>Some minutes of a storm: fires, repeats, resolves, rises, acknowledgements, changes, silences, all by the seed.</summary>
    internal static (List<(DecisionRecord Record, Decision Decision)> Decisions, List<(long After, OutcomeRecord Record)> Outcomes) Play(
        int seed)
    {
        var random = new Random(seed);
        var identities = new Identities(new IdentityRules());
        var rules = RuleSet.Default with { Pagers = [new("ops", LabelSet.Empty), new("boss", LabelSet.Of(("host", "1")), Severity.Critical)] };
        HeartbeatRule[] heartbeats = [new("beat", TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(30), LabelSet.Of(("alertname", "A2")))];
        var decider = new Decider("default", rules, new([new("shop", Level.Service, "mall", ["db"]), new("db", Level.Service, null, []), new("mall", Level.Business, null, [])]));
        var decisions = new List<(DecisionRecord, Decision)>();
        var outcomes = new List<(long, OutcomeRecord)>();
        var incidents = new List<IncidentId>();
        var at = Start;
        for (var number = 1L; number <= 150; number++)
        {
            at = at.AddSeconds(random.Next(0, 40));
            foreach (var decision in decider.Decide(Next(number)))
            {
                var record = DecisionCodec.Write(decision, decisions.Count + 1, number);
                decisions.Add((record, decision));
                if (decision is Decision.IncidentOpened opened) incidents.Add(opened.Incident);
                if (decision is Decision.PageDecided page && random.Next(3) > 0)
                    outcomes.Add((record.Version,
                        new(page.Page, page.Pager, (PageState)random.Next(1, 4), at, random.Next(1, 5), "an answer")));
            }
        }
        return (decisions, outcomes);

        Input Next(long number)
        {
            if (random.Next(20) == 0)
            {
                // Labels that make an identity come and go.
                string[] without = random.Next(3) switch { 0 => [], 1 => ["host"], _ => ["service"] };
                rules = rules with { Identity = new() { Volatile = [.. new IdentityRules().Volatile.Where(l => l != "monitor" || random.Next(2) == 0), .. without] }, Heartbeats = random.Next(2) == 0 ? [] : heartbeats };
                identities = new(rules.Identity);
                return new Input.RulesInForce(rules) { Number = number, At = at };
            }
            Act? act = random.Next(12) switch
            {
                0 when incidents.Count > 0 => new Act.Acknowledge(incidents[^1], "ann"),
                1 when incidents.Count > 0 => new Act.Resolve(incidents[^1], "bob", Force: random.Next(2) == 0),
                2 when incidents.Count > 0 => new Act.AddNote(incidents[^1], "cay", "looking"),
                3 => new Act.SetSilence(new("s1", [new("host", "1", false, true)], at, at.AddMinutes(3), "dan", "quiet", at)),
                _ => null,
            };
            if (act is not null) return new Input.Acted(act) { Number = number, At = at };
            if (random.Next(15) == 0) return new Input.PagerReported("ops", random.Next(2) == 0, "503 at the door") { Number = number, At = at };
            if (random.Next(30) == 0)
                return new Input.TopologyInForce(new([new("shop", Level.Service, random.Next(2) == 0 ? "mall" : null, []), new("db", Level.Service, null, ["shop"]), new("mall", Level.System, null, [])])) { Number = number, At = at };
            var alerts = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Alert()).ToList();
            List<Change> changes = random.Next(10) == 0 ? [new($"c{number}", at, random.Next(3) == 0 ? "rollback" : "deploy", "a version", [random.Next(2) == 0 ? "shop" : "db"])] : [];
            return new Input.Delivery { Number = number, At = at, Source = "generic", Alerts = alerts, Changes = changes };
        }

        Alert Alert() => new()
        {
            Identity = identities.Read(
            [
                new("alertname", $"A{random.Next(3)}"), new("service", random.Next(3) == 0 ? "db" : "shop"),
                    new("host", random.Next(6).ToString(CultureInfo.InvariantCulture)),
                new("monitor", $"m{random.Next(2)}"),
            ]),
            Status = random.Next(4) == 0 ? AlertStatus.Resolved : AlertStatus.Firing,
            Severity = (Severity)random.Next(5),
            Summary = random.Next(2) == 0 ? "disk full" : "",
        };
    }
}
