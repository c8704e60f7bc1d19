using System.Threading.Channels;
using Dedupe.Deciding;
using Dedupe.Log;

namespace Projections;

/// <summary>A decision as it was folded.</summary>
public sealed record Followed(int Scope, DecisionRecord Record, Decision Decision);

/// <summary>Who follows the incidents' decisions as they come; who is too slow is dropped and knows it.</summary>
public sealed class Followers
{
    /// <summary>Followers at once, and decisions that each may lag.</summary>
    public const int Most = 256, MostWaiting = 10_000;

    private readonly Lock gate = new();
    private volatile Follower[] all = [];

    /// <summary>Null when there are too many already.</summary>
    public Follower? Follow()
    {
        lock (gate)
        {
            if (all.Length >= Most) return null;
            var follower = new Follower(this);
            all = [.. all, follower];
            return follower;
        }
    }

    internal void Tell(int scope, DecisionRecord record, Decision decision)
    {
        if (all.Length == 0 || decision.OfIncident is null) return;
        var followed = new Followed(scope, record, decision);
        foreach (var follower in all)
            if (!follower.Offer(followed)) Leave(follower);
    }

    internal void Leave(Follower follower)
    {
        lock (gate) all = [.. all.Where(f => f != follower)];
    }
}

/// <summary>One that follows. Its channel ends when it was dropped.</summary>
public sealed class Follower(Followers followers) : IDisposable
{
    private readonly Channel<Followed> channel =
        Channel.CreateBounded<Followed>(new BoundedChannelOptions(Followers.MostWaiting) { SingleReader = true });

    public ChannelReader<Followed> Reader => channel.Reader;

    public void Dispose() => followers.Leave(this);

    internal bool Offer(Followed followed)
    {
        if (channel.Writer.TryWrite(followed)) return true;
        channel.Writer.TryComplete();
        return false;
    }
}
