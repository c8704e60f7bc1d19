using System.CommandLine;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary><c>show ID</c>: one incident, what is new in it first.</summary>
public static class ShowCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("ID") { Description = "The incident" };
        var at = new Option<string?>("--at") { Description = $"As it was then: {Times.Help}" };
        var since = new Option<string?>("--since") { Description = "ack: only what came after what was acknowledged" };
        since.AcceptOnlyFromAmong("ack");
        var command = new Command("show", "Shows one incident of a running server: what is new, and who has been shown it.") { id, at, since };
        var options = new ClientOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var then = Times.ReadMaybe(parsed.GetValue(at), "--at", TimeProvider.System.GetUtcNow());
            using var client = options.Connect(parsed);
            var asked = new List<string>();
            if (then is { } time) asked.Add($"at={Uri.EscapeDataString(Times.Write(time))}");
            if (parsed.GetValue(since) is { } ack) asked.Add($"since={ack}");
            var query = asked.Count > 0 ? $"?{string.Join('&', asked)}" : "";
            var incident = await client.GetAsync($"api/incidents/{Uri.EscapeDataString(parsed.GetValue(id)!)}{query}", cancel);
            return options.Print(parsed, incident, console => IncidentScreens.Show(console, incident, parsed.GetValue(since) is not null));
        });
        return command;
    }
}
