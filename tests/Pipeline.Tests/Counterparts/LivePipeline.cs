using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pipeline.Cli;
using Pipeline.Config;
using Pipeline.Hosting;
using Pipeline.Tests.Pagers;
using Pipeline.Tests.Stores;
using Xunit;

namespace Pipeline.Tests.Counterparts;

/// <summary>The whole pipeline as <c>serve</c> runs it, on a free loopback port with a throw-away store, and the pager that it pages.</summary>
internal sealed class LivePipeline : IAsyncDisposable
{
    private readonly Server server;

    private LivePipeline(Server server, ListeningPager pager, TemporaryFolder folder, Settings settings) =>
        (this.server, Pager, Folder, Settings, Http) = (server, pager, folder, settings, new() { BaseAddress = new(server.Url) });

    public ListeningPager Pager { get; }
    public TemporaryFolder Folder { get; }
    public Settings Settings { get; }
    public HttpClient Http { get; }
    public string Url => server.Url;

    /// <summary>Every page that came, in order of arrival.</summary>
    public IReadOnlyList<Page> Pages => [.. Pager.Requests.Select(r => new Page(r.At, JsonSerializer.Deserialize<JsonElement>(r.Body)))];

    /// <param name="more">Lines of the configuration beside the pager and a settle time of a second.</param>
    public static async Task<LivePipeline> StartAsync(string more = "")
    {
        var folder = new TemporaryFolder();
        var pager = await ListeningPager.StartAsync();
        var reading = Reading.OfText($"pagers: [{{name: ops, type: webhook, url: {pager.Url}}}]\nincident.settle: 1s\n{more}", "pipeline.yaml");
        Assert.Empty(reading.Problems);
        var server = await Server.StartAsync(
            new()
            {
                Urls = ["http://127.0.0.1:0"], DataFolder = Path.Combine(folder.Path, "data"), Settings = reading.Settings,
                Terminal = null, LogLevel = LogLevel.Error,
            }, TestContext.Current.CancellationToken);
        return new(server, pager, folder, reading.Settings);
    }

    /// <summary>Waits for a page of this kind that satisfies more, by the first change it names if any.</summary>
    public Task<Page> PageAsync(string kind, Func<Page, bool>? also = null, Func<string>? instead = null) => Wait.ForAsync(
        $"a page \"{kind}\"", () => Task.FromResult(Pages.FirstOrDefault(p => p.Kind == kind && (also is null || also(p)))),
        () => $"pages that came:\n{Told}{instead?.Invoke()}");

    /// <summary>What the pager was told, a line a page.</summary>
    public string Told => string.Concat(Pages.Select(p => $"{p.At:HH:mm:ss.fff} {p.Kind} {p.Text}\n"));

    public async Task<IReadOnlyList<JsonElement>> ListAsync(string path) =>
        [.. (await Http.GetFromJsonAsync<JsonElement>(path)).GetProperty("items").EnumerateArray()];

    /// <summary>The one alert of this name, once it is as wanted.</summary>
    public Task<Boxed> AlertAsync(string name, Func<JsonElement, bool> wanted, Func<string>? instead = null) => Wait.ForAsync(
        $"the alert {name} as wanted",
        async () => await ListAsync($"/api/alerts?label=alertname:{Uri.EscapeDataString(name)}") is [var one] && wanted(one) ? new Boxed(one) : null,
        () => $"pages that came:\n{Told}{instead?.Invoke()}");

    public async Task<JsonElement> IncidentAsync(string id) => await Http.GetFromJsonAsync<JsonElement>($"/api/incidents/{id}");

    /// <summary>Posts a body as it is; fails on anything but a 2xx.</summary>
    public async Task<JsonElement> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await Http.PostAsync(path, content);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path} answered {(int)answer.StatusCode} {text}");
        return JsonSerializer.Deserialize<JsonElement>(text.Length > 0 ? text : "null");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await server.DisposeAsync();
        await Pager.DisposeAsync();
        Folder.Dispose();
    }
}

/// <summary>JSON that was found, as something that can be absent.</summary>
internal sealed record Boxed(JsonElement Json)
{
    public string Text(string name) => Json.GetProperty(name).GetString()!;
}

/// <summary>A page as it arrived.</summary>
internal sealed record Page(DateTimeOffset At, JsonElement Body)
{
    public string Kind => Body.GetProperty("kind").GetString()!;
    public string Text => Body.GetProperty("text").GetString()!;
    public string Incident => Body.GetProperty("incident").GetProperty("id").GetString()!;
    public string IncidentState => Body.GetProperty("incident").GetProperty("state").GetString()!;
    public JsonElement[] Changes => [.. Body.GetProperty("changes").EnumerateArray()];

    /// <summary>True where it names this alert on its own, for this reason.</summary>
    public bool Names(string reason, string fingerprint) => Changes.Any(c =>
        c.GetProperty("reason").GetString() == reason && c.GetProperty("count").GetInt32() == 1 && c.GetProperty("fingerprint").GetString() == fingerprint);

    /// <summary>True where it says this of an alert of this name.</summary>
    public bool Says(string reason, string alertname) => Changes.Any(c =>
        c.GetProperty("reason").GetString() == reason && c.GetProperty("labels").GetProperty("alertname").GetString() == alertname);
}
