using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;
using Projections;

namespace Pipeline.Tests.Projections;

/// <summary>A scope's decisions as they are made, folded into views of their own: given these, the views say that.</summary>
internal sealed class Story(int scope = 1)
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly IncidentId Incident = new("inc_000000000001");

    private long version;
    private long ordinal;

    public Views Views { get; init; } = new();

    public DateTimeOffset Now { get; private set; } = Start;

    public Story After(TimeSpan time)
    {
        Now += time;
        return this;
    }

    public Story Given(Decision decision)
    {
        decision = decision with { At = Now };
        var record = DecisionCodec.Write(decision, ++version, version);
        // Through the stored form, as after a restart.
        Views.Fold(scope, record, DecisionCodec.Read(record));
        return this;
    }

    public Story Opened(string title = "db is down", Severity severity = Severity.Critical) =>
        Given(new Decision.IncidentOpened(Incident, title, severity));

    public Story Fires(LabelSet labels, Severity severity = Severity.Critical, Disposition disposition = Disposition.NewAlert,
        string? because = null) =>
        Given(new Decision.AlertDecided(
            Fingerprint.Of(labels), disposition, Incident, AlertStatus.Firing, severity, Severity.Unknown, "generic", labels,
            Because: because));

    public Story Resolves(LabelSet labels) => Given(new Decision.AlertDecided(
        Fingerprint.Of(labels), Disposition.Resolved, Incident, AlertStatus.Resolved, Severity.Critical, Severity.Critical, "generic"));

    public Story Repeats(LabelSet labels, int count, params string[] observers) => Given(new Decision.RepeatsCounted(
        [new(Fingerprint.Of(labels), Incident, count, Now, Observers: observers)]));

    public Story Surfaces(LabelSet labels, Reason reason = Reason.NewAlert, Severity severity = Severity.Critical, IReadOnlyList<string>? due = null) =>
        Given(new Decision.ChangeSurfaced(
            Incident, ++ordinal, reason, 0.5, Fingerprint.Of(labels), labels, "never seen before", severity, Urgent: true, Due: due ?? ["ops"]));

    public Story Acknowledged(string by, long seen) => Given(new Decision.IncidentAcknowledged(Incident, by, null, Now.AddHours(1), null, seen));

    public Story Pages(string page, params long[] named) => PagesTo("ops", page, named);

    public Story PagesTo(string pager, string page, params long[] named) => Given(new Decision.PageDecided(
        page, pager, Incident, "changed", true, named, """{"id":"x","incident":{"text":"not this"},"text":"db is down, 1 new"}"""));

    public Story Outcome(string page, PageState state, int attempts = 1, string answer = "200 OK")
    {
        Views.Fold(new OutcomeRecord(page, "ops", state, Now, attempts, answer));
        return this;
    }

    public IncidentDetail Detail => Views.Read(v => v.Incidents.Detail(Incident))!;

    public IncidentLine Line => Detail.Line;

    public AlertLine Alert(Fingerprint fingerprint) => Views.Read(v => v.Alerts.Find(scope, fingerprint))!;

    public AlertLine Alert(LabelSet labels) => Views.Read(v => v.Alerts.Find(scope, Fingerprint.Of(labels)))!;
}
