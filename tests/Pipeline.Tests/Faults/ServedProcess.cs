using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Pipeline.Tests.Counterparts;
using Xunit;

namespace Pipeline.Tests.Faults;

/// <summary>The built program serving in a process of its own, which can be killed.</summary>
internal sealed class ServedProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder output = new();
    private bool disposed;

    private ServedProcess(Process process, Uri url) => (this.process, Url) = (process, url);

    public Uri Url { get; }

    public int Id { get; private set; }

    /// <param name="more">Further options, such as a role.</param>
    public static async Task<ServedProcess> StartAsync(string data, string config, params string[] more)
    {
        var url = new Uri($"http://127.0.0.1:{Counterparts.Counterpart.FreePort()}");
        var program = Path.Combine(AppContext.BaseDirectory, "pipeline.dll");
        var start = new ProcessStartInfo("dotnet", [program, "serve", "--data", data, "--urls", url.ToString().TrimEnd('/'), "--config", config, .. more])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        var served = new ServedProcess(new() { StartInfo = start }, url);
        served.process.OutputDataReceived += served.Keep;
        served.process.ErrorDataReceived += served.Keep;
        served.process.Start();
        served.Id = served.process.Id;
        served.process.BeginOutputReadLine();
        served.process.BeginErrorReadLine();
        using var http = new HttpClient { BaseAddress = url };
        await Wait.ForAsync<string>("/readyz answering 200", async () =>
        {
            Assert.False(served.process.HasExited, $"it ended at its start: {served.Output}");
            try
            {
                using var answer = await http.GetAsync("/readyz");
                return answer.IsSuccessStatusCode ? "ready" : null;
            }
            catch (HttpRequestException)
            {
                return null;
            }
        }, () => served.Output);
        return served;
    }

    /// <summary>SIGKILL: nothing of it gets to run any more.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM; its exit code, and how long it took.</summary>
    public async Task<(int ExitCode, TimeSpan Took)> TerminateAsync(Func<Task>? meanwhile = null)
    {
        var watch = Stopwatch.StartNew();
        using var polite = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        await polite.WaitForExitAsync();
        if (meanwhile is not null) await meanwhile();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, watch.Elapsed);
    }

    public async ValueTask DisposeAsync()
    {
        if (disposed) return;
        disposed = true;
        if (!process.HasExited) await KillAsync();
        process.Dispose();
    }

    public string Output
    {
        get
        {
            lock (output) return output.ToString();
        }
    }

    /// <summary>Keeps the last of it: what a failure needs.</summary>
    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (output)
        {
            output.AppendLine(line.Data);
            if (output.Length > 128 * 1024) output.Remove(0, output.Length - (64 * 1024));
        }
    }
}
