using System.CommandLine;
using System.Text.Json;
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
            var now = TimeProvider.System.GetUtcNow();
            var asked = parsed.GetValue(until) is { } end ? Times.ReadAhead(end, "--until", now) : (DateTimeOffset?)null;
            if (asked is { } time) body["until"] = Times.Write(time);
            using var client = options.Connect(parsed);
            var incident = await client.PostAsync($"api/incidents/{Uri.EscapeDataString(parsed.GetValue(id)!)}/acknowledge", body, cancel);
            // Said back to the millisecond.
            if (asked is { } wanted && incident.Member("acknowledgement").Member("until") is { ValueKind: JsonValueKind.String } given && given.GetDateTimeOffset() < wanted.AddSeconds(-1))
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"--until: 24 h is the most; it holds until {incident.Member("acknowledgement").Time("until")} UTC");
            return options.Print(parsed, incident, console => IncidentScreens.Show(console, incident));
        });
        return command;
    }
}
