using System.Diagnostics;
using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Projections;

/// <summary>A decision in words that a half-asleep person understands.</summary>
public static class TimelineWords
{
    /// <param name="labelsOf">What an identity is called where the decision itself does not say: only its first one carries labels.</param>
    public static string Of(Decision decision, Func<Fingerprint, LabelSet?> labelsOf) => decision switch
    {
        Decision.AlertDecided a => Alert(a, labelsOf),
        Decision.AlertExpired e => $"{Name(e.Fingerprint, labelsOf)} unheard for long: no longer counts as firing, which is not recovery",
        Decision.AlertEnded e => $"{Name(e.Fingerprint, labelsOf)} ended: {e.Why}",
        Decision.IncidentOpened o => $"opened: {o.Title} ({o.Severity.Word()})",
        Decision.IncidentReopened => "opened again",
        Decision.IncidentResolved { By: { } by } r => $"resolved by {by}{(r.Forced ? ", with members still firing" : "")}{Said(r.Note)}",
        Decision.IncidentResolved => "resolved: its last firing member ended",
        Decision.IncidentWentStale => "went stale: nothing of it heard for long, which is not recovery",
        Decision.IncidentAcknowledged a =>
            $"acknowledged by {a.By} until {Time(a.Until)}{(a.Awaiting is null ? "" : $", awaiting a {a.Awaiting}")}"
            + $", covers version {a.Seen}{Said(a.Note)}",
        Decision.AcknowledgementEnded e => $"acknowledgement ended: {e.Why}",
        Decision.IncidentNoted n => $"{n.By} noted: {n.Text}",
        Decision.StormBegan s => Text($"storm began: {s.AlertsInAMinute} alerts in a minute"),
        Decision.StormEnded s => Text($"storm ended after {s.Alerts} alerts"),
        Decision.ChangeSurfaced c =>
            Text($"{Words.Of(c.Reason)}: {Name(c.Labels)}{(c.Count > 1 ? Text($" and {c.Count - 1} more") : "")}, {c.Why}"),
        Decision.PageDecided p =>
            Text($"page {p.Page} to {p.Pager}: {p.Kind}, {(p.Urgent ? "urgent" : "not urgent")}, names {p.Named.Count}"),
        Decision.RepeatsCounted r => Say.Count(r.Items.Sum(i => (long)i.Count), "repeat", "repeats"),
        Decision.IdentitiesRekeyed { Alert: not null } r => $"{Name(r.Items[0].To, labelsOf)} is what {r.Items[0].From} was until labels count that did not",
        Decision.IdentitiesRekeyed r => Text($"{r.Items.Count} identities go by other names: other labels count"),
        Decision.IdentityForgotten f => $"{Name(f.Fingerprint, labelsOf)} forgotten",
        Decision.ChangeRecorded c => $"{c.Change.Kind}: {c.Change.Summary}",
        Decision.SuspectsNamed { Suspects.Count: 0 } => "no change is suspect any more",
        Decision.SuspectsNamed s => $"suspects: {string.Join("; ", s.Suspects.Select(c => Text($"{c.Summary} ({c.Change}, {c.Score}: {c.Why})")))}",
        Decision.OriginNamed o => o.Origin is null && o.Impact.Count == 0 ? "no likely origin any more, and nothing stands above what fires"
            : string.Join("; ", new[] { o.Origin is { } origin ? $"likely origin: {origin}" : null, o.Impact.Count > 0 ? $"above what fires: {string.Join(", ", o.Impact.Select(a => $"{a.Component} ({a.Level.Word()})"))}" : null }.OfType<string>()),
        Decision.SettleBegan s => Text($"settle window began: {s.What}; {s.Covers} of what fires should end by it"),
        Decision.SettleEnded { StillFiring: 0 } s => $"settled after {Settled(s)}: nothing it covers still fires",
        Decision.SettleEnded s => Text($"settle window after {Settled(s)} ended: {s.StillFiring} still firing"),
        Decision.SilenceSet s => $"silence {s.Silence.Id} by {s.Silence.CreatedBy}: {s.Silence.Comment}",
        Decision.SilenceEnded s => $"silence {s.Id} ended",
        Decision.PartRejected p => $"rejected {p.Field} from {p.Source}: {p.Problem}",
        Decision.InputSetAside s => Text($"input {s.Number} set aside: {s.Error}"),
        Decision.PagerStateChanged p => $"pager {p.Pager} {(p.Failing ? "fails" : "answers again")}: {p.Answer}",
        Decision.BlindNoted b => $"did not listen from {Time(b.From)} to {Time(b.To)}",
        Decision.RulesAdopted r => $"rules {r.Hash} adopted",
        Decision.TopologyAdopted t => Text($"topology of {t.Topology.Components.Count} components adopted"),
        _ => throw new UnreachableException(),
    };

    private static string Settled(Decision.SettleEnded ended) => ended.Change ?? "most of it recovered";

    private static string Alert(Decision.AlertDecided a, Func<Fingerprint, LabelSet?> labelsOf)
    {
        var what = a.Disposition switch
        {
            Disposition.Resolved => "resolved",
            Disposition.Eased => $"eased from {a.Was.Word()} to {a.Severity.Word()}",
            Disposition.SeverityRose => $"rose from {a.Was.Word()} to {a.Severity.Word()}",
            Disposition.Silenced => $"silenced by {a.SilencedBy}",
            Disposition.Preexisting => "was firing before we listened",
            _ => $"{Words.Of(a.Disposition)}, {a.Severity.Word()}",
        };
        var name = a.Labels is null ? Name(a.Fingerprint, labelsOf) : Name(a.Labels);
        return $"{name} {what}{(a.Because is null ? "" : $"; {a.Because}")}{Said(a.Summary)}";
    }

    private static string Name(Fingerprint fingerprint, Func<Fingerprint, LabelSet?> labelsOf) =>
        labelsOf(fingerprint) is { Count: > 0 } labels ? Say.Name(labels) : fingerprint.ToString();

    private static string Name(LabelSet labels) => labels["alertname"] is { } name ? $"{name} {labels}" : labels.ToString();

    private static string Said(string? text) => string.IsNullOrEmpty(text) ? "" : $": {text}";

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString(UtcMilliseconds.Format, CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
