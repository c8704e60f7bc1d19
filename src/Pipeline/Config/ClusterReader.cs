using Pipeline.Broker;

namespace Pipeline.Config;

/// <summary>Reads the keys of a cluster. A message never repeats an address: it may hold a password.</summary>
internal static class ClusterReader
{
    public static void Broker(Draft draft, Value value)
    {
        if (value.Text() is not { } text) return;
        if (BrokerAddress.Parse(text, out var problem) is null) value.Say<string>(value.Node.Line, $"{value.Path} {problem}");
        else draft.Settings = With(draft.Settings, c => c with { Broker = text });
    }

    public static void Store(Draft draft, Value value)
    {
        if (Address(value, "postgres", "postgresql", "esdb", "kurrentdb") is { } text) draft.Settings = With(draft.Settings, c => c with { Store = text });
    }

    public static void Database(Draft draft, Value value)
    {
        if (Address(value, "postgres", "postgresql") is { } text) draft.Settings = With(draft.Settings, c => c with { Database = text });
    }

    public static Settings With(Settings settings, Func<ClusterSettings, ClusterSettings> change) =>
        settings with { Cluster = change(settings.Cluster ?? new()) };

    /// <summary>What the keys say together: no store, no cluster; the store is the database where it can be.</summary>
    public static void Check(Settings settings, IReadOnlyDictionary<string, int> lines, Problems problems)
    {
        if (settings.Cluster is not { } cluster) return;
        if (cluster is { Store: "", Broker: not null }) problems.Add(lines["broker"], "broker needs a store that every machine reaches; add store: postgres://user:password@host:5432/pipeline");
        if (cluster.Store.StartsWith("postgres", StringComparison.OrdinalIgnoreCase) && lines.TryGetValue("database", out var more))
            problems.Add(more, "database is only for a store that is not PostgreSQL; take one of the two out");
        if (cluster.Store is not "" && !cluster.Store.StartsWith("postgres", StringComparison.OrdinalIgnoreCase) && cluster.Database is "")
            problems.Add(lines["store"], "EventStoreDB keeps no leases and no documents; add database: postgres://user:password@host:5432/pipeline");
    }

    /// <summary>Settings to run with: null where nothing leaves this process.</summary>
    public static Settings Settled(Settings settings) => settings.Cluster switch
    {
        null => settings,
        { Store: "" } => settings with { Cluster = null },
        { Database: "" } cluster => settings with { Cluster = cluster with { Database = cluster.Store } },
        _ => settings,
    };

    private static string? Address(Value value, params string[] schemes)
    {
        if (value.Text() is not { } text) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && schemes.Contains(uri.Scheme, StringComparer.OrdinalIgnoreCase) && uri.Host.Length > 0) return text;
        return value.Say<string>(value.Node.Line, $"{value.Path} is no address that begins with {string.Join(" or ", schemes.Select(s => s + "://"))}; write {value.Example}");
    }
}
