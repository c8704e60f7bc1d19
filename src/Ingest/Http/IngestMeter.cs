using System.Diagnostics.Metrics;

namespace Ingest.Http;

/// <summary>What came in, counted; the meter is <c>pipeline.ingest</c>.</summary>
internal static class IngestMeter
{
    public const string Name = "pipeline.ingest";

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Alerts = Meter.CreateCounter<long>("pipeline.ingest.alerts", "{alert}", "Alerts accepted.");
    private static readonly Counter<long> Rejected = Meter.CreateCounter<long>("pipeline.ingest.rejected", "{part}", "Parts of deliveries that were not understood.");
    private static readonly Counter<long> Deliveries = Meter.CreateCounter<long>("pipeline.ingest.deliveries", "{delivery}", "Deliveries by source and outcome.");

    /// <param name="outcome">accepted, copy, bad, too-large, unauthorized, key-reused, busy, unavailable or aborted.</param>
    public static void Count(string source, string outcome, int alerts = 0, int rejected = 0)
    {
        var by = new KeyValuePair<string, object?>("source", source);
        Deliveries.Add(1, by, new("outcome", outcome));
        if (alerts > 0) Alerts.Add(alerts, by);
        if (rejected > 0) Rejected.Add(rejected, by);
    }
}
