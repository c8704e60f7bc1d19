using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>Somebody had it, their time is up, and it still fires.</summary>
internal sealed class AckExpired : ReasonRule
{
    public override Reason Reason => Reason.AckExpired;

    public override long DueOf(World world, IncidentState incident) => incident.Ack?.Until ?? Clock.Never;

    /// <summary>By our clock, since what counts is whether it was recorded; what goes back is a rollback, whatever its kind.</summary>
    private static RecordedChange? Awaited(State state, string kind, long since) =>
        state.Changes.FindLast(c => c.At >= since && (c.Cure == kind || string.Equals(c.Change.Kind, kind, StringComparison.OrdinalIgnoreCase)));

    public override void OnDue(World world, IncidentState incident)
    {
        var ack = incident.Ack!;
        var since = Say.Span(world.Now - ack.At);
        var awaited = ack.Awaiting is null ? "" : Awaited(world.State, ack.Awaiting, ack.At) is { } came
            ? $"; the awaited {ack.Awaiting} was recorded at {came.At.ToTime():HH:mm}: {came.Change.Summary}"
            : $"; the awaited {ack.Awaiting} was never recorded";
        var why = $"acknowledged by {ack.By} {since} ago{awaited}";
        world.Emit(new Decision.AcknowledgementEnded(incident.Id, why));
        var worst = incident.Members.Where(m => m.Incident == incident && m.IsFiring).MaxBy(m => (m.Severity.ForPaging(), -m.Order));
        if (worst is not null) world.Surface(incident, worst, new(Reason, 0.8, why, Urgent: true) { Severity = incident.Severity });
    }
}
