using System.CommandLine;
using System.IO.Pipelines;
using Pipeline.Replaying;

namespace Pipeline.Cli;

/// <summary><c>export --from --to</c>: what was recorded, as the JSON Lines that <c>replay</c> reads.</summary>
public static class ExportCommand
{
    public static Command Create()
    {
        var from = new Option<string?>("--from") { Description = $"From here on [default: the log's beginning]: {Times.Help}" };
        var to = new Option<string?>("--to") { Description = "Before this [default: the log's end]" };
        var data = new Option<string>("--data") { Description = "Folder of the log; its server must be stopped", DefaultValueFactory = _ => "./data" };
        var command = new Command("export", "Writes what was recorded to standard output, as the JSON Lines that replay reads.") { from, to, data };
        command.SetAction(async (parsed, cancel) =>
        {
            var now = TimeProvider.System.GetUtcNow();
            var since = Times.ReadMaybe(parsed.GetValue(from), "--from", now);
            var until = Times.ReadMaybe(parsed.GetValue(to), "--to", now);
            if (since >= until) throw new UsageException("--from is not before --to");
            await using var log = await LogFolder.OpenAsync(parsed.GetValue(data)!, cancel);
            await using var stdout = Console.OpenStandardOutput();
            var writer = PipeWriter.Create(stdout, new(leaveOpen: true));
            var deliveries = await new LogExport(log).WriteAsync(since, until, writer, cancel);
            await writer.CompleteAsync();
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"{deliveries} deliveries");
            return ExitCode.Ok;
        });
        return command;
    }
}
