using Spectre.Console;

namespace Pipeline.Client;

/// <summary>A bar on standard error while something takes long, and nothing where that is no terminal.</summary>
internal static class ProgressBar
{
    /// <param name="size">How much there is in all; 0 where nobody knows.</param>
    public static async Task<T> ShowAsync<T>(string title, long size, Func<Action<long>?, Task<T>> work)
    {
        if (Console.IsErrorRedirected) return await work(null);
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context =>
            {
                var task = context.AddTask(title, maxValue: Math.Max(1, size));
                if (size == 0) task.IsIndeterminate();
                return work(done => task.Value = done);
            });
    }
}
