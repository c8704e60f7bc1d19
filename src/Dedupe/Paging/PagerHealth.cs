using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Paging;

/// <summary>A pager that does not answer is a failure of its own: told through every other one.</summary>
internal static class PagerHealth
{
    /// <summary>The source of what the pipeline says of itself.</summary>
    public const string Source = "pipeline";

    private const string TellingScope = "default";

    public static void Report(World world, Input.PagerReported report)
    {
        if (report.Failing == world.State.FailingPagers.Contains(report.Pager)) return;
        world.Emit(new Decision.PagerStateChanged(report.Pager, report.Failing, report.Answer));
        var labels = LabelSet.Of(("alertname", "PagerFailing"), ("pager", report.Pager));
        // Every scope keeps back what this pager is owed; one of them tells the others.
        if (report.Failing && world.Scope == TellingScope) Fail(world, world.State.Identity(Fingerprint.Of(labels), labels), report);
        else if (!report.Failing) Recover(world, Of(world, report), report);
    }

    private static IdentityState? Of(World world, Input.PagerReported report) =>
        world.State.Identities.GetValueOrDefault(Fingerprint.Of(LabelSet.Of(("alertname", "PagerFailing"), ("pager", report.Pager))));

    private static void Fail(World world, IdentityState identity, Input.PagerReported report)
    {
        var id = Ids.Incident(world.Scope, world.Input, world.OpenedByInput++);
        var summary = $"pager {report.Pager} has not answered for a minute: {report.Answer}";
        world.Emit(new Decision.IncidentOpened(id, $"Pager {report.Pager} does not answer", Severity.Critical));
        Decide(world, identity, id, Disposition.Opened, AlertStatus.Firing, summary);
        world.Surface(world.State.Incidents[id.Value], identity, new(Reason.Opened, 0.9, "what it is owed is kept for it", Urgent: true)
        {
            Severity = Severity.Critical, Summary = summary, NotTo = report.Pager,
        });
    }

    private static void Recover(World world, IdentityState? identity, Input.PagerReported report)
    {
        Desks.CatchUp(world, report.Pager);
        if (identity is not { IsFiring: true, Incident: { } incident }) return;
        Decide(world, identity, incident.Id, Disposition.Resolved, AlertStatus.Resolved, "answers again");
    }

    private static void Decide(World world, IdentityState identity, IncidentId incident, Disposition disposition, AlertStatus status, string summary) =>
        world.Emit(new Decision.AlertDecided(identity.Fingerprint, disposition, incident, status, Severity.Critical, identity.Severity, Source,
            identity.Recorded ? null : identity.Labels, summary));
}
