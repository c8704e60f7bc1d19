using System.Diagnostics.Metrics;

namespace Pipeline.Pagers;

/// <summary>What the pagers count, under the meter <c>pipeline.pager</c>; every measurement carries the pager's name.</summary>
public static class PagerMeter
{
    public const string Name = "pipeline.pager";

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> SentPages = Meter.CreateCounter<long>("pipeline.pager.sent", "{page}", "Pages answered with 2xx.");
    private static readonly Counter<long> FailedAttempts =
        Meter.CreateCounter<long>("pipeline.pager.failed_attempts", "{attempt}", "Attempts that did not end in 2xx.");
    private static readonly Counter<long> UndeliverablePages =
        Meter.CreateCounter<long>("pipeline.pager.undeliverable", "{page}", "Pages given up after a permanent 4xx or 24 h.");
    private static readonly UpDownCounter<long> OwedCount =
        Meter.CreateUpDownCounter<long>("pipeline.pager.owed", "{page}", "Pages decided and neither sent nor given up.");
    private static readonly Histogram<double> Latency =
        Meter.CreateHistogram<double>("pipeline.pager.latency", "s", "From decided to answered.");
    private static readonly Counter<long> HeartbeatFailures =
        Meter.CreateCounter<long>("pipeline.pager.heartbeat_failures", "{call}", "Heartbeat calls that did not end in 2xx.");

    internal static void Owed(string pager, int change) => OwedCount.Add(change, Of(pager));

    internal static void Failed(string pager) => FailedAttempts.Add(1, Of(pager));

    internal static void GivenUp(string pager) => UndeliverablePages.Add(1, Of(pager));

    internal static void Sent(string pager, TimeSpan afterDecided)
    {
        SentPages.Add(1, Of(pager));
        Latency.Record(Math.Max(0, afterDecided.TotalSeconds), Of(pager));
    }

    internal static void HeartbeatFailed() => HeartbeatFailures.Add(1);

    private static KeyValuePair<string, object?> Of(string pager) => new("pager", pager);
}
