using System.Globalization;
using Dedupe.Vocabulary;
using Projections;

namespace Pipeline.Api;

/// <summary>What nobody has been shown, as the API shows it. Called inside a read of the views.</summary>
internal sealed class UnseenBodies(Views views, string baseUrl, TimeSpan latest)
{
    private readonly Answered answered = new(views.Pages.Find, views.Pagers.Failing, latest);

    /// <param name="why">Only what waits for this; null for all.</param>
    public Listed<UnseenItem> Page(Slice slice, string? why)
    {
        // Why is asked of other views, so each that is looked at is made; what is shown is made once more.
        var page = views.Unseen.Page(slice, why is null ? null : line => Item(line).Why.Contains(why));
        return new([.. page.Items.Select(Item)], page.Next);
    }

    private UnseenItem Item(UnseenLine line)
    {
        var change = line.Silenced is { } silenced ? Silenced(line.Scope, silenced)
            : IncidentBodies.Change(line.Change!, Exposure.Of(line.Change!, line.Tellings, [], answered));
        return new(line.Incident.Value, IncidentBodies.Url(baseUrl, line.Incident), [.. change.Exposure.Waiting.Select(w => w.Why).Distinct()], change);
    }

    /// <summary>It is no surfaced change; it would be one without the silence.</summary>
    private ChangeItem Silenced(int scope, SilencedAlert alert)
    {
        var silence = views.Silences.Find(alert.By);
        var why = silence is null ? $"under silence {alert.By}" : string.Create(
            CultureInfo.InvariantCulture, $"silenced by {silence.CreatedBy} until {silence.EndsAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC: {silence.Comment}");
        var known = views.Alerts.Find(scope, alert.Fingerprint);
        return new(
            Words.Of(Disposition.Silenced), 0, alert.At, alert.Fingerprint, known?.Labels ?? LabelSet.Empty, 1, alert.Severity.Word(), null, alert.Summary ?? known?.Summary,
            why, null, null, null, null, alert.Version, Under(why));
    }

    private static ExposureItem Under(string silence) => IncidentBodies.Shown(new([], null, [new(Exposure.Silenced, null, silence)]));
}
