using System.Globalization;

namespace Bench.Storms;

/// <summary><c>storms write|score DIR [--seeds 1-20] [--json] [--all]</c>: makes storms up, and says how well a replay told them. bench/storms.sh runs all of it.</summary>
internal static class StormsCommand
{
    public static int Run(string[] args)
    {
        if (args is not [("write" or "score") and var verb, var folder, .. var options] || Seeds(options) is not { } seeds)
        {
            Console.Error.WriteLine("usage: storms write|score DIR [--seeds 1-20 or 3,7] [--json] [--all]");
            return 2;
        }
        if (verb == "write")
        {
            Directory.CreateDirectory(folder);
            foreach (var seed in seeds) StormFiles.Write(StormOf.Seeded(seed), folder);
            return 0;
        }
        List<StormScore> scores = [.. seeds.Select(seed => StormScore.Of(StormFiles.Read(folder, seed), Replayed.Read(folder, seed)))];
        if (options.Contains("--json")) Console.Out.WriteLine(StormTable.Json(scores));
        else StormTable.Write(scores, Console.Out, options.Contains("--all"));
        return scores.Exists(s => s.News.Any(n => n.Delay is null)) ? 1 : 0;
    }

    private static List<int>? Seeds(string[] options)
    {
        var at = Array.IndexOf(options, "--seeds");
        if (options.Where((o, i) => o is not ("--seeds" or "--json" or "--all") && (at < 0 || i != at + 1)).Any()) return null;
        var seeds = new List<int>();
        foreach (var part in (at < 0 ? "1-20" : at + 1 < options.Length ? options[at + 1] : "").Split(','))
        {
            if (part.Split('-') is not [var first, .. var rest] || rest.Length > 1 || !TryRead(first, out var from) || !TryRead(rest is [var last] ? last : first, out var to) || to < from) return null;
            seeds.AddRange(Enumerable.Range(from, to - from + 1));
        }
        return seeds;
    }

    private static bool TryRead(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
