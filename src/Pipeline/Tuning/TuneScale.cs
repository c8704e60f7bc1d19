namespace Pipeline.Tuning;

/// <summary>Where a trial lies in a picture: 0 to 1 to the right with its pages, 0 to 1 upwards with its recall.</summary>
internal sealed record TuneScale(double LeastPages, double MostPages, double LeastRecall, double MostRecall)
{
    public static TuneScale Of(Tuned tuned)
    {
        var all = tuned.Trials.Select(t => t.Whole).ToList();
        return new(all.Min(t => t.Pages), all.Max(t => t.Pages), all.Min(t => t.Recall), all.Max(t => t.Recall));
    }

    public (double X, double Y) Place(Outcome outcome) =>
        (Share(outcome.Pages, LeastPages, MostPages), Share(outcome.Recall, LeastRecall, MostRecall));

    /// <summary>In the middle where all are the same.</summary>
    private static double Share(double value, double least, double most) => most > least ? (value - least) / (most - least) : 0.5;
}
