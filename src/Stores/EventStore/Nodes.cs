using Grpc.Net.Client;
using Stores.EventStore.Wire;

namespace Stores.EventStore;

/// <summary>One node and its connection.</summary>
internal sealed record Node(Uri Address, GrpcChannel Channel, Streams.StreamsClient Streams);

/// <summary>The nodes we know of: the one that was named, and leaders that others told of. One connection each, few and long-lived.</summary>
internal sealed class Nodes : IDisposable
{
    /// <summary>No cluster has more; beyond it the oldest told of is let go.</summary>
    private const int Most = 9;
    private const int LargestAnswer = 16 * 1024 * 1024;

    private readonly Lock one = new();
    private readonly EventStoreAddress address;
    private readonly List<Node> known = [];
    private Node current;

    public Nodes(EventStoreAddress address)
    {
        this.address = address;
        known.Add(current = Open(address.Server));
    }

    /// <summary>Who is spoken to now.</summary>
    public Node Current
    {
        get
        {
            lock (one) return current;
        }
    }

    /// <summary>A node said who leads.</summary>
    public void Lead(string host, int port)
    {
        var leader = address.At(host, port);
        lock (one)
        {
            if (known.Find(n => n.Address == leader) is not { } node)
            {
                node = Open(leader);
                known.Add(node);
                if (known.Count > Most)
                {
                    known[1].Channel.Dispose();
                    known.RemoveAt(1);
                }
            }
            current = node;
        }
    }

    /// <summary>A node does not answer: the next call asks the next one, which knows who leads.</summary>
    public void Lost(Node node)
    {
        lock (one)
            if (node == current) current = known[(known.IndexOf(node) + 1) % known.Count];
    }

    public void Dispose()
    {
        lock (one)
            foreach (var node in known) node.Channel.Dispose();
    }

    private static Node Open(Uri server)
    {
        var handler = new SocketsHttpHandler
        {
            // A follower keeps a stream open for ever: it must not take the place of an append.
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            // A peer that is gone without a word is noticed in 15 s, even when nothing is asked of it.
            KeepAlivePingDelay = TimeSpan.FromSeconds(10),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
        };
        var channel = GrpcChannel.ForAddress(server, new GrpcChannelOptions
        {
            HttpHandler = handler, DisposeHttpClient = true, MaxReceiveMessageSize = LargestAnswer,
            // Until it is connected again every call fails at once: not for the two minutes that it would grow to.
            InitialReconnectBackoff = TimeSpan.FromMilliseconds(50), MaxReconnectBackoff = TimeSpan.FromSeconds(1),
        });
        return new(server, channel, new(channel.CreateCallInvoker()));
    }
}
