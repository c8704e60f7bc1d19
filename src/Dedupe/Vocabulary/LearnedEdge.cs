namespace Dedupe.Vocabulary;

/// <summary>Two components that begin to alert within a minute of each other time after time: a likely edge that nobody declared, and without a direction.</summary>
/// <param name="One">The first of the two by name.</param>
/// <param name="Times">Episodes in which they began together.</param>
/// <param name="Of">Episodes of the one that had more of them.</param>
/// <param name="LastSeen">When they last began together.</param>
public sealed record LearnedEdge(string One, string Other, int Times, int Of, DateTimeOffset LastSeen);

/// <summary>What one scope has learned.</summary>
/// <param name="Edges">The strongest, at most <see cref="Most"/>: most often together first.</param>
/// <param name="Count">How many there are.</param>
public sealed record LearnedEdges(IReadOnlyList<LearnedEdge> Edges, int Count)
{
    /// <summary>So many are shown of a scope.</summary>
    public const int Most = 1_000;
}
