using System.Diagnostics;
using Pipeline.Tests.Api;
using Pipeline.Tests.Architecture;
using Xunit;

namespace Pipeline.Tests.Deployment;

/// <summary>What can be known of the image without building it.</summary>
public sealed class DockerfileTests
{
    private static readonly string[] Lines = [.. File.ReadAllLines(Repository.Path("Dockerfile")).Where(l => l.Length > 0 && l[0] != '#')];

    /// <summary>What the build takes from the checkout.</summary>
    private static IEnumerable<string> Copied => Lines.Where(l => l.StartsWith("COPY ", StringComparison.Ordinal) && !l.Contains("--from=", StringComparison.Ordinal))
        .SelectMany(l => l.Split(' ')[1..^1].Where(w => !w.StartsWith("--", StringComparison.Ordinal)));

    [Fact]
    public void What_is_copied_is_there_and_is_let_through_to_the_builder()
    {
        var ignored = File.ReadAllLines(Repository.Path(".dockerignore"));
        var let = ignored.Where(l => l.StartsWith('!')).Select(l => l[1..]).ToList();
        Assert.Contains("*", ignored);
        foreach (var path in Copied)
        {
            Assert.True(Path.Exists(Repository.Path(path)), path);
            Assert.Contains(let, l => path == l || path.StartsWith(l + "/", StringComparison.Ordinal));
        }
        foreach (var path in let) Assert.Contains(Copied, c => c == path || c.StartsWith(path + "/", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_project_is_restored_before_the_code_is_copied()
    {
        var projects = Directory.EnumerateFiles(Repository.Path("src"), "*.csproj", SearchOption.AllDirectories).Select(p => Path.GetRelativePath(Repository.Root, p));
        Assert.Equal(projects.Order(StringComparer.Ordinal), Copied.Where(c => c.EndsWith(".csproj", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Its_images_are_pinned_and_it_runs_as_nobody_in_particular()
    {
        var images = Lines.Where(l => l.StartsWith("FROM ", StringComparison.Ordinal)).Select(l => l.Split(' ')[1]).ToList();
        Assert.Equal(2, images.Count);
        Assert.All(images, image => Assert.Matches(@"^mcr\.microsoft\.com/dotnet/\w+:10\.0\.\d+-noble$", image));
        var user = Array.FindLastIndex(Lines, l => l.StartsWith("USER ", StringComparison.Ordinal));
        Assert.Equal("USER $APP_UID", Lines[user]);
        Assert.True(user < Array.FindIndex(Lines, l => l.StartsWith("ENTRYPOINT", StringComparison.Ordinal)) && user > Array.FindLastIndex(Lines, l => l.StartsWith("FROM", StringComparison.Ordinal)));
        Assert.Contains("EXPOSE 8080", Lines);
    }

    [Fact]
    public void It_starts_the_program_as_it_is_built()
    {
        Assert.Contains("ENTRYPOINT [\"dotnet\", \"/app/pipeline.dll\"]", Lines);
        Assert.Contains("<AssemblyName>pipeline</AssemblyName>", File.ReadAllText(Repository.Path("src/Pipeline/Pipeline.csproj")), StringComparison.Ordinal);
        var command = System.Text.Json.JsonSerializer.Deserialize<string[]>(Lines.Single(l => l.StartsWith("CMD ", StringComparison.Ordinal))[4..])!;
        Assert.Empty(Pipeline.Cli.Entry.Root().Parse(command).Errors);
    }

    [Theory]
    [InlineData("/healthz", true, 0)]
    [InlineData("/healthz", false, 0)]
    [InlineData("/readyz", true, 0)]
    [InlineData("/readyz", false, 1)]
    [InlineData("/no-such-route", true, 1)]
    public async Task The_health_check_says_what_the_server_says(string path, bool ready, int code)
    {
        await using var server = await ApiServer.StartAsync();
        server.StateRecovered = ready;
        Assert.Equal(code, await HealthyAsync(path, new Uri(server.Address).Port));
    }

    [Fact]
    public async Task Without_a_server_the_health_check_fails() => Assert.Equal(1, await HealthyAsync("/healthz", 1));

    [Fact]
    public void The_health_checks_ask_for_what_the_program_answers()
    {
        Assert.Contains("CMD [\"/app/healthy\", \"/healthz\"]", Lines.Single(l => l.StartsWith("HEALTHCHECK ", StringComparison.Ordinal)), StringComparison.Ordinal);
        foreach (var (_, service) in new ComposeFile().Ours)
            Assert.Equal(["CMD", "/app/healthy", "/readyz"], ComposeFile.List(ComposeFile.Map(service["healthcheck"])["test"]));
    }

    private static async Task<int> HealthyAsync(string path, int port)
    {
        using var process = Process.Start("/bin/bash", [Repository.Path("compose/healthy"), path, $"{port}"]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }
}
