using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dedupe.Vocabulary;
using Pipeline.Client;
using Pipeline.Config;
using Pipeline.Topologies;

namespace Pipeline.Cli;

/// <summary><c>topology [FILE]</c>: puts the components of a file in force on a running server; without a file, shows those that are, and what was learned to fire together.</summary>
public static class TopologyCommand
{
    public static Command Create()
    {
        var file = new Argument<string?>("FILE") { Description = "The topology to put in force; - is stdin [default: show what is in force, and what was learned]", Arity = ArgumentArity.ZeroOrOne };
        var format = new Option<string?>("--format") { Description = $"{string.Join(", ", TopologyText.Formats.Keys)} [default: told from the text]" };
        format.AcceptOnlyFromAmong([.. TopologyText.Formats.Keys]);
        var print = new Option<bool>("--print") { Description = "Only print it in our own form, as --topology reads it; ask no server" };
        var command = new Command("topology", "Shows the topology, declared and learned; or puts one in force: our own form, a Backstage catalogue, Kubernetes objects, edges, a graph.") { file, format, print };
        var options = new ClientOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            JsonElement answer;
            if (parsed.GetValue(file) is { } path)
            {
                var streams = parsed.InvocationConfiguration;
                if (await ReadAsync(path, parsed.GetValue(format), streams.Error, cancel) is not { } topology) return ExitCode.WrongUsage;
                if (parsed.GetValue(print))
                {
                    await streams.Output.WriteLineAsync(Write(topology).ToJsonString());
                    return ExitCode.Ok;
                }
                using var client = options.Connect(parsed);
                answer = await client.PostAsync("api/topology?format=components", Write(topology), cancel);
            }
            else
            {
                using var client = options.Connect(parsed);
                answer = await client.GetAsync("api/topology", cancel);
            }
            return options.Print(parsed, answer, console => TopologyScreen.Show(console, answer));
        });
        return command;
    }

    private static async Task<Topology?> ReadAsync(string path, string? format, TextWriter error, CancellationToken cancel)
    {
        var problems = new Problems(path);
        var text = path == "-" ? await Console.In.ReadToEndAsync(cancel) : Reading.Text(path, problems);
        var (topology, mistakes) = text is null ? (Topology.None, problems.All)
            : TopologyText.Read(text, path == "-" ? "stdin" : path, format is null ? null : TopologyText.Formats[format]);
        foreach (var mistake in mistakes) await error.WriteLineAsync(mistake.ToString());
        return mistakes.Count == 0 ? topology : null;
    }

    private static JsonObject Write(Topology topology) => new()
    {
        ["components"] = new JsonArray([.. topology.Components.Select(c => (JsonNode)Write(c))]),
    };

    private static JsonObject Write(Component component)
    {
        var one = new JsonObject { ["name"] = component.Name, ["level"] = component.Level.Word() };
        if (component.PartOf is { } whole) one["partOf"] = whole;
        if (component.DependsOn.Count > 0) one["dependsOn"] = new JsonArray([.. component.DependsOn.Select(d => (JsonNode)d)]);
        return one;
    }
}
