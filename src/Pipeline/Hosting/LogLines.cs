using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Pipeline.Hosting;

/// <summary>
/// Our log in the terminal, between the pages: when, how bad, where from, what. An outage repeats its failure every second, so that is a line;
/// only a failure of our own shows where in the program it came from.
/// </summary>
internal sealed class LogLines(TimeProvider time) : ConsoleFormatter(Called)
{
    public const string Called = "lines";

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopes, TextWriter to)
    {
        var at = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        to.Write($"{at}  {Word(entry.LogLevel)}  {entry.Category}: {entry.Formatter(entry.State, entry.Exception).ReplaceLineEndings(" ")}");
        if (entry.Exception is { } e) to.Write(Outside.Is(e) ? $": {Outside.Line(e)}" : $"{Environment.NewLine}{e}");
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
