using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Client;

namespace Pipeline.Demo;

/// <summary>Plays a story into a server over HTTP, each step at its moment by the given clock.</summary>
internal sealed class DemoPlayer(HttpClient server, TimeProvider time, Action<TimeSpan, string> tell)
{
    /// <summary>Requests at once: a story's storm is sent by two monitoring servers and many contacts, not one after another.</summary>
    private const int AtOnce = 8;

    public int Sent { get; private set; }

    public async Task PlayAsync(IReadOnlyList<DemoStep> steps, DateTimeOffset start, CancellationToken cancel)
    {
        // Steps of one moment go side by side; the next moment waits for them, so that the story keeps its order.
        foreach (var moment in steps.GroupBy(s => s.Offset))
        {
            var wait = start + moment.Key - time.GetUtcNow();
            if (wait > TimeSpan.Zero) await Task.Delay(wait, time, cancel);
            foreach (var told in moment.OfType<DemoStep.Narration>()) tell(moment.Key, told.Text);
            foreach (var ack in moment.OfType<DemoStep.Acknowledge>()) await AcknowledgeAsync(ack, cancel);
            await Parallel.ForEachAsync(
                moment.OfType<DemoStep.Delivery>(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, SendAsync);
            Sent += moment.OfType<DemoStep.Delivery>().Count();
        }
    }

    private async ValueTask SendAsync(DemoStep.Delivery delivery, CancellationToken cancel)
    {
        using var content = new StringContent(delivery.Body, Encoding.UTF8, "application/json");
        using var answer = await server.PostAsync($"ingest/{delivery.Source}", content, cancel);
        answer.EnsureSuccessStatusCode();
    }

    private async Task AcknowledgeAsync(DemoStep.Acknowledge ack, CancellationToken cancel)
    {
        var open = await server.GetFromJsonAsync("api/incidents?state=open", ClientJson.Default.JsonElement, cancel);
        // The one that people would take: the largest.
        if (open.Items("items").OrderByDescending(i => i.Member("alerts").Number("firing")).FirstOrDefault() is not { ValueKind: JsonValueKind.Object } incident) return;
        var body = new JsonObject { ["by"] = ack.By, ["note"] = ack.Note, ["awaiting"] = ack.Awaiting };
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await server.PostAsync($"api/incidents/{incident.Text("id")}/acknowledge", content, cancel);
        answer.EnsureSuccessStatusCode();
    }
}
