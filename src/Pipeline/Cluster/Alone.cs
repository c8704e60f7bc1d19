namespace Pipeline.Cluster;

/// <summary>Work that one node does for all: one share.</summary>
internal sealed class Alone(Func<CancellationToken, Task> work) : IShares
{
    private Func<Task> end = () => Task.CompletedTask;

    public Task StartAsync(int number, CancellationToken cancel)
    {
        var stop = new CancellationTokenSource();
        var running = Task.Run(() => work(stop.Token), CancellationToken.None);
        end = async () =>
        {
            await stop.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.Dispose();
        };
        return Task.CompletedTask;
    }

    public Task StopAsync(int number) => end();
}
