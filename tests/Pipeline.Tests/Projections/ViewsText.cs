using System.Text.Json;
using Projections;

namespace Pipeline.Tests.Projections;

/// <summary>All that the views show, as text to compare.</summary>
internal static class ViewsText
{
    private static readonly Slice All = new(null, Slice.Most);

    public static string Of(Views views) => views.Read(v => JsonSerializer.Serialize(new object[]
    {
        v.Alerts.Page(All, _ => true).Items,
        v.Incidents.Page(All, new(), v.Alerts).Items.Select(i => v.Incidents.Detail(i.Id)),
        v.Incidents.Page(All, new(), v.Alerts).Items.Select(i => ExposuresOf(v, v.Incidents.Detail(i.Id)!)),
        v.Changes.Page(All).Items,
        // Each scope has its own, in its own order: which scope was read first is no difference.
        v.Silences.All.OrderBy(s => s.Id, StringComparer.Ordinal).Select(s => s with { Matchers = [] }),
        v.Rejected.Page(All).Items,
        v.Pages.Page(All, _ => true).Items,
        v.Unseen.Page(All).Items,
        v.Pagers.Failing,
        Summary.Of(v, ["service"], (_, _, _) => null),
    }));

    private static List<Exposure> ExposuresOf(Views views, IncidentDetail incident)
    {
        var exposures = new Exposures(incident, new(views.Pages.Find, views.Pagers.Failing, TimeSpan.FromMinutes(5)));
        return incident.Changes.Select(exposures.Of).ToList();
    }
}
