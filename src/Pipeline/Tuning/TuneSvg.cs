using System.Globalization;
using System.Net;
using System.Text;

namespace Pipeline.Tuning;

/// <summary>The trade-off as a picture: pages to the right, recall upwards, the unbeaten joined by a line. Hovering a point says its settings.</summary>
internal static class TuneSvg
{
    private const int Width = 760, Height = 480, Left = 90, Right = 40, Top = 60, Bottom = 70;

    public static string Of(Tuned tuned)
    {
        var scale = TuneScale.Of(tuned);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="12" role="img" aria-label="pages against recall">
            <rect width="{Width}" height="{Height}" fill="#fff"/>
            <text x="{Left}" y="24" font-size="15">Pages against recall: {tuned.Trials.Count} sets of rules on {Escaped(string.Join(", ", tuned.Files))}</text>

            """);
        Axes(svg, scale);
        var front = string.Join(' ', tuned.Front.Select(t => Place(scale, t)).Select(p => Invariant($"{p.X:0.#},{p.Y:0.#}")));
        svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{front}\" fill=\"none\" stroke=\"#0b6\" stroke-width=\"1.5\"/>\n");
        foreach (var trial in tuned.Trials.Except(tuned.Front)) Dot(svg, tuned, scale, trial, 3, "#999");
        foreach (var trial in tuned.Front) Dot(svg, tuned, scale, trial, 5, "#0b6");
        if (tuned.Suggested != tuned.Running) Named(svg, tuned, scale, tuned.Suggested, "#06c", "suggested", -12);
        Named(svg, tuned, scale, tuned.Running, "#c30", "the rules as they are", 22);
        svg.Append("</svg>\n");
        return svg.ToString();
    }

    private static void Axes(StringBuilder svg, TuneScale scale)
    {
        const int Ticks = 4;
        var (bottom, right) = (Height - Bottom, Width - Right);
        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Left - 12} {Top - 10}V{bottom + 12}H{right}\" fill=\"none\" stroke=\"#333\"/>\n");
        for (var i = 0; i <= Ticks; i++)
        {
            var share = (double)i / Ticks;
            var x = Left + (share * (right - Left));
            var y = bottom - (share * (bottom - Top));
            var pages = scale.LeastPages + (share * (scale.MostPages - scale.LeastPages));
            var recall = scale.LeastRecall + (share * (scale.MostRecall - scale.LeastRecall));
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{bottom + 30}\" text-anchor=\"middle\">{pages:0}</text>\n");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 18}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{recall * 100:0.#} %</text>\n");
        }
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(Left + right) / 2}\" y=\"{Height - 18}\" text-anchor=\"middle\">pages</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text transform=\"translate(16 {(bottom + Top) / 2}) rotate(-90)\" text-anchor=\"middle\">news named (recall)</text>\n");
    }

    private static void Dot(StringBuilder svg, Tuned tuned, TuneScale scale, Trial trial, int radius, string colour)
    {
        var (x, y) = Place(scale, trial);
        var settings = tuned.Board.Settings(trial.At);
        var says = settings.Count == 0 ? "as they are" : string.Join(", ", settings.Select(s => $"{s.Key}: {s.Value}"));
        svg.Append(CultureInfo.InvariantCulture,
            $"<circle cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"{radius}\" fill=\"{colour}\"><title>{trial.Id}: {trial.Whole.Pages} pages, {trial.Whole.Named} of {trial.Whole.News}; {Escaped(says)}</title></circle>\n");
    }

    private static void Named(StringBuilder svg, Tuned tuned, TuneScale scale, Trial trial, string colour, string text, int below)
    {
        Dot(svg, tuned, scale, trial, 6, colour);
        var (x, y) = Place(scale, trial);
        var anchor = x > Width / 2 ? "end" : "start";
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{y + below:0.#}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{text}: {trial.Whole.Pages} pages, {trial.Whole.Named} of {trial.Whole.News}</text>\n");
    }

    private static (double X, double Y) Place(TuneScale scale, Trial trial)
    {
        var (x, y) = scale.Place(trial.Whole);
        return (Left + (x * (Width - Right - Left)), Height - Bottom - (y * (Height - Bottom - Top)));
    }

    private static string Escaped(string text) => WebUtility.HtmlEncode(text);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
