namespace Pipeline.Tuning;

/// <summary>What one set of rules came to on one file.</summary>
internal sealed record FileOutcome(long Pages, long Changes, int News, int Named, int Paged, int True, TimeSpan? MedianDelay);

/// <summary>One set of rules that was tried.</summary>
/// <param name="Id">In the order of trying; 0 is the rules as they are.</param>
/// <param name="Files">An outcome a file, in their order.</param>
internal sealed record Trial(int Id, Position At, IReadOnlyList<FileOutcome> Files)
{
    public Outcome Whole { get; } = Outcome.Of(Files);

    /// <summary>The same without one of the files.</summary>
    public Outcome Without(int file) => Outcome.Of([.. Files.Where((_, i) => i != file)]);
}

/// <summary>What one set of rules came to on several files.</summary>
internal sealed record Outcome(long Pages, long Changes, int News, int Named, double Precision, TimeSpan? MedianDelay)
{
    public double Recall => News == 0 ? 1 : (double)Named / News;

    /// <summary>No worse in both, and better in one.</summary>
    public bool Beats(Outcome other) => Pages <= other.Pages && Named >= other.Named && (Pages < other.Pages || Named > other.Named);

    public bool Equals(long pages, int named) => Pages == pages && Named == named;

    /// <summary>Counts add up; the delay is the middle one of the files'.</summary>
    public static Outcome Of(IReadOnlyList<FileOutcome> files)
    {
        var delays = files.Where(f => f.MedianDelay is not null).Select(f => f.MedianDelay!.Value).Order().ToList();
        var paged = files.Sum(f => f.Paged);
        return new(
            files.Sum(f => f.Pages), files.Sum(f => f.Changes), files.Sum(f => f.News), files.Sum(f => f.Named),
            paged == 0 ? 1 : (double)files.Sum(f => f.True) / paged, delays.Count > 0 ? delays[delays.Count / 2] : null);
    }
}
