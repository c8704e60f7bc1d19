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
    /// <param name="pages">False for a command that pages nobody: it asks for none of the secrets of those that do.</param>
    public static Settings? Read(string? config, string? topology, TextWriter error, bool pages = true)
    {
        config ??= File.Exists(Usual) ? Usual : null;
        var reading = config is null ? Reading.OfText("", Usual) : Reading.OfFile(config);
        if (!pages && !reading.IsGood) reading = WithoutSecrets(reading, config!);
        if (topology is not null) reading = reading.WithTopology(Reading.OfTopologyFile(topology));
        foreach (var problem in reading.Problems) error.WriteLine(problem);
        return reading.Problems.Count == 0 ? reading.Settings : null;
    }

    /// <summary>The same with a stand-in for each variable that is not set, where the only mistakes were such and where no store or broker is named by one.</summary>
    private static Reading WithoutSecrets(Reading reading, string config)
    {
        const string unset = "http://unset.invalid";
        var without = Reading.OfFile(config, name => Environment.GetEnvironmentVariable(name) ?? unset);
        var reached = $"{without.Settings.Cluster?.Broker} {without.Settings.Cluster?.Store} {without.Settings.Cluster?.Database}";
        return without.IsGood && !reached.Contains(unset, StringComparison.Ordinal) ? without : reading;
    }
}
