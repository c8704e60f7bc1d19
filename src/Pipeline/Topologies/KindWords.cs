using Dedupe.Vocabulary;

namespace Pipeline.Topologies;

/// <summary>The level that another program's word for a kind of thing stands for.</summary>
internal static class KindWords
{
    private static readonly HashSet<string> Hosts = new(StringComparer.OrdinalIgnoreCase)
    {
        "host", "node", "machine", "server", "vm", "virtual-machine", "device", "switch", "router", "pod", "container", "instance",
    };

    /// <summary>What runs on or as one thing is a host: a machine, and an instance of a service; anything unheard of is a service.</summary>
    public static Level Of(string? word) => word switch
    {
        null => Level.Service,
        _ when word.Equals("system", StringComparison.OrdinalIgnoreCase) || word.Equals("application", StringComparison.OrdinalIgnoreCase) => Level.System,
        _ when word.Equals("business", StringComparison.OrdinalIgnoreCase) || word.Equals("domain", StringComparison.OrdinalIgnoreCase) || word.Equals("product", StringComparison.OrdinalIgnoreCase) => Level.Business,
        _ when Hosts.Contains(word) || word.EndsWith("_instance", StringComparison.OrdinalIgnoreCase) || word.EndsWith("-instance", StringComparison.OrdinalIgnoreCase) => Level.Host,
        _ => Level.Service,
    };
}
