namespace Ingest.Http;

/// <summary>Marks an ingest route: it never blocks, and leaves the thread that read the request before anything that takes long.</summary>
public sealed class TakesAlerts
{
    public static TakesAlerts Mark { get; } = new();
}
