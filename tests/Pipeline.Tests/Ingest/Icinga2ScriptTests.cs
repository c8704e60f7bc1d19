using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pipeline.Tests.Architecture;
using Xunit;

namespace Pipeline.Tests.Ingest;

/// <summary>What forwards Icinga 2's event stream, run by a real shell with a real curl against a real server on this machine.</summary>
public sealed class Icinga2ScriptTests : IAsyncLifetime
{
    private readonly List<(string Body, string Authorization)> posts = [];
    private readonly Queue<int> answers = new();
    private WebApplication app = null!;

    public async ValueTask InitializeAsync()
    {
        if (!Has("sh") || !Has("curl")) Assert.Skip("sh and curl are needed to run the forwarder");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.MapPost("/ingest/icinga2", async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            posts.Add((await reader.ReadToEndAsync(), http.Request.Headers.Authorization.ToString()));
            http.Response.StatusCode = answers.TryDequeue(out var status) ? status : StatusCodes.Status200OK;
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null) await app.DisposeAsync();
    }

    [Fact]
    public async Task Each_event_arrives_as_it_was()
    {
        string[] events = ["""{"type":"StateChange","host":"a \"b\" \\n $HOME `id` 数","state":1,"state_type":1}""", """{"type":"StateChange","host":"h","state":0,"state_type":1}"""];
        var (code, _) = await RunAsync(string.Join('\n', events));
        Assert.Equal(0, code);
        Assert.Equal(events, posts.Select(p => p.Body));
        Assert.All(posts, p => Assert.Equal("Bearer s3cret", p.Authorization));
        Assert.Equal("a \"b\" \\n $HOME `id` 数", Parsing.One("icinga2", posts[0].Body).Identity.Labels["host"]);
    }

    [Fact]
    public async Task An_event_that_is_not_taken_is_sent_again_and_a_wrong_one_is_named_and_passed_over()
    {
        answers.Enqueue(StatusCodes.Status503ServiceUnavailable);
        answers.Enqueue(StatusCodes.Status200OK);
        answers.Enqueue(StatusCodes.Status400BadRequest);
        var (code, error) = await RunAsync("{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n");
        Assert.Equal(0, code);
        Assert.Equal(["{\"a\":1}", "{\"a\":1}", "{\"b\":2}", "{\"c\":3}"], posts.Select(p => p.Body));
        Assert.Contains("400", error, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Error)> RunAsync(string input)
    {
        var start = new ProcessStartInfo("sh", [Repository.Path("integrations/icinga2/forward-events.sh")]) { RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["PIPELINE_CONF"] = "/dev/null";
        start.Environment["PIPELINE_URL"] = app.Urls.First() + "/";
        start.Environment["PIPELINE_TOKEN"] = "s3cret";
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, error);
    }

    private static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
