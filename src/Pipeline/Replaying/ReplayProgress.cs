using Spectre.Console;

namespace Pipeline.Replaying;

/// <summary>A bar on standard error while a replay runs, and nothing where that is no terminal.</summary>
internal static class ReplayProgress
{
    /// <param name="bytes">How many there are in all; 0 where nobody knows.</param>
    public static async Task<T> ShowAsync<T>(string title, long bytes, Func<Action<long>?, Task<T>> work)
    {
        if (Console.IsErrorRedirected) return await work(null);
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(context =>
            {
                var task = context.AddTask(title, maxValue: Math.Max(1, bytes));
                if (bytes == 0) task.IsIndeterminate();
                return work(done => task.Value = done);
            });
    }
}
