using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Pipeline.Client;

/// <summary>Where tables are drawn: 80 columns where nobody says how wide it is, and readable without colour.</summary>
internal static class Terminal
{
    private const int Width = 80;

    public static IAnsiConsole On(TextWriter writer)
    {
        var isScreen = ReferenceEquals(writer, Console.Out) && !Console.IsOutputRedirected;
        var console = AnsiConsole.Create(new()
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isScreen ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isScreen ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        if (!isScreen) console.Profile.Width = Width;
        return console;
    }

    /// <summary>A table without borders, since every column counts at 80: only the last column wraps. A name that begins with &gt; is of numbers.</summary>
    public static Table Table(params ReadOnlySpan<string> columns)
    {
        var table = new Table().Border(TableBorder.None);
        for (var i = 0; i < columns.Length; i++)
        {
            var numbers = columns[i].StartsWith('>');
            var last = i == columns.Length - 1;
            var column = new TableColumn(Markup.Escape(columns[i].TrimStart('>').ToUpperInvariant())) { NoWrap = !last, Padding = new(0, 0, last ? 0 : 2, 0) };
            table.AddColumn(numbers ? column.RightAligned() : column);
        }
        return table;
    }

    public static void AddCells(this Table table, params IEnumerable<string> cells) =>
        table.AddRow(cells.Select(c => (IRenderable)new Text(Clean(c))));

    /// <summary>How long, in the unit that a person would say it in.</summary>
    public static string Span(TimeSpan span) => span.Duration() switch
    {
        { TotalSeconds: < 100 and var seconds } => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s"),
        { TotalMinutes: < 100 and var minutes } => string.Create(CultureInfo.InvariantCulture, $"{minutes:0.#} min"),
        { TotalHours: < 48 and var hours } => string.Create(CultureInfo.InvariantCulture, $"{hours:0.#} h"),
        { TotalDays: var days } => string.Create(CultureInfo.InvariantCulture, $"{days:0.#} days"),
    };

    /// <summary>Text from alerts, without what would move the cursor or colour the screen.</summary>
    public static string Clean(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
