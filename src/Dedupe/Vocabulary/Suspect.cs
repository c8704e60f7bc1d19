namespace Dedupe.Vocabulary;

/// <summary>A change that may have caused an incident.</summary>
/// <param name="Change">Its id.</param>
/// <param name="Score">How likely, 0 to 1: no probability, a ranking.</param>
/// <param name="Why">In words: where it was, how long before, what its kind did before.</param>
public sealed record Suspect(string Change, string Summary, double Score, string Why);
