using System.Globalization;

namespace Pipeline.Tuning;

/// <summary>The trials as a picture of letters: pages to the right, recall upwards.</summary>
internal static class TuneScatter
{
    private const int Wide = 60, High = 12;

    public static IReadOnlyList<string> Lines(Tuned tuned)
    {
        var cells = new char[High, Wide];
        var scale = TuneScale.Of(tuned);
        Put(tuned.Trials, '.');
        Put(tuned.Front, 'o');
        Put([tuned.Suggested], 'S');
        Put([tuned.Running], 'R');
        var lines = new List<string> { "recall" };
        for (var row = 0; row < High; row++)
        {
            var label = row is 0 or High - 1 ? Percent(row == 0 ? scale.MostRecall : scale.LeastRecall) : "";
            lines.Add($"{label,6} |{string.Concat(Enumerable.Range(0, Wide).Select(x => cells[row, x] == 0 ? ' ' : cells[row, x]))}".TrimEnd());
        }
        lines.Add($"{"",6} +{new string('-', Wide)}");
        var (least, most) = (Number(scale.LeastPages), Number(scale.MostPages));
        lines.Add($"{"",8}{least}{"pages".PadLeft((Wide / 2) - least.Length + 2).PadRight(Wide - least.Length - most.Length)}{most}");
        lines.Add("        . tried   o unbeaten   R the rules as they are   S suggested");
        return lines;

        void Put(IEnumerable<Trial> trials, char mark)
        {
            foreach (var trial in trials)
            {
                var (x, y) = scale.Place(trial.Whole);
                cells[(int)Math.Round((1 - y) * (High - 1)), (int)Math.Round(x * (Wide - 1))] = mark;
            }
        }
    }

    private static string Percent(double share) => share.ToString("0.#%", CultureInfo.InvariantCulture);

    private static string Number(double count) => count.ToString("0", CultureInfo.InvariantCulture);
}
