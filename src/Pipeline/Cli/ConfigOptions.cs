using System.CommandLine;
using Pipeline.Config;

namespace Pipeline.Cli;

/// <summary>The options that name a configuration, and reading it for a command.</summary>
internal static class ConfigOptions
{
    private const string Usual = "pipeline.yaml";

    public static Option<string?> Config() =>
        new("--config") { Description = "Configuration file [default: ./pipeline.yaml if it is there]" };

    public static Option<string?> Topology() => new("--topology") { Description = "File with the components, instead of topology: in the configuration" };

    /// <summary>The settings of these files; null when they have errors, all of which are then on <paramref name="error"/>.</summary>
    /// <param name="config">Null for ./pipeline.yaml if it is there, else the defaults.</param>
    public static Settings? Read(string? config, string? topology, TextWriter error)
    {
        config ??= File.Exists(Usual) ? Usual : null;
        var reading = config is null ? Reading.OfText("", Usual) : Reading.OfFile(config);
        if (topology is not null) reading = reading.WithTopology(Reading.OfTopologyFile(topology));
        foreach (var problem in reading.Problems) error.WriteLine(problem);
        return reading.Problems.Count == 0 ? reading.Settings : null;
    }
}
