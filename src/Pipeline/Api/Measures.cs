using System.Diagnostics.Metrics;
using Dedupe.Log;
using Projections;

namespace Pipeline.Api;

/// <summary>What the views say in numbers, for /metrics.</summary>
internal sealed class Measures
{
    public const string MeterName = "pipeline.views";

    public Measures(IMeterFactory meters, Views views)
    {
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge("pipeline.incidents", () => views.Read(v => new Measurement<int>[]
        {
            new(v.Incidents.Count(IncidentState.Open), State("open")),
            new(v.Incidents.Count(IncidentState.Acknowledged), State("acknowledged")),
        }), description: "Incidents that have not ended.");
        meter.CreateObservableGauge("pipeline.pages", () => views.Read(v => new Measurement<int>[]
        {
            new(v.Pages.Count(PageState.Owed), State("owed")),
            new(v.Pages.Count(PageState.Failing), State("failing")),
            new(v.Pages.Count(PageState.Undeliverable), State("undeliverable")),
        }), description: "Pages that have not been delivered.");
        meter.CreateObservableGauge(
            "pipeline.identities", () => views.Read(v => v.Alerts.Count), description: "Identities within retention.");
        meter.CreateObservableGauge("pipeline.unseen.changes", () => views.Read(v => v.Unseen.Total),
            description: "Surfaced changes that nobody was told and nobody acknowledged.");
        meter.CreateObservableGauge(
            "pipeline.pagers.failing", () => views.Read(v => v.Pagers.Failing.Count), description: "Pagers that fail.");
        meter.CreateObservableGauge("pipeline.views.stopped", () => views.Stopped.Count, description: "Views that failed and stopped.");
    }

    private static KeyValuePair<string, object?> State(string state) => new("state", state);
}
