using System.Globalization;

namespace Bench.Storms;

/// <summary>How bad a check is at a moment.</summary>
internal enum State
{
    Ok,
    Warning,
    Critical,
}

/// <summary>Something that is watched of a service or of one of its hosts.</summary>
/// <param name="Host">Null for what is watched of the service as a whole.</param>
/// <param name="Severity">What it is where it breaks.</param>
/// <param name="Says">Its text, with {0} for its number.</param>
/// <param name="Bad">What its number is about where it breaks; null where it has none.</param>
internal sealed record Check(string Name, Service Service, string? Host, State Severity, string Says, double? Bad)
{
    private static readonly (string Name, State Severity, string Says, double? Bad)[]
        OfHost =
        [
            ("HostDown", State.Critical, "does not answer to ping", null), ("Load", State.Warning, "load average is {0}", 23),
            ("DiskUsage", State.Warning, "/var is {0} % full", 91), ("Memory", State.Warning, "{0} % of memory in use", 93), ("Swap", State.Warning, "swapping {0} pages/s", 800),
            ("OpenFiles", State.Warning, "{0} files open", 61_000),
        ],
        OfEdge =
        [
            ("HttpErrors", State.Critical, "{0} % of requests end in 5xx", 34), ("Latency", State.Warning, "99th percentile is {0} ms", 4_800), ("Probe", State.Critical, "HTTP 503 Service Unavailable", null),
            ("Saturation", State.Warning, "{0} workers busy", 250),
        ],
        OfMiddle =
        [
            ("ErrorRate", State.Critical, "{0} errors/s", 120), ("Latency", State.Warning, "95th percentile is {0} ms", 2_300), ("QueueLag", State.Warning, "{0} jobs behind", 9_500),
            ("ThreadPool", State.Warning, "{0} threads waiting", 190), ("Health", State.Critical, "health check fails: dependency timeout", null), ("Restarts", State.Warning, "{0} restarts in 10 min", 6),
        ],
        OfStore =
        [
            ("Connections", State.Critical, "{0} client connection threads", 490), ("SlowQueries", State.Warning, "{0} queries above 10 s", 41), ("ReplicationLag", State.Warning, "replica is {0} s behind", 320),
            ("Evictions", State.Warning, "{0} evictions/s", 2_000), ("WriteErrors", State.Critical, "writes fail: no space or no quorum", null), ("Backlog", State.Warning, "{0} messages waiting", 25_000),
        ];

    /// <summary>All that is watched of a service: 2 to 4 checks of it and, on each host, 1 to 4 of the host and up to 3 of its tier.</summary>
    public static List<Check> Of(Service service, Dice dice)
    {
        var tier = service.Tier switch { Tier.Edge => OfEdge, Tier.Middle => OfMiddle, _ => OfStore };
        var (whole, host, own) = (dice.Pick(tier, dice.Whole(2, 4)), dice.Pick(OfHost, dice.Whole(1, 4)), dice.Pick(tier, dice.Whole(0, 3)));
        var checks = whole.ConvertAll(c => Made(c, service, null));
        foreach (var name in service.Hosts) checks.AddRange([.. host.Concat(own).Select(c => Made(c, service, name))]);
        return checks;
    }

    public string Text(double? value) => value is { } number ? string.Create(CultureInfo.InvariantCulture, $"{Name}: {string.Format(CultureInfo.InvariantCulture, Says, number)}") : $"{Name}: {Says}";

    private static Check Made((string Name, State Severity, string Says, double? Bad) of, Service service, string? host) => new(of.Name, service, host, of.Severity, of.Says, of.Bad);
}
