using System.CommandLine;
using System.Text.Json.Nodes;
using Dedupe.Vocabulary;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary><c>split ID FINGERPRINT...</c>: a person knows that some members are another failure.</summary>
public static class SplitCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("ID") { Description = "The incident" };
        var members = new Argument<string[]>("FINGERPRINT") { Description = "Members that are another failure: their fingerprints, as show --json has them", Arity = ArgumentArity.OneOrMore };
        var by = new Option<string>("--by") { Description = "Who says so", DefaultValueFactory = _ => Environment.UserName };
        var command = new Command("split", "Makes members an incident of their own; they join the old one no more.") { id, members, by };
        var options = new ClientOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            if (parsed.GetValue(members)!.FirstOrDefault(m => !Fingerprint.TryParse(m, out _)) is { } wrong)
                throw new UsageException($"\"{wrong}\" is not a fingerprint, which is 16 hexadecimal digits; show ID --json has those of the members");
            using var client = options.Connect(parsed);
            var body = new JsonObject
            {
                ["fingerprints"] = new JsonArray([.. parsed.GetValue(members)!.Select(m => (JsonNode)m)]), ["by"] = parsed.GetValue(by),
            };
            var incident = await client.PostAsync($"api/incidents/{Uri.EscapeDataString(parsed.GetValue(id)!)}/split", body, cancel);
            return options.Print(parsed, incident, console => IncidentScreens.Show(console, incident));
        });
        return command;
    }
}
