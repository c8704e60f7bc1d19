using System.CommandLine;

namespace Pipeline.Cli;

/// <summary><c>export --from --to</c>: what was recorded, as the JSON Lines that <c>replay</c> reads.</summary>
public static class ExportCommand
{
    public static Command Create()
    {
        var from = new Option<string?>("--from") { Description = $"From here on [default: the log's beginning]: {Times.Help}" };
        var to = new Option<string?>("--to") { Description = "Before this [default: the log's end]" };
        var config = ConfigOptions.Config();
        var command = new Command("export", "Writes what was recorded to standard output, as the JSON Lines that replay reads.") { from, to, config };
        var options = new OwnLogOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var now = TimeProvider.System.GetUtcNow();
            var since = Times.ReadMaybe(parsed.GetValue(from), "--from", now);
            var until = Times.ReadMaybe(parsed.GetValue(to), "--to", now);
            if (since >= until) throw new UsageException("--from is not before --to");
            // A log in a folder does not say by which label its scopes are told apart; the configuration does.
            if (ConfigOptions.Read(parsed.GetValue(config), null, parsed.InvocationConfiguration.Error, pages: false) is not { } settings) return ExitCode.WrongUsage;
            await using var log = await options.OpenAsync(parsed, settings.Scope.Label, cancel);
            await using var stdout = Console.OpenStandardOutput();
            await log.ExportAsync(since, until, stdout, cancel);
            return ExitCode.Ok;
        });
        return command;
    }
}
