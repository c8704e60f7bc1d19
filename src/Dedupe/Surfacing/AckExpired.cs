using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>Somebody had it, their time is up, and it still fires.</summary>
internal sealed class AckExpired : ReasonRule
{
    public override Reason Reason => Reason.AckExpired;

    public override long DueOf(World world, IncidentState incident) => incident.Ack?.Until ?? Clock.Never;

    public override void OnDue(World world, IncidentState incident)
    {
        var ack = incident.Ack!;
        var since = Say.Span(world.Now - ack.At);
        var awaited = ack.Awaiting is null ? "" : world.State.Changes.LastOrDefault(c => c.Kind == ack.Awaiting && c.At.Ms() >= ack.At) is { } came
            ? $"; the awaited {ack.Awaiting} was recorded at {came.At:HH:mm}: {came.Summary}"
            : $"; the awaited {ack.Awaiting} was never recorded";
        var why = $"acknowledged by {ack.By} {since} ago{awaited}";
        world.Emit(new Decision.AcknowledgementEnded(incident.Id, why));
        var worst = incident.Members.Where(m => m.Incident == incident && m.IsFiring).MaxBy(m => (m.Severity.ForPaging(), -m.Order));
        if (worst is not null) world.Surface(incident, worst, new(Reason, 0.8, why, Urgent: true) { Severity = incident.Severity });
    }
}
