using System.CommandLine;
using System.Text.Json.Nodes;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary><c>ack ID</c>: takes an incident; covers what is known now and nothing later.</summary>
public static class AckCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("ID") { Description = "The incident" };
        var by = new Option<string>("--by") { Description = "Who takes it", DefaultValueFactory = _ => Environment.UserName };
        var note = new Option<string?>("--note") { Description = "What you know or do" };
        var until = new Option<string?>("--until") { Description = "For how long (30m, 2h) or until when [default: 1h; at most 24h]" };
        var awaiting = new Option<string?>("--awaiting") { Description = "What it waits for: restart, rollback or deploy" };
        awaiting.AcceptOnlyFromAmong("restart", "rollback", "deploy");
        var command = new Command("ack", "Acknowledges an incident: covers what is known now and nothing later.") { id, by, note, until, awaiting };
        var options = new ClientOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var body = new JsonObject { ["by"] = parsed.GetValue(by) };
            if (parsed.GetValue(note) is { } said) body["note"] = said;
            if (parsed.GetValue(awaiting) is { } awaited) body["awaiting"] = awaited;
            if (parsed.GetValue(until) is { } end) body["until"] = Times.Write(Times.ReadAhead(end, "--until", TimeProvider.System.GetUtcNow()));
            using var client = options.Connect(parsed);
            var incident = await client.PostAsync($"api/incidents/{Uri.EscapeDataString(parsed.GetValue(id)!)}/acknowledge", body, cancel);
            return options.Print(parsed, incident, console => IncidentScreens.Show(console, incident));
        });
        return command;
    }
}
