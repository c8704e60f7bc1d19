using System.CommandLine;
using System.Text.Json;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary><c>timeline ID</c>: everything decided of an incident, in order.</summary>
public static class TimelineCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("ID") { Description = "The incident" };
        var at = new Option<string?>("--at") { Description = $"Only what was decided by then: {Times.Help}" };
        var command = new Command("timeline", "Shows what was decided of an incident, in order.") { id, at };
        var options = new ClientOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var until = Times.ReadMaybe(parsed.GetValue(at), "--at", TimeProvider.System.GetUtcNow());
            using var client = options.Connect(parsed);
            var entries = await client.ListAsync($"api/incidents/{Uri.EscapeDataString(parsed.GetValue(id)!)}/timeline", cancel);
            if (until is not null) entries = [.. entries.Where(e => !(e.At("at") > until))];
            return options.Print(parsed, Listed(entries), console => IncidentScreens.Timeline(console, entries));
        });
        return command;
    }

    /// <summary>The pages of the list as the one list that they are.</summary>
    private static JsonElement Listed(IReadOnlyList<JsonElement> items)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartArray("items");
            foreach (var item in items) item.WriteTo(json);
            json.WriteEndArray();
            json.WriteNull("next");
            json.WriteEndObject();
        }
        return JsonElement.Parse(bytes.ToArray());
    }
}
