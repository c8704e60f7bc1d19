namespace Pipeline.Demo;

/// <summary>One service check that breaks in the storm: which host, which part of the shop, what it says.</summary>
/// <param name="Contacts">How many people each monitoring server sends it to, at most eight.</param>
internal sealed record StormCheck(string Host, string Service, string Name, string Severity, string Says, int Contacts)
{
    /// <summary>The checks of the shop that break together and recover together.</summary>
    public static readonly IReadOnlyList<StormCheck> All =
    [
        .. Hosts("web", 9).Select(h => new StormCheck(h, "web", "HTTP", "critical", "HTTP CRITICAL: 503 Service Unavailable", 8)),
        .. Hosts("web", 9).Select(h => new StormCheck(h, "web", "Response time", "warning", "answers in 9.8 s", 4)),
        .. Hosts("web", 9).Select(h => new StormCheck(h, "web", "Load", "warning", "load average 14.2", 2)),
        .. Hosts("app", 6).Select(h => new StormCheck(h, "orders", "Order latency", "critical", "95 % of orders above 20 s", 8)),
        .. Hosts("app", 6).Select(h => new StormCheck(h, "orders", "Load", "warning", "load average 11.7", 2)),
        .. Hosts("app", 6).Select(h => new StormCheck(h, "orders", "Message send", "critical", "timeout sending to mq-1", 6)),
        .. Queues.Select(q => new StormCheck("mq-1", "messaging", $"Queue {q}", "warning", "more than 20,000 messages waiting", 5)),
        new("db-1", "database", "MySQL open connections", "critical", "CRITICAL - 260 client connection threads", 8),
        new("db-1", "database", "Slow queries", "warning", "41 queries above 10 s", 3),
        .. Hosts("pay", 6).Select(h => new StormCheck(h, "payments", "Callback", "critical", "no callback for 120 s", 7)),
    ];

    private static IEnumerable<string> Queues => ["orders", "invoices", "mails", "stock", "shipping"];

    private static IEnumerable<string> Hosts(string name, int count) => Enumerable.Range(1, count).Select(i => $"{name}-{i}");
}
