using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bench.Storms;

/// <summary>Scores of storms, for people and for programs.</summary>
internal static class StormTable
{
    public static void Write(IReadOnlyList<StormScore> scores, TextWriter to, bool all)
    {
        to.WriteLine("seed topology failures  alerts  news <=60s later missed  page p50/p95/max s  pages changes  news follow first noise wrong precision  grouping F1 (P, R)  cause");
        foreach (var score in scores) Row(to, $"{score.Seed,4} {(score.Topology ? "yes" : "no"),8} {score.Failures,8}", [score]);
        Row(to, "together             ", scores);
        foreach (var (name, some) in new[] { ("two failures, topology", scores.Where(s => s is { Failures: > 1, Topology: true })), ("two failures, none", scores.Where(s => s is { Failures: > 1, Topology: false })) })
            if (some.Any()) to.WriteLine(Text($"{name}: grouping {F1(Grouping([.. some]))}"));
        to.WriteLine();
        to.WriteLine("kind         news <=60s later missed  delay p50/max s");
        foreach (var kind in scores.SelectMany(s => s.News).GroupBy(n => n.Kind).OrderBy(g => g.Key, StringComparer.Ordinal))
            to.WriteLine(Text($"{kind.Key,-12} {Counts([.. kind])}  {Percentile([.. kind], 0.5, n => n.Delay):0}/{Percentile([.. kind], 1, n => n.Delay):0}"));
        foreach (var score in scores)
        {
            foreach (var late in score.News.Where(n => !(n.Delay <= StormScore.Soon))) to.WriteLine(Text($"storm {score.Seed}: {(late.Delay is { } d ? $"after {d.TotalSeconds:0} s" : "MISSED")}: {late.Name}"));
            if (all) foreach (var other in score.Others) to.WriteLine($"storm {score.Seed}: {other}");
        }
    }

    public static string Json(IReadOnlyList<StormScore> scores)
    {
        var all = Object(scores);
        all["storms"] = new JsonArray([.. scores.Select(s => { var one = Object([s]); one["seed"] = s.Seed; one["topology"] = s.Topology; one["failures"] = s.Failures; return one; })]);
        return all.ToJsonString(StormFiles.Json);
    }

    private static JsonObject Object(IReadOnlyList<StormScore> scores)
    {
        List<NewsFate> news = [.. scores.SelectMany(s => s.News)];
        var (shares, pairs) = (Changes(scores), Grouping(scores));
        return new()
        {
            ["alerts"] = scores.Sum(s => s.Alerts), ["news"] = news.Count, ["within60s"] = news.Count(n => n.Delay <= StormScore.Soon), ["later"] = news.Count(n => n.Delay > StormScore.Soon),
            ["missed"] = new JsonArray([.. news.Where(n => n.Delay is null).Select(n => (JsonNode)n.Name)]), ["pages"] = scores.Sum(s => s.Pages), ["changes"] = shares.All,
            ["precision"] = Math.Round(shares.Precision, 4), ["ordinaryFirstTime"] = shares.Ordinary, ["noiseAgain"] = shares.Noise, ["wrong"] = shares.Wrong,
            ["grouping"] = new JsonObject { ["precision"] = Math.Round(pairs.Precision, 4), ["recall"] = Math.Round(pairs.Recall, 4), ["f1"] = Math.Round(pairs.F1, 4) },
            ["causes"] = scores.Sum(s => s.Causes), ["causesSuspected"] = scores.Sum(s => s.Suspected),
        };
    }

    private static void Row(TextWriter to, string head, IReadOnlyList<StormScore> scores)
    {
        List<NewsFate> news = [.. scores.SelectMany(s => s.News)];
        var shares = Changes(scores);
        var delays = $"{Percentile(news, 0.5, n => n.PageDelay):0}/{Percentile(news, 0.95, n => n.PageDelay):0}/{Percentile(news, 1, n => n.PageDelay):0}";
        to.WriteLine(Text($"{head} {scores.Sum(s => s.Alerts),7} {Counts(news)}  {delays,18}  {scores.Sum(s => s.Pages),5} {shares.All,7}  {shares.News,4} {shares.Following,6} {shares.Ordinary,5} {shares.Noise,5} {shares.Wrong,5} {shares.Precision,9:0.00}  {F1(Grouping(scores)),18}  {scores.Sum(s => s.Suspected)}/{scores.Sum(s => s.Causes)}"));
    }

    private static string Counts(List<NewsFate> news) => Text($"{news.Count,4} {news.Count(n => n.Delay <= StormScore.Soon),5} {news.Count(n => n.Delay > StormScore.Soon),5} {news.Count(n => n.Delay is null),6}");

    private static string F1(Pairs pairs) => Text($"{pairs.F1:0.00} ({pairs.Precision:0.00}, {pairs.Recall:0.00})");

    private static Shares Changes(IEnumerable<StormScore> scores) => scores.Aggregate(new Shares(), (sum, s) => sum.Plus(s.Changes));

    private static Pairs Grouping(IEnumerable<StormScore> scores) => scores.Aggregate(new Pairs(), (sum, s) => sum.Plus(s.Grouping));

    private static double Percentile(List<NewsFate> news, double part, Func<NewsFate, TimeSpan?> of)
    {
        List<double> all = [.. news.Select(of).Where(d => d is not null).Select(d => d!.Value.TotalSeconds).Order()];
        return all.Count == 0 ? 0 : all[(int)Math.Ceiling(part * all.Count) - 1];
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
