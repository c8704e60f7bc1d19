using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Client;
using Spectre.Console;

namespace Pipeline.Cli;

/// <summary><c>change "text"</c>: tells the pipeline of a deploy, a rollback, a restart; four in five outages come from one.</summary>
public static class ChangeCommand
{
    public static Command Create()
    {
        var text = new Argument<string>("text") { Description = "What was changed, in a line" };
        var kind = new Option<string>("--kind") { Description = "deploy, config, rollback, restart, ...", Required = true };
        var services = new Option<string[]>("--service") { Description = "What it touches; may be given several times", Required = true };
        var reverts = new Option<string?>("--reverts") { Description = "The id of the change that it takes back" };
        var id = new Option<string?>("--id") { Description = "Its id, such as a build's number [default: one is made]" };
        var command = new Command("change", "Records a change that people made: a deploy, a rollback, a restart.") { text, kind, services, reverts, id };
        var options = new ClientOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var name = parsed.GetValue(id) ?? $"{parsed.GetValue(kind)}-{Guid.NewGuid().ToString("N")[..8]}";
            var body = new JsonObject
            {
                ["id"] = name,
                ["at"] = Times.Write(TimeProvider.System.GetUtcNow()),
                ["kind"] = parsed.GetValue(kind),
                ["summary"] = parsed.GetValue(text),
                ["services"] = new JsonArray([.. parsed.GetValue(services)!.Select(s => (JsonNode)s)]),
            };
            if (parsed.GetValue(reverts) is { } taken) body["reverts"] = taken;
            using var client = options.Connect(parsed);
            var answer = await client.PostAsync("ingest/changes", body, cancel);
            // The server was told it, and does not say it back; what takes the change back needs it.
            var named = JsonNode.Parse(answer.GetRawText())!.AsObject();
            named["id"] = name;
            return options.Print(parsed, JsonElement.Parse(named.ToJsonString()), console => console.WriteLine(Terminal.Clean($"recorded as {name}; take it back with --reverts {name}")));
        });
        return command;
    }
}
