using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Pipeline.Tests.Counterparts;

/// <summary>A real program of Debian's, started by a test, ended with it by its process id; what it said is kept for the failure's message.</summary>
internal sealed class Counterpart : IAsyncDisposable
{
    private const int MostOutput = 64 * 1024;
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(5);

    private readonly Process process;
    private readonly StringBuilder output = new();

    private Counterpart(Process process) => this.process = process;

    public string Output
    {
        get
        {
            lock (output) return $"{process.StartInfo.FileName} (exit code {(process.HasExited ? process.ExitCode : "none, still running")}) said:\n{output}";
        }
    }

    /// <param name="package">Debian's, for the message when the program is not there.</param>
    public static Counterpart Start(string program, string package, string folder, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        Require(program, package);
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var counterpart = new Counterpart(new() { StartInfo = start });
        counterpart.process.OutputDataReceived += counterpart.Keep;
        counterpart.process.ErrorDataReceived += counterpart.Keep;
        counterpart.process.Start();
        counterpart.process.BeginOutputReadLine();
        counterpart.process.BeginErrorReadLine();
        return counterpart;
    }

    /// <summary>Runs a program to its end and gives what it wrote; fails with that when its exit code is not 0.</summary>
    public static async Task<string> RunAsync(string program, string package, params string[] arguments)
    {
        Require(program, package);
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(Wait.Patience);
        await process.WaitForExitAsync(patience.Token);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await error}{await output}");
        return await output;
    }

    /// <summary>A port that was free a moment ago; a program that finds it taken says so in its output.</summary>
    public static int FreePort()
    {
        // Below what the system gives to who asks for any port: a server that is started again must find its own free.
        for (var tries = 0; tries < 1_000; tries++)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            if (!Given.TryAdd(port, 0)) continue;
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Another program's.
            }
        }
        throw new InvalidOperationException("no free port between 20000 and 32000");
    }

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<int, byte> Given = [];

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            // SIGTERM, so that it ends its own children too; what does not hear it is killed.
            using var polite = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            await polite.WaitForExitAsync();
            using var patience = new CancellationTokenSource(EndWithin);
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync();
            }
        }
        process.Dispose();
    }

    private static void Require(string program, string package) =>
        Assert.True(File.Exists(program), $"{program} is not installed; run ./test as root, or: apt-get install {package}");

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null) return;
        lock (output)
            if (output.Length < MostOutput) output.AppendLine(line.Data);
    }
}
