using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pipeline.Config;
using Pipeline.Hosting;
using Pipeline.Tests.Counterparts;
using Pipeline.Tests.Stores;
using Xunit;

namespace Pipeline.Tests.Faults;

/// <summary>A server in this process that can be stopped and started again on the same folder.</summary>
internal sealed class Restartable : IAsyncDisposable
{
    private readonly TemporaryFolder temporary = new();
    private readonly Settings settings;
    private readonly TimeProvider time;
    private Server? server;

    private Restartable(string config, string? folder, TimeProvider time)
    {
        this.time = time;
        Folder = folder ?? Path.Combine(temporary.Path, "data");
        var reading = Reading.OfText(config, "pipeline.yaml");
        Assert.Empty(reading.Problems);
        settings = reading.Settings;
    }

    public string Folder { get; }
    public HttpClient Http { get; private set; } = new();
    public Installation Installation => (Installation)server!.Served;

    public static async Task<Restartable> StartAsync(string config = "", string? folder = null, TimeProvider? time = null)
    {
        var made = new Restartable(config, folder, time ?? TimeProvider.System);
        await made.StartAsync();
        return made;
    }

    public async Task StartAsync()
    {
        server = await Server.StartAsync(
            new() { Urls = ["http://127.0.0.1:0"], DataFolder = Folder, Settings = settings, Terminal = null, Time = time, LogLevel = LogLevel.None }, CancellationToken.None);
        Http.Dispose();
        Http = new() { BaseAddress = new(server.Url) };
    }

    public async Task StopAsync()
    {
        if (server is not null) await server.DisposeAsync();
        server = null;
    }

    public async Task<(int Status, JsonElement Body)> PostAsync(string path, string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        using var answer = await Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        // Alertmanager's API answers nothing where all is well.
        return ((int)answer.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }

    public async Task<IReadOnlyList<JsonElement>> ListAsync(string path) =>
        [.. (await Http.GetFromJsonAsync<JsonElement>(path)).GetProperty("items").EnumerateArray()];

    /// <summary>The alert of this name, once it is decided and as wanted.</summary>
    public Task<Boxed> AlertAsync(string alertname, Func<JsonElement, bool>? wanted = null) => Wait.ForAsync(
        $"the alert {alertname} as wanted",
        async () => await ListAsync($"/api/alerts?label=alertname:{alertname}") is [var one] && (wanted is null || wanted(one)) ? new Boxed(one) : null,
        () => "");

    public static string Alert(string alertname) => $$$"""{"labels":{"alertname":"{{{alertname}}}"}}""";

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Http.Dispose();
        temporary.Dispose();
    }
}
