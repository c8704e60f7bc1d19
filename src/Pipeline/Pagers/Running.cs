namespace Pipeline.Pagers;

/// <summary>Work under way that a stop waits for.</summary>
internal sealed class Running
{
    private readonly Lock gate = new();
    private readonly HashSet<Task> tasks = [];

    /// <summary>Starts on the thread pool; being cancelled is an ordinary end.</summary>
    public Task Start(Func<Task> work)
    {
        var task = Task.Run(async () =>
        {
            try
            {
                await work();
            }
            catch (OperationCanceledException)
            {
                // the process stops; what was owed stays owed
            }
        });
        lock (gate) tasks.Add(task);
        task.ContinueWith(
            done =>
            {
                lock (gate) tasks.Remove(done);
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return task;
    }

    public Task StoppedAsync()
    {
        lock (gate) return Task.WhenAll(tasks);
    }
}
