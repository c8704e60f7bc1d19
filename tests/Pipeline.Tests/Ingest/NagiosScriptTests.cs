using System.Diagnostics;
using System.Net;
using System.Text;
using Dedupe.Vocabulary;
using Ingest;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Pipeline.Tests.Ingest;

/// <summary>The notification command, run by a real shell with a real curl against a real server on this machine.</summary>
public sealed class NagiosScriptTests : IAsyncLifetime
{
    private readonly List<(string Body, string Authorization)> posts = [];
    private readonly Queue<int> answers = new();
    private WebApplication app = null!;

    public async ValueTask InitializeAsync()
    {
        if (!Has("sh") || !Has("curl") || !Has("awk")) Assert.Skip("sh, curl and awk are needed to run the notification command");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.MapPost("/ingest/nagios", async http =>
        {
            using var reader = new StreamReader(http.Request.Body, new UTF8Encoding(false, true));
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
    public async Task Whatever_a_plugin_writes_arrives_as_it_was()
    {
        const string Output = "a \"quoted\" \\ back\\nslash $HOME `id` $(id) 'q' 50 % <b> é 数据\ttab\nline";
        Assert.Equal(0, await RunAsync("type=PROBLEM", "host=db-1", "service=Disk /var", "state=CRITICAL", "contact=ops", "since=1769860800", "output=" + Output, "url=", "perfdata=$SERVICEPERFDATA$"));
        var alert = Parsing.One("nagios", Assert.Single(posts).Body);
        Assert.Equal((Output, Severity.Critical, null, null), (alert.Summary, alert.Severity, alert.Url, alert.Value));
        Assert.Equal(LabelSet.Of(("alertname", "Disk /var"), ("host", "db-1"), ("service", "Disk /var")), alert.Identity.Labels);
        Assert.Equal(["nagios-a", "ops"], alert.Identity.Observers);
        Assert.Equal("Bearer s3cret", posts[0].Authorization);
    }

    [Fact]
    public async Task It_tries_again_when_the_pipeline_is_not_ready()
    {
        answers.Enqueue((int)HttpStatusCode.ServiceUnavailable);
        Assert.Equal(0, await RunAsync("host=h", "state=DOWN"));
        Assert.Equal(2, posts.Count);
    }

    [Fact]
    public async Task What_is_wrong_is_not_sent_again_and_fails()
    {
        answers.Enqueue((int)HttpStatusCode.BadRequest);
        Assert.Equal(1, await RunAsync("host=h", "state=PURPLE"));
        Assert.Single(posts);
    }

    [Fact]
    public async Task Wrong_usage_is_told_apart()
    {
        Assert.Equal(2, await RunAsync());
        Assert.Equal(2, await RunAsync("nonsense"));
        Assert.Empty(posts);
    }

    private async Task<int> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("sh", [Script(), .. arguments]) { RedirectStandardError = true };
        start.Environment["PIPELINE_CONF"] = "/dev/null";
        start.Environment["PIPELINE_URL"] = app.Urls.First() + "/";
        start.Environment["PIPELINE_SERVER"] = "nagios-a";
        start.Environment["PIPELINE_TOKEN"] = "s3cret";
        using var process = Process.Start(start)!;
        await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    private static string Script()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, "integrations", "nagios", "notify-pipeline.sh");
            if (File.Exists(file)) return file;
        }
        throw new FileNotFoundException("integrations/nagios/notify-pipeline.sh");
    }

    private static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
