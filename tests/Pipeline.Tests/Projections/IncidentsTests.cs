using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;
using Pipeline.Tests.Stores;
using Projections;
using Stores.Sqlite;
using Xunit;

namespace Pipeline.Tests.Projections;

public sealed class IncidentsTests
{
    private static readonly LabelSet Db = LabelSet.Of(("alertname", "Down"), ("service", "db"));
    private static readonly LabelSet Api = LabelSet.Of(("alertname", "Slow"), ("service", "api"));

    [Fact]
    public void An_opened_incident_counts_its_members_and_its_version()
    {
        var story = new Story().Opened().Fires(Db, Severity.Warning).Fires(Api, Severity.Critical, because: "same time as db");
        Assert.Equal(IncidentState.Open, story.Line.State);
        Assert.Equal(new AlertCounts(2, 0, 0, 0, 0), story.Line.Alerts);
        Assert.Equal(3, story.Line.Version);
        Assert.Equal(Severity.Critical, story.Line.Severity);
        Assert.Equal("same time as db", story.Detail.Members.Single(m => m.Key == Fingerprint.Of(Api)).Value.Because);
    }

    [Fact]
    public async Task Why_a_member_joined_is_read_from_the_log_where_an_incident_has_too_many_to_hold_it()
    {
        using var folder = new TemporaryFolder();
        await using var log = await SqliteLog.OpenAsync(folder.Path, TestContext.Current.CancellationToken);
        var scope = await log.ScopeAsync("default", TestContext.Current.CancellationToken);
        var views = new Views();
        var records = new List<DecisionRecord>();
        for (var i = 0; i < 1_500; i++)
        {
            var labels = LabelSet.Of(("alertname", "Down"), ("host", $"h{i}"));
            Decision decision = i == 0
                ? new Decision.IncidentOpened(Story.Incident, "down", Severity.Critical) { At = Story.Start }
                : new Decision.AlertDecided(
                    Fingerprint.Of(labels), Disposition.NewAlert, Story.Incident, i <= 1_000 && i > 5 ? AlertStatus.Resolved : AlertStatus.Firing, Severity.Critical,
                    Severity.Unknown, "generic", labels, Because: $"joined as number {i}") { At = Story.Start };
            records.Add(DecisionCodec.Write(decision, i + 1, 1));
            views.Fold(scope, records[^1], decision);
        }
        await log.AppendDecisionsAsync(scope, 0, records, TestContext.Current.CancellationToken);

        var held = views.Read(v => v.Incidents.Detail(Story.Incident))!;
        var whole = await new Past(log).ExplainAsync(held, TestContext.Current.CancellationToken);

        // Number n came with version n + 1.
        Assert.Contains(held.Members, m => m.Value.Because is null);
        Assert.All(whole.Members, m => Assert.Equal($"joined as number {m.Value.JoinedVersion - 1}", m.Value.Because));
    }

    [Fact]
    public void Severity_falls_to_what_still_fires_and_an_ended_incident_keeps_its_worst()
    {
        var story = new Story().Opened(severity: Severity.Warning).Fires(Db, Severity.Warning).Fires(Api, Severity.Critical).Resolves(Api);
        Assert.Equal(Severity.Warning, story.Line.Severity);
        story.Resolves(Db).Given(new Decision.IncidentResolved(Story.Incident));
        Assert.Equal(Severity.Critical, story.Line.Severity);
        Assert.Equal(IncidentState.Resolved, story.Line.State);
        Assert.Equal(story.Now, story.Line.ResolvedAt);
    }

    [Fact]
    public void Repeats_are_counted_and_raise_no_version()
    {
        var story = new Story().Opened().Fires(Db);
        var before = story.Line.Version;
        story.After(TimeSpan.FromSeconds(5)).Repeats(Db, 40, "nagios-2").Repeats(Db, 2, "nagios-2");
        Assert.Equal(before, story.Line.Version);
        Assert.Equal(42, story.Line.Alerts.Repeats);
        Assert.Equal(42, story.Alert(Db).Repeats);
        Assert.Equal(["nagios-2"], story.Alert(Db).Observers);
        Assert.Equal(story.Now, story.Alert(Db).LastSeen);
    }

    [Fact]
    public void One_gone_silent_still_fires_and_one_expired_has_not_recovered()
    {
        var story = new Story().Opened().Fires(Db).Fires(Api).Surfaces(Db, Reason.WentSilent)
            .Given(new Decision.AlertExpired(Fingerprint.Of(Api), Story.Incident));
        Assert.Equal(new AlertCounts(Firing: 1, Resolved: 0, Expired: 1, Silent: 1, 0), story.Line.Alerts);
        Assert.Equal("silent", story.Alert(Db).StateWord);
        Assert.Equal("expired", story.Alert(Api).StateWord);
        story.Repeats(Db, 1);
        Assert.Equal("firing", story.Alert(Db).StateWord);
    }

    [Fact]
    public void An_acknowledgement_shows_until_it_ends_and_what_it_covered_stays_covered()
    {
        var story = new Story().Opened().Fires(Db).Surfaces(Db);
        story.Given(new Decision.IncidentAcknowledged(Story.Incident, "ann", null, story.Now.AddHours(1), "restart", 3));
        Assert.Equal(IncidentState.Acknowledged, story.Line.State);
        Assert.Equal("ann", story.Line.Acknowledgement!.By);
        story.Given(new Decision.AcknowledgementEnded(Story.Incident, "an hour passed"));
        Assert.Equal(IncidentState.Open, story.Line.State);
        Assert.Equal(3, story.Detail.Seen);
    }

    [Fact]
    public void News_opens_an_acknowledged_incident_again_while_the_acknowledgement_lasts_for_what_it_covers()
    {
        var story = new Story().Opened().Fires(Db).Surfaces(Db).Acknowledged("ann", seen: 3);
        Assert.Equal((IncidentState.Acknowledged, 0), (story.Line.State, story.Line.News));
        story.Fires(Api).Surfaces(Api);
        Assert.Equal((IncidentState.Open, 1), (story.Line.State, story.Line.News));
        Assert.Equal("ann", story.Line.Acknowledgement!.By);
        story.Acknowledged("bob", seen: story.Line.Version);
        Assert.Equal((IncidentState.Acknowledged, 0), (story.Line.State, story.Line.News));
        // Who says that they saw less takes back nothing that somebody else has seen.
        story.Acknowledged("cay", seen: 3);
        Assert.Equal(IncidentState.Acknowledged, story.Line.State);
    }

    [Fact]
    public void Incidents_are_found_by_a_label_that_one_member_carries()
    {
        var story = new Story().Opened().Fires(Db).Fires(Api);
        Assert.Single(Found(LabelSet.Of(("service", "api"), ("alertname", "Slow"))));
        Assert.Empty(Found(LabelSet.Of(("service", "api"), ("alertname", "Down"))));

        IReadOnlyList<IncidentLine> Found(LabelSet labels) =>
            story.Views.Read(v => v.Incidents.Page(new(null, 10), new(Labels: labels), v.Alerts)).Items;
    }
}
