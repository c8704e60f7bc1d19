using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Pipeline.Hosting;

/// <summary>
/// Our log in the terminal, between the pages: when, how bad, where from, what. An outage is a line when it begins, and one every five minutes while
/// its failures repeat; only a failure of our own shows where in the program it came from.
/// </summary>
internal sealed class LogLines(TimeProvider time) : ConsoleFormatter(Called)
{
    public const string Called = "lines";

    private readonly SaidBefore said = new(time);

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopes, TextWriter to)
    {
        var text = entry.Formatter(entry.State, entry.Exception).ReplaceLineEndings(" ");
        var unsaid = 0;
        if (entry.Exception is { } failure && Outside.Is(failure) && !said.IsNews($"{entry.Category} {text} {failure.GetType().Name}", out unsaid)) return;
        var at = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        to.Write($"{at}  {Word(entry.LogLevel)}  {entry.Category}: {text}");
        if (entry.Exception is { } e) to.Write(Outside.Is(e) ? $": {Outside.Line(e)}" : $"{Environment.NewLine}{e}");
        if (unsaid > 0) to.Write(string.Create(CultureInfo.InvariantCulture, $" ({unsaid} times more since this was last said)"));
        to.WriteLine();
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Critical => "FATAL",
        LogLevel.Error => "ERROR",
        LogLevel.Warning => "WARNING",
        LogLevel.Information => "info",
        _ => "debug",
    };
}
