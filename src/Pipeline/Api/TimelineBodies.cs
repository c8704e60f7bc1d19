using Dedupe.Deciding;
using Projections;

namespace Pipeline.Api;

/// <summary>A timeline's lines as the API shows them: with who was shown what, which no decision alone knows.</summary>
internal static class TimelineBodies
{
    public static TimelineItem Item(TimelineEntry entry, Exposures exposures, Answered answered)
    {
        var exposure = entry.Decision is Decision.ChangeSurfaced change ? exposures.Of(SurfacedChange.Of(change, entry.Version)) : null;
        var told = entry.Decision is Decision.PageDecided page ? answered.Of(new(page.Page, page.Pager, page.Kind, page.At, page.Named)) : null;
        var after = exposure is not null ? ExposureWords.Of(exposure) : told is not null ? ExposureWords.Of(told) : null;
        var text = after is null ? entry.Text : $"{entry.Text}; {after}";
        return new(
            entry.Version, entry.Record.At, entry.Record.Type, text, IncidentRoutes.Raw(entry.Record.Data),
            exposure is null ? null : IncidentBodies.Shown(exposure), told is null ? null : IncidentBodies.Told(told));
    }
}
