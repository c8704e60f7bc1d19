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
        var once = new Option<bool>("--once") { Description = "End after the story instead of serving on" };
        var command = new Command("demo", "Plays the founding outage into a server of its own: what was collapsed, what was surfaced, where to look.") { speed, once };
        command.SetAction(async (parsed, cancel) =>
        {
            var factor = parsed.GetValue(speed);
            if (!(factor is >= 1 and <= 600)) throw new UsageException("--speed is from 1 to 600");
            var folder = Directory.CreateTempSubdirectory("pipeline-demo");
            try
            {
                await RunAsync(folder.FullName, factor, parsed.GetValue(once), parsed.InvocationConfiguration.Output, cancel);
                return ExitCode.Ok;
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        });
        return command;
    }

    private static async Task RunAsync(string folder, double factor, bool once, TextWriter output, CancellationToken cancel)
    {
        await using var phone = await DemoPhone.AnswerAsync(cancel);
        var time = new FastTime(TimeProvider.System.GetUtcNow(), factor);
        var pager = new PagerSettings("on-call", PagerType.Webhook, phone.Url);
        var settings = Reading.Defaults;
        settings = settings with { Pagers = [pager], Rules = settings.Rules with { Pagers = [new("on-call", Dedupe.Vocabulary.LabelSet.Empty)] } };
        await using var server = await Server.StartAsync(
            new() { Urls = ["http://127.0.0.1:0"], DataFolder = folder, Settings = settings, Time = time, Terminal = null }, cancel);
        using var http = new HttpClient { BaseAddress = new(server.Url + "/") };
        output.WriteLine($"The founding outage, {factor:0} times as fast, into {server.Url}");
        output.WriteLine();

        var start = time.GetUtcNow();
        var pages = new List<JsonElement>();
        var player = new DemoPlayer(http, time, (offset, text) => Write(output, () => DemoReport.Told(output, offset, text)));
        using var hungUp = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var listening = ListenAsync(phone, pages, page => Write(output, () => DemoReport.Page(output, page, start)), hungUp.Token);
        await player.PlayAsync(FoundingOutage.Steps(), start, cancel);
        // What is owed waits at most page.latest; the end of the incident is told after incident.settle.
        await Task.Delay(settings.Rules.Page.Latest + settings.Rules.Incident.Settle, time, cancel);
        await hungUp.CancelAsync();
        await listening;

        var incidents = await http.GetFromJsonAsync("api/incidents", ClientJson.Default.JsonElement, cancel);
        var items = incidents.Items("items").ToList();
        var largest = items.OrderByDescending(i => i.Member("alerts").Number("repeats")).FirstOrDefault();
        DemoReport.End(output, pages, player.Sent, items.Count, start, server.Url, largest.Text("id"));
        await output.FlushAsync(cancel);
        if (once) return;
        var stopped = new TaskCompletionSource();
        await using var asked = cancel.Register(() => stopped.TrySetResult());
        await stopped.Task;
    }

    private static async Task ListenAsync(DemoPhone phone, List<JsonElement> pages, Action<JsonElement> show, CancellationToken cancel)
    {
        try
        {
            await foreach (var page in phone.Pages.ReadAllAsync(cancel))
            {
                pages.Add(page);
                show(page);
            }
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
