using System.CommandLine;
using System.Text.Json;
using Pipeline.Client;
using Pipeline.Config;
using Pipeline.Demo;
using Pipeline.Hosting;

namespace Pipeline.Cli;

/// <summary><c>demo</c>: serves, and plays the founding outage into itself over HTTP, sped up.</summary>
public static class DemoCommand
{
    public static Command Create()
    {
        var speed = new Option<double>("--speed") { Description = "How many seconds of the outage pass in one", DefaultValueFactory = _ => 60 };
        var stay = new Option<bool>("--stay") { Description = "Serve on after the story, to look around in, until Ctrl-C" };
        var command = new Command("demo", "Plays the founding outage into a server of its own: what was collapsed, what was surfaced, where to look. Takes a minute.") { speed, stay };
        command.SetAction(async (parsed, cancel) =>
        {
            var factor = parsed.GetValue(speed);
            if (!(factor is >= 1 and <= 600)) throw new UsageException("--speed is from 1 to 600");
            var folder = Directory.CreateTempSubdirectory("pipeline-demo");
            try
            {
                await RunAsync(folder.FullName, factor, parsed.GetValue(stay), parsed.InvocationConfiguration.Output, cancel);
                return ExitCode.Ok;
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        });
        return command;
    }

    private static async Task RunAsync(string folder, double factor, bool stay, TextWriter output, CancellationToken cancel)
    {
        await using var phone = await DemoPhone.AnswerAsync(cancel);
        var time = new FastTime(TimeProvider.System.GetUtcNow(), factor);
        var pager = new PagerSettings("on-call", PagerType.Webhook, phone.Url);
        var settings = Reading.Defaults;
        settings = settings with { Pagers = [pager], Rules = settings.Rules with { Pagers = [new("on-call", Dedupe.Vocabulary.LabelSet.Empty)] } };
        await using var server = await Server.StartAsync(
            new() { Urls = ["http://127.0.0.1:0"], DataFolder = folder, Settings = settings, Time = time, Terminal = null }, cancel);
        using var http = new HttpClient { BaseAddress = new(server.Url + "/") };
        output.WriteLine($"The founding outage: forty minutes, {factor:0} times as fast, into {server.Url}");
        output.WriteLine("On the left what happens, indented what the phone of whoever is on call shows.");
        output.WriteLine();

        var start = time.GetUtcNow();
        var report = new DemoReport(output, start);
        var player = new DemoPlayer(http, time, (offset, text) => Write(output, () => report.Told(offset, text)));
        using var hungUp = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var listening = ListenAsync(phone, page => Write(output, () => report.Page(page)), hungUp.Token);
        await player.PlayAsync(FoundingOutage.Steps(), start, cancel);
        // What is owed waits at most page.latest; the end of the incident is told after incident.settle.
        await Task.Delay(settings.Rules.Page.Latest + settings.Rules.Incident.Settle, time, cancel);
        await hungUp.CancelAsync();
        await listening;

        var incidents = await http.GetFromJsonAsync("api/incidents", ClientJson.Default.JsonElement, cancel);
        var items = incidents.Items("items").ToList();
        var largest = items.OrderByDescending(i => i.Member("alerts").Number("repeats")).FirstOrDefault();
        report.End(player.Sent, items.Count, stay ? server.Url : null, largest.Text("id"));
        await output.FlushAsync(cancel);
        if (!stay) return;
        var stopped = new TaskCompletionSource();
        await using var asked = cancel.Register(() => stopped.TrySetResult());
        await stopped.Task;
    }

    private static async Task ListenAsync(DemoPhone phone, Action<JsonElement> show, CancellationToken cancel)
    {
        try
        {
            await foreach (var page in phone.Pages.ReadAllAsync(cancel)) show(page);
        }
        catch (OperationCanceledException)
        {
            // Hung up: the story is over.
        }
    }

    /// <summary>Lines of the story and of the phone do not run into each other.</summary>
    private static void Write(TextWriter output, Action write)
    {
        lock (output) write();
    }
}
