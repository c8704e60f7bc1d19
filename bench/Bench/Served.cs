using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Bench;

/// <summary>The product as a process of its own, on a free loopback port and a throw-away folder.</summary>
internal sealed class Served : IAsyncDisposable
{
    private readonly Process process;

    private Served(Process process, string url, TimeSpan ready) => (this.process, Url, Ready) = (process, url, ready);

    public string Url { get; }

    /// <summary>From its start to /readyz.</summary>
    public TimeSpan Ready { get; }

    public static async Task<Served> StartAsync(string data, string config, HttpClient http)
    {
        var url = $"http://127.0.0.1:{FreePort()}";
        var began = Stopwatch.GetTimestamp();
        var process = Process.Start(new ProcessStartInfo(Path.GetFullPath("pipeline"), ["serve", "--urls", url, "--data", data, "--config", config])
        {
            RedirectStandardOutput = true,
        })!;
        _ = process.StandardOutput.ReadToEndAsync();
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync($"{url}/readyz");
                if (answer.IsSuccessStatusCode) return new(process, url, Stopwatch.GetElapsedTime(began));
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
                // not listening yet
            }
            await Task.Delay(5);
        }
    }

    /// <summary>A figure in MiB out of /proc/PID/status, such as VmRSS or VmHWM.</summary>
    public double Memory(string name) =>
        File.ReadLines($"/proc/{process.Id}/status").Where(l => l.StartsWith(name, StringComparison.Ordinal))
            .Select(l => double.Parse(l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Trim()) / 1024).Single();

    public async ValueTask DisposeAsync()
    {
        using var term = Process.Start("kill", ["-TERM", process.Id.ToString()]);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
