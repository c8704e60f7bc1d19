namespace Pipeline.Cluster;

/// <summary>Work that one node does for all: one share. What it throws is logged, and it is begun again.</summary>
internal sealed class Alone(string what, Func<CancellationToken, Task> work, TimeProvider time, ILogger logger) : IShares
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    private Func<Task> end = () => Task.CompletedTask;

    public Task StartAsync(int number, CancellationToken cancel)
    {
        var stop = new CancellationTokenSource();
        var running = Task.Run(() => RunAsync(stop.Token), CancellationToken.None);
        end = async () =>
        {
            await stop.CancelAsync();
            await running;
            stop.Dispose();
        };
        return Task.CompletedTask;
    }

    public Task StopAsync(int number) => end();

    private async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await work(stop);
                return;
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                // Else the lease would be held and nobody would do it.
                logger.Interrupted(e, what);
            }
            catch (Exception)
            {
                return; // it is to stop
            }
            await Task.Delay(Again, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
