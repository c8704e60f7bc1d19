using System.CommandLine;
using System.Text.Json.Nodes;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary><c>merge ID --into ID</c>: a person knows that two incidents are one failure.</summary>
public static class MergeCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("ID") { Description = "The incident that is part of another" };
        var into = new Option<string>("--into") { Description = "The incident that it is part of", Required = true };
        var by = new Option<string>("--by") { Description = "Who says so", DefaultValueFactory = _ => Environment.UserName };
        var command = new Command("merge", "Makes an incident part of another: what fires goes on there, and comes back there.") { id, into, by };
        var options = new ClientOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var client = options.Connect(parsed);
            var body = new JsonObject { ["into"] = parsed.GetValue(into), ["by"] = parsed.GetValue(by) };
            var incident = await client.PostAsync($"api/incidents/{Uri.EscapeDataString(parsed.GetValue(id)!)}/merge", body, cancel);
            return options.Print(parsed, incident, console => IncidentScreens.Show(console, incident));
        });
        return command;
    }
}
