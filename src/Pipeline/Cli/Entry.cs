using System.CommandLine;
using Pipeline.Hosting;

namespace Pipeline.Cli;

/// <summary>From arguments to an exit code.</summary>
public static class Entry
{
    /// <summary>The commands, a line each; each file holds one.</summary>
    internal static Command[] Commands() =>
    [
        ServeCommand.Create(),
        DemoCommand.Create(),
        ReplayCommand.Create(),
        TuneCommand.Create(),
        ExportCommand.Create(),
        MigrateCommand.Create(),
        IncidentsCommand.Create(),
        ShowCommand.Create(),
        TimelineCommand.Create(),
        UnseenCommand.Create(),
        AckCommand.Create(),
        MergeCommand.Create(),
        SplitCommand.Create(),
        ChangeCommand.Create(),
        TopologyCommand.Create(),
        PageTestCommand.Create(),
        CheckCommand.Create(),
    ];

    internal static RootCommand Root()
    {
        var root = new RootCommand("Collapses a storm of alerts into few incidents and names what is new in them. Without a command: serve.");
        foreach (var command in Commands()) root.Subcommands.Add(command);
        ServeCommand.ServeBy(root);
        return root;
    }

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancel)
    {
        // Without a replacer: "@file" is an argument like any other, here and in note texts.
        var parsed = Root().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in parsed.Errors.DistinctBy(e => e.Message)) await error.WriteLineAsync($"pipeline: {problem.Message}");
            await error.WriteLineAsync("pipeline --help lists the commands, pipeline COMMAND --help the options of one.");
            return ExitCode.WrongUsage;
        }
        try
        {
            return await parsed.InvokeAsync(
                new()
                {
                    Output = output,
                    Error = error,
                    EnableDefaultExceptionHandler = false,
                    // SIGTERM cancels the command, which has 10 s to end well (contract, section 2); then it is cut off.
                    ProcessTerminationTimeout = TimeSpan.FromSeconds(12),
                },
                cancel);
        }
        catch (UsageException e)
        {
            await error.WriteLineAsync($"pipeline: {e.Message}");
            return ExitCode.WrongUsage;
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("pipeline: interrupted");
            return ExitCode.Failed;
        }
        // What the world outside does to a command is no bug: one line. Anything else is, and shows where it came from.
        catch (Exception e) when (Outside.Is(e))
        {
            await error.WriteLineAsync($"pipeline: {e.Message}");
            return ExitCode.Failed;
        }
        catch (Exception e)
        {
            await error.WriteLineAsync($"pipeline: a bug, please report it: {e}");
            return ExitCode.Failed;
        }
    }
}
