using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Cli;

namespace Pipeline.Client;

/// <summary>Asks a running server, and turns what goes wrong into one line for a person.</summary>
internal sealed class PipelineClient : IDisposable
{
    private readonly HttpClient http;

    public PipelineClient(Uri url, string? token)
    {
        // Longer than the 5 s in which the server decides an act, and than a test page takes.
        http = new() { BaseAddress = url, Timeout = TimeSpan.FromSeconds(30) };
        if (!string.IsNullOrEmpty(token)) http.DefaultRequestHeaders.Authorization = new("Bearer", token);
    }

    public Task<JsonElement> GetAsync(string path, CancellationToken cancel) => SendAsync(HttpMethod.Get, path, null, cancel);

    public Task<JsonElement> PostAsync(string path, JsonNode? body, CancellationToken cancel) => SendAsync(HttpMethod.Post, path, body, cancel);

    /// <summary>A list to its end: as many pages as there are.</summary>
    public async Task<IReadOnlyList<JsonElement>> ListAsync(string path, CancellationToken cancel)
    {
        var items = new List<JsonElement>();
        string? next = null;
        do
        {
            var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
            var page = await GetAsync($"{path}{separator}limit=1000{(next is null ? "" : $"&cursor={Uri.EscapeDataString(next)}")}", cancel);
            items.AddRange(page.GetProperty("items").EnumerateArray());
            next = page.Text("next");
        }
        while (next is not null);
        return items;
    }

    /// <summary>The answer with its body still to come, for what is too long to hold.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string path, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await AnswerAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
    }

    /// <summary>Whether a pipeline is there at all.</summary>
    public async Task<bool> AnswersAsync(CancellationToken cancel)
    {
        try
        {
            using var answer = await http.GetAsync("healthz", cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), new MediaTypeHeaderValue("application/json"));
        using var answer = await AnswerAsync(request, HttpCompletionOption.ResponseContentRead, cancel);
        try
        {
            return await answer.Content.ReadFromJsonAsync(ClientJson.Default.JsonElement, cancel);
        }
        catch (JsonException)
        {
            throw new HttpRequestException($"{http.BaseAddress} does not answer as a pipeline does; is another program there?");
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, HttpCompletionOption read, CancellationToken cancel)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await http.SendAsync(request, read, cancel);
        }
        catch (HttpRequestException e)
        {
            throw new HttpRequestException($"no pipeline answers at {http.BaseAddress} ({e.InnerException?.Message ?? e.Message}); start it with ./pipeline, or name another with --url");
        }
        catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new HttpRequestException($"{http.BaseAddress} did not answer within {http.Timeout.TotalSeconds:0} s");
        }
        if (answer.IsSuccessStatusCode) return answer;
        using (answer)
        {
            var why = await ProblemAsync(answer, cancel);
            if (answer.StatusCode == HttpStatusCode.BadRequest) throw new UsageException(why);
            throw new HttpRequestException(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? $"{why}; give a token with --token or in PIPELINE_TOKEN" : why);
        }
    }

    private static async Task<string> ProblemAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        var status = $"the server answered {(int)answer.StatusCode} {answer.ReasonPhrase}";
        try
        {
            var problem = await answer.Content.ReadFromJsonAsync(ClientJson.Default.JsonElement, cancel);
            return problem.Text("detail") ?? problem.Text("title") ?? status;
        }
        catch (JsonException)
        {
            return status;
        }
    }
}
