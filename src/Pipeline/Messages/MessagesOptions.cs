using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Pipeline.Messages;

/// <summary>What of the bus a process has, by its roles.</summary>
public sealed record MessagesOptions
{
    /// <summary>The <c>amqp://</c> or <c>amqps://</c> address of RabbitMQ, the one that carries deliveries; null for everything in this process.</summary>
    public Uri? Broker { get; init; }

    /// <summary>Further nodes of the same broker, <c>host:port</c>: whichever answers will do.</summary>
    public IReadOnlyList<string> MoreHosts { get; init; } = [];

    /// <summary>This process's name among all, as <see cref="IScopeDirectory"/> gives it; two that share one would take each other's acts.</summary>
    public required string Node { get; init; }

    /// <summary>Set where scopes are decided (<c>dedupe</c>): acts for this node come here.</summary>
    public IOwnedScopes? Owned { get; init; }

    /// <summary>Set where pages are sent (<c>pager</c>): this node hears that pages are due.</summary>
    public bool HearsPagesDue { get; init; }
}

/// <summary>The scopes that this process decides, as far as messages know them.</summary>
public interface IOwnedScopes
{
    /// <summary>Records an act in a scope and waits until it is decided.</summary>
    ValueTask<ActOutcome> ActAsync(int scope, Act act, CancellationToken cancel);

    /// <summary>Puts a topology in force in a scope and waits until it is decided.</summary>
    ValueTask<ActOutcome> AdoptAsync(int scope, Topology topology, CancellationToken cancel);

    /// <summary>Records in a scope what was learnt about a pager's health.</summary>
    ValueTask<ActOutcome> ReportAsync(int scope, string pager, bool failing, string answer, CancellationToken cancel);

    /// <summary>What a scope has learned; null where it is not decided here, or does not answer in time.</summary>
    Task<LearnedEdges?> LearnedAsync(int scope, CancellationToken cancel);
}

/// <summary>What became of an act.</summary>
public abstract record ActOutcome
{
    private ActOutcome() { }

    /// <summary>Decided; the scope's decisions up to this version hold whatever it led to.</summary>
    public sealed record Decided(long Version) : ActOutcome;

    /// <summary>Another node decides this scope, or nobody does at the moment: ask the directory again.</summary>
    public sealed record NotMine : ActOutcome;

    /// <summary>Not decided in time, or not recorded; repeating it is safe.</summary>
    public sealed record Late : ActOutcome;
}

/// <summary>Which node decides which scope.</summary>
public interface IScopeDirectory
{
    /// <summary>Node by scope; a scope that nobody decides at the moment is absent.</summary>
    ValueTask<IReadOnlyDictionary<int, string>> OwnersAsync(CancellationToken cancel);
}
