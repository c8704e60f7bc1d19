using System.Diagnostics;
using Pipeline.Tests.Counterparts;

namespace Pipeline.Tests.Faults;

/// <summary>A command of the built program, run to its end in a process of its own.</summary>
internal sealed record Product(int Code, string Out, string Error)
{
    public string[] Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static async Task<Product> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "pipeline.dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(Wait.Patience);
        await process.WaitForExitAsync(patience.Token);
        return new(process.ExitCode, await output, await error);
    }
}
