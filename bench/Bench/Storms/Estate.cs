using System.Globalization;
using System.Text;

namespace Bench.Storms;

/// <summary>A service with its hosts and what it needs.</summary>
internal sealed record Service(string Name, string System, Tier Tier, IReadOnlyList<string> Hosts)
{
    public List<Service> Needs { get; } = [];
}

/// <summary>Who asks whom: the edge is asked by customers, a store asks nobody.</summary>
internal enum Tier
{
    Edge,
    Middle,
    Store,
}

/// <summary>A made-up company: 2 to 5 systems of 1 or 2 edges, 1 to 5 middle services and 1 to 4 stores, each on 1 to 8 hosts.</summary>
internal sealed class Estate
{
    private static readonly string[] SystemNames = ["shop", "billing", "search", "crm", "ledger", "freight", "media", "tickets", "fleet", "payroll"];
    private static readonly string[] EdgeNames = ["web", "portal", "gateway", "mobile-api"];
    private static readonly string[] MiddleNames = ["orders", "catalog", "payments", "invoices", "users", "pricing", "stock", "routing", "reports", "mailer"];
    private static readonly string[] StoreNames = ["db", "cache", "mq", "files", "index"];

    public required IReadOnlyList<Service> Services { get; init; }

    public IEnumerable<string> Systems => Services.Select(s => s.System).Distinct();

    public static Estate Of(Dice dice)
    {
        var services = new List<Service>();
        foreach (var system in dice.Pick(SystemNames, dice.Whole(2, 5)))
        {
            var stores = Tiers(dice, system, Tier.Store, StoreNames, dice.Whole(1, 4));
            var middle = Tiers(dice, system, Tier.Middle, MiddleNames, dice.Whole(1, 5));
            var edges = Tiers(dice, system, Tier.Edge, EdgeNames, dice.Whole(1, 2));
            foreach (var edge in edges) edge.Needs.AddRange(dice.Pick(middle, dice.Whole(1, middle.Count)));
            for (var i = 0; i < middle.Count; i++)
            {
                middle[i].Needs.AddRange(dice.Pick(stores, dice.Whole(1, stores.Count)));
                // A chain of middle services, and never a ring.
                if (i > 0 && dice.Chance(0.3)) middle[i].Needs.Add(middle[dice.Whole(0, i - 1)]);
                if (dice.Chance(0.1) && services.Count > 0) middle[i].Needs.Add(dice.Pick([.. services.Where(s => s.Tier == Tier.Middle)]));
            }
            services.AddRange([.. stores, .. middle, .. edges]);
        }
        return new() { Services = services };
    }

    /// <summary>Services that need this one themselves.</summary>
    public IEnumerable<Service> Above(Service service) => Services.Where(s => s.Needs.Contains(service));

    /// <summary>All that may suffer when this one fails, itself included.</summary>
    public HashSet<Service> Reach(Service service)
    {
        var reached = new HashSet<Service> { service };
        for (var at = new Queue<Service>(reached); at.TryDequeue(out var one);)
            foreach (var above in Above(one))
                if (reached.Add(above)) at.Enqueue(above);
        return reached;
    }

    /// <summary>The topology file that says all this.</summary>
    public string Topology()
    {
        var text = new StringBuilder("components:\n");
        foreach (var system in Systems) text.Append(CultureInfo.InvariantCulture, $"- {{name: {system}, level: system}}\n");
        foreach (var service in Services)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {{name: {service.Name}, level: service, partOf: {service.System}, dependsOn: [{string.Join(", ", service.Needs.Select(n => n.Name))}]}}\n");
            foreach (var host in service.Hosts) text.Append(CultureInfo.InvariantCulture, $"- {{name: {host}, level: host, partOf: {service.Name}}}\n");
        }
        return text.ToString();
    }

    private static List<Service> Tiers(Dice dice, string system, Tier tier, string[] names, int count) =>
        dice.Pick(names, count).ConvertAll(name => new Service($"{system}-{name}", system, tier,
            [.. Enumerable.Range(1, (int)dice.Spread(1, 8.99)).Select(i => string.Create(CultureInfo.InvariantCulture, $"{system}-{name}-{i}"))]));
}
