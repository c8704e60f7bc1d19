using System.CommandLine;
using Pipeline.Config;

namespace Pipeline.Cli;

/// <summary><c>check FILE</c>: every error of a configuration, with its line.</summary>
public static class CheckCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The configuration to check" };
        var topology = ConfigOptions.Topology();
        var command = new Command("check", "Validates a configuration: every error with its line.") { file, topology };
        command.SetAction(parsed =>
        {
            var streams = parsed.InvocationConfiguration;
            var name = parsed.GetValue(file)!;
            if (ConfigOptions.Read(name, parsed.GetValue(topology), streams.Error) is not { } settings) return ExitCode.WrongUsage;
            streams.Output.WriteLine($"{name}: ok ({Summary(settings)})");
            return ExitCode.Ok;
        });
        return command;
    }

    private static string Summary(Settings settings)
    {
        var pagers = string.Join(", ", settings.Pagers.Select(p => p.Name));
        var components = settings.Topology.Components.Count switch { 0 => "no components", 1 => "1 component", var n => $"{n} components" };
        var auth = settings.Auth is { Ingest.Count: > 0, Api.Count: > 0 } ? "authorisation set" : "no authorisation: loopback only";
        return $"{(settings.Pagers.Count == 1 ? "pager" : "pagers")} {pagers}; {components}; {auth}";
    }
}
