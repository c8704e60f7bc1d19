using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Broker;

/// <summary>The names of exchanges and queues, and what is written on a message; docs/broker.md lists them.</summary>
internal sealed class BrokerNames(string prefix)
{
    /// <summary>The type property of a message that holds gathered deliveries.</summary>
    public const string GatheredType = "pipeline.deliveries.v1";

    /// <summary>Header of a dead letter of ours: why it is one.</summary>
    public const string ReasonHeader = "pipeline-reason";

    /// <summary>Header of a dead letter of ours: when it came in, Unix milliseconds.</summary>
    public const string ReceivedAtHeader = "pipeline-received-at";

    private const int LongestRoutingKey = 255;

    /// <summary>Spreads deliveries over the partitions by their scope.</summary>
    public string Deliveries { get; } = $"{prefix}.deliveries";

    /// <summary>To every partition: what concerns every scope.</summary>
    public string Everywhere { get; } = $"{prefix}.everywhere";

    /// <summary>Exchange and queue for producers that publish a source's own body.</summary>
    public string In { get; } = $"{prefix}.in";

    /// <summary>Exchange and queue of what could not be read.</summary>
    public string Dead { get; } = $"{prefix}.dead";

    public string Partition(int partition) => string.Create(CultureInfo.InvariantCulture, $"{Deliveries}.{partition}");

    /// <summary>The routing key of a scope: its name, or a hash of a name too long for one.</summary>
    public static string RoutingKey(string scope) =>
        scope.Length * 3 <= LongestRoutingKey || Encoding.UTF8.GetByteCount(scope) <= LongestRoutingKey
            ? scope
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(scope)));
}
