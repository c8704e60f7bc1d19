using System.Globalization;
using Dedupe.Vocabulary;
using Pipeline.Client;
using Pipeline.Replaying;
using Spectre.Console;

namespace Pipeline.Labelling;

/// <summary>Which true news was missed, for the terminal and for <c>news.jsonl</c>; of two sides where there are two.</summary>
internal sealed record NewsReport(NewsScore Here, NewsScore? There = null)
{
    private const int Shown = 40;

    public NewsCounts Counts => Counted(Here);

    public NewsCounts? CountsThere => There is null ? null : Counted(There);

    /// <param name="to">Takes the sentences, unbroken; <paramref name="console"/> the tables.</param>
    public void Write(TextWriter to, IAnsiConsole console)
    {
        to.WriteLine(There is null ? $"news: {Sentence(Here)}" : $"news here:  {Sentence(Here)}");
        if (There is not null) to.WriteLine($"news there: {Sentence(There)}");
        if (Here.Outside > 0) to.WriteLine(Text($"  {Here.Outside} more labels lie outside the replayed time"));
        var missed = Here.All.Zip(There?.All ?? Here.All).Where(f => f.First.At is null || f.Second.At is null).OrderBy(f => f.First.News.From).ToList();
        if (missed.Count == 0) return;
        to.WriteLine();
        var table = There is null ? Terminal.Table("began", "missed") : Terminal.Table("missed", "began", "news");
        foreach (var (here, there) in missed.Take(Shown))
        {
            var began = here.News.From?.UtcDateTime.ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "";
            if (There is null) table.AddCells(began, here.News.Name);
            else table.AddCells(here.At is not null ? "there" : there.At is not null ? "here" : "on both", began, here.News.Name);
        }
        console.Write(table);
        if (missed.Count > Shown) to.WriteLine(Text($"... and {missed.Count - Shown} more; --out DIR writes them all to news.jsonl"));
        to.WriteLine();
    }

    /// <summary>Every piece of news with what became of it.</summary>
    public void Write(string path)
    {
        using var file = new JsonLinesFile(path);
        foreach (var (here, there) in Here.All.Zip(There?.All ?? Here.All))
            file.Write(new NewsRow(here.News.Name, here.News.From, Fate(here), There is null ? null : Fate(there)), ReplayJson.Default.NewsRow);
    }

    private static NewsFateRow Fate(NewsFate fate) => new(fate.At is not null, fate.At, fate.Reason is { } reason ? Words.Of(reason) : null, fate.Delay?.TotalSeconds);

    private static NewsCounts Counted(NewsScore score) =>
        new(score.All.Count, score.Named, [.. score.Missed.Select(f => new MissedNews(f.News.Name, f.News.From))], Math.Round(score.Precision, 4), score.MedianDelay?.TotalSeconds);

    private static string Sentence(NewsScore score)
    {
        var delays = score.Delays;
        var late = delays.Count == 0 ? "" : $", half of them within {Terminal.Span(delays[delays.Count / 2])} of their beginning and the last after {Terminal.Span(delays[^1])}";
        return Text($"{score.Named:N0} of {score.All.Count:N0} named{late}; {score.True:N0} of {score.Paged:N0} paged changes are news");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
