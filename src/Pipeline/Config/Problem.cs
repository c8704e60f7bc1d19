namespace Pipeline.Config;

/// <summary>One mistake in a configuration: where, what was wrong and what to do.</summary>
/// <param name="Line">From 1; 0 where the whole file is meant.</param>
public sealed record Problem(string File, int Line, string Text)
{
    public override string ToString() => Line > 0 ? $"{File}:{Line}: {Text}" : $"{File}: {Text}";
}

/// <summary>Collects every mistake of one file.</summary>
internal sealed class Problems(string file)
{
    private readonly List<Problem> found = [];

    public void Add(int line, string text) => found.Add(new(file, line, text));

    /// <summary>By line, and without saying one thing twice.</summary>
    public IReadOnlyList<Problem> All => [.. found.Distinct().OrderBy(p => p.Line)];
}
