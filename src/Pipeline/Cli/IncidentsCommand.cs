using System.CommandLine;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary><c>incidents</c>: what is wrong now, newest first.</summary>
public static class IncidentsCommand
{
    public static Command Create()
    {
        var command = new Command("incidents", "Lists incidents of a running server, newest first.");
        var state = new Option<string?>("--state") { Description = "open, acknowledged, resolved or stale [default: all]" };
        state.AcceptOnlyFromAmong("open", "acknowledged", "resolved", "stale");
        var label = new Option<string?>("--label") { Description = "Only with a member that carries it: k:v" };
        var limit = new Option<int>("--limit") { Description = "At most so many", DefaultValueFactory = _ => 100 };
        foreach (var option in new Option[] { state, label, limit }) command.Options.Add(option);
        var options = new ClientOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var client = options.Connect(parsed);
            var query = $"api/incidents?limit={parsed.GetValue(limit)}";
            if (parsed.GetValue(state) is { } wanted) query += $"&state={wanted}";
            if (parsed.GetValue(label) is { } carried) query += $"&label={Uri.EscapeDataString(carried)}";
            var answer = await client.GetAsync(query, cancel);
            return options.Print(parsed, answer, console => IncidentScreens.List(console, [.. answer.Items("items")]));
        });
        return command;
    }
}
