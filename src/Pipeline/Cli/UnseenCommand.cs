using System.CommandLine;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary><c>unseen</c>: what is new and nobody has been shown, with why it waits.</summary>
public static class UnseenCommand
{
    public static Command Create()
    {
        var command = new Command("unseen", "Lists what nobody has been told and nobody acknowledged, newest first, and why.");
        var why = new Option<string?>("--why") { Description = "Only what waits for this: gathering, owed, failing, undeliverable, silenced, info, unrouted or shadow" };
        why.AcceptOnlyFromAmong([.. Projections.Exposure.Words]);
        var limit = new Option<int>("--limit") { Description = "At most so many", DefaultValueFactory = _ => 100 };
        foreach (var option in new Option[] { why, limit }) command.Options.Add(option);
        var options = new ClientOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var client = options.Connect(parsed);
            var query = $"api/unseen?limit={parsed.GetValue(limit)}{(parsed.GetValue(why) is { } word ? $"&why={word}" : "")}";
            var answer = await client.GetAsync(query, cancel);
            return options.Print(parsed, answer, console => IncidentScreens.Unseen(console, answer));
        });
        return command;
    }
}
