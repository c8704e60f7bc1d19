using System.Globalization;
using System.Text;

namespace Pipeline.Tuning;

/// <summary>What a search came to: the trials, which of them nothing beats, and which is suggested.</summary>
internal sealed record Tuned(Board Board, IReadOnlyList<string> Files, IReadOnlyList<Trial> Trials)
{
    /// <summary>The rules as they are.</summary>
    public Trial Running => Trials[0];

    public IReadOnlyList<Trial> Front { get; } = ParetoSearch.Front(Trials);

    /// <summary>The fewest pages with no less recall than this; null: than the rules as they are.</summary>
    public double? Recall { get; init; }

    public Trial Suggested => Choose(t => t.Whole);

    /// <summary>
    /// With several files: what is suggested by all but one, on that one. How well the suggestion does on what it has not seen, from among the same trials.
    /// </summary>
    public IReadOnlyList<LeftOut> LeftOut =>
        Files.Count < 2 ? [] : [.. Files.Select((file, i) => new LeftOut(file, Choose(t => t.Without(i)), i))];

    /// <summary>The configuration's lines for a trial.</summary>
    public string Yaml(Trial trial)
    {
        var yaml = new StringBuilder();
        var (now, then) = (Running.Whole, trial.Whole);
        yaml.Append(CultureInfo.InvariantCulture, $"# tune, point {trial.Id}: {then.Pages} pages instead of {now.Pages}; {then.Named} of {then.News} news instead of {now.Named}");
        if (then.MedianDelay is { } later && now.MedianDelay is { } soon && later != soon)
            yaml.Append(CultureInfo.InvariantCulture, $", half of it within {later.TotalSeconds:0.#} s instead of {soon.TotalSeconds:0.#} s");
        yaml.Append('\n');
        foreach (var (key, value) in Board.Settings(trial.At)) yaml.Append(CultureInfo.InvariantCulture, $"{key}: {value}\n");
        return yaml.ToString();
    }

    private Trial Choose(Func<Trial, Outcome> of)
    {
        var least = Recall ?? of(Running).Recall;
        // Nothing may reach what was asked for: then what comes nearest.
        var good = Trials.Where(t => of(t).Recall >= least).ToList();
        if (good.Count == 0) good = [.. Trials.Where(t => of(t).Recall == Trials.Max(o => of(o).Recall))];
        return good.OrderBy(t => of(t).Pages).ThenByDescending(t => of(t).Named).ThenByDescending(t => of(t).Precision).ThenBy(t => t.Id).First();
    }
}

/// <summary>One file, and the trial that the other files suggest.</summary>
internal sealed record LeftOut(string File, Trial Trial, int Index)
{
    public FileOutcome Outcome => Trial.Files[Index];
}
