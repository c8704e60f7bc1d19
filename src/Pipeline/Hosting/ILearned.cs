using Dedupe.Vocabulary;

namespace Pipeline.Hosting;

/// <summary>Asks deciders for what they have learned from inputs: statistics, which no decision says and no view holds.</summary>
public interface ILearned
{
    /// <summary>By the scope's number; null for one whose decider did not answer within 2 s, or that nobody decides at the moment.</summary>
    ValueTask<IReadOnlyDictionary<int, LearnedEdges?>> LearnedAsync(CancellationToken cancel);
}
