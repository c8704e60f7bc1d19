using System.Globalization;
using System.Text.Json;
using Pipeline.Client;
using Pipeline.Replaying;
using Spectre.Console;

namespace Pipeline.Tuning;

/// <summary>What a search came to, for the terminal, for programs and as files.</summary>
internal static class TuneReport
{
    private const int Shown = 20;

    /// <param name="rules">What the rules as they are come from, in words.</param>
    public static void WriteTable(TextWriter to, Tuned tuned, string rules, string? directory)
    {
        var console = Terminal.On(to);
        var (news, running) = (tuned.Running.Whole.News, tuned.Running);
        to.WriteLine(Text($"{tuned.Trials.Count} sets of rules tried on {string.Join(", ", tuned.Files)}: {tuned.Front.Count} unbeaten. As they are: {rules}."));
        to.WriteLine();
        var table = Terminal.Table("", ">point", ">pages", ">news", ">precision", ">delay", "with");
        foreach (var trial in tuned.Front.Append(running).Append(tuned.Suggested).Distinct().OrderBy(t => t.Whole.Pages).ThenByDescending(t => t.Whole.Named).Take(Shown))
        {
            var whole = trial.Whole;
            table.AddCells(
                Mark(tuned, trial), Text($"{trial.Id}"), Text($"{whole.Pages:N0}"), Text($"{whole.Named:N0} of {news:N0}"), Text($"{whole.Precision:0.00}"),
                whole.MedianDelay is { } delay ? Text($"{delay.TotalSeconds:0.#} s") : "", With(tuned, trial));
        }
        console.Write(table);
        if (tuned.Front.Count > Shown) to.WriteLine("... and more; --out DIR writes them all to points.jsonl");
        to.WriteLine("R the rules as they are   S suggested   * unbeaten: none has fewer pages and no less news");
        to.WriteLine();
        foreach (var line in TuneScatter.Lines(tuned)) to.WriteLine(line);
        to.WriteLine();
        if (tuned.LeftOut.Count > 0) WriteLeftOut(to, console, tuned);
        if (tuned.Suggested == running) to.WriteLine("Nothing tried has fewer pages and no less news than the rules as they are.");
        else
        {
            to.WriteLine("Suggested, to put into the configuration in place of what it says of these keys (nothing was changed):");
            to.WriteLine();
            to.Write(tuned.Yaml(tuned.Suggested));
        }
        if (directory is not null) to.WriteLine($"\nwritten to {directory}: tune.svg, points.jsonl, a point-N.yaml for each unbeaten point");
    }

    public static void WriteJson(TextWriter to, Tuned tuned, string rules)
    {
        var leftOut = tuned.LeftOut.Select(l => new LeftOutRow(
            l.File, l.Trial.Id, l.Outcome.Pages, l.Outcome.Named, tuned.Running.Files[l.Index].Pages, tuned.Running.Files[l.Index].Named, l.Outcome.News));
        to.WriteLine(JsonSerializer.Serialize(
            new(tuned.Files, rules, [.. tuned.Trials.Select(t => Row(tuned, t))], [.. leftOut], tuned.Suggested.Id, tuned.Yaml(tuned.Suggested)), TuneJson.Default.TuneRow));
    }

    /// <exception cref="IOException">The folder cannot be made or written.</exception>
    public static void WriteFiles(string directory, Tuned tuned)
    {
        Directory.CreateDirectory(directory);
        // Those of an earlier run would look like this run's.
        foreach (var old in Directory.EnumerateFiles(directory, "point-*.yaml")) File.Delete(old);
        File.WriteAllText(Path.Combine(directory, "tune.svg"), TuneSvg.Of(tuned));
        using (var file = new JsonLinesFile(Path.Combine(directory, "points.jsonl")))
            foreach (var trial in tuned.Trials) file.Write(Row(tuned, trial), TuneJson.Default.PointRow);
        foreach (var trial in tuned.Front.Append(tuned.Suggested).Distinct().Where(t => t != tuned.Running))
            File.WriteAllText(Path.Combine(directory, $"point-{trial.Id}.yaml"), tuned.Yaml(trial));
    }

    private static void WriteLeftOut(TextWriter to, IAnsiConsole console, Tuned tuned)
    {
        to.WriteLine("Chosen without a file, on that file:");
        var table = Terminal.Table(">point", ">pages", ">as they are", ">news", ">as they are", "file");
        foreach (var one in tuned.LeftOut)
        {
            var now = tuned.Running.Files[one.Index];
            table.AddCells(
                Text($"{one.Trial.Id}"), Text($"{one.Outcome.Pages:N0}"), Text($"{now.Pages:N0}"), Text($"{one.Outcome.Named:N0} of {one.Outcome.News:N0}"), Text($"{now.Named:N0}"), one.File);
        }
        console.Write(table);
        to.WriteLine();
    }

    private static PointRow Row(Tuned tuned, Trial trial) => new(
        trial.Id, trial == tuned.Running, tuned.Front.Contains(trial), trial == tuned.Suggested, trial.Whole.Pages, trial.Whole.Changes, trial.Whole.News, trial.Whole.Named,
        Math.Round(trial.Whole.Recall, 4), Math.Round(trial.Whole.Precision, 4), trial.Whole.MedianDelay?.TotalSeconds, tuned.Board.Settings(trial.At).ToDictionary(),
        [.. trial.Files.Select((f, i) => new PointFileRow(tuned.Files[i], f.Pages, f.Changes, f.News, f.Named))]);

    private static string Mark(Tuned tuned, Trial trial) =>
        $"{(trial == tuned.Running ? "R" : "")}{(trial == tuned.Suggested && trial != tuned.Running ? "S" : "")}{(tuned.Front.Contains(trial) ? "*" : "")}";

    private static string With(Tuned tuned, Trial trial) =>
        tuned.Board.Settings(trial.At) is { Count: > 0 } settings ? string.Join(", ", settings.Select(s => $"{s.Key} {s.Value}")) : "as they are";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
