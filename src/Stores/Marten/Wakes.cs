using Npgsql;

namespace Stores.Marten;

/// <summary>Hears that something was appended, by whichever process, so that who follows looks at once.</summary>
/// <remarks>A wake is a hint and may be lost: who waits looks again after a second all the same. The listening connection is made with the
/// first follower and made again when it breaks.</remarks>
internal sealed class Wakes(NpgsqlDataSource source) : IAsyncDisposable
{
    public const string OutcomesChannel = "pipeline_outcomes";

    /// <summary>Marten's own (UseListenNotifyForEventAppends).</summary>
    private const string EventsChannel = "mt_events_appended";

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource closing = new();
    private readonly Lock gate = new();
    private TaskCompletionSource next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? listening;

    /// <summary>Completes with the next wake after now. Take it before reading: then nothing falls between.</summary>
    public Task Next
    {
        get
        {
            lock (gate)
            {
                ObjectDisposedException.ThrowIf(closing.IsCancellationRequested, this);
                listening ??= Task.Run(ListenAsync);
                return next.Task;
            }
        }
    }

    /// <summary>Waits for a wake that <see cref="Next"/> gave, a second at most.</summary>
    public async Task WaitAsync(Task wake, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, closing.Token);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(either.Token);
        await Task.WhenAny(wake, Task.Delay(LookAgain, enough.Token)).ConfigureAwait(false);
        await enough.CancelAsync().ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(closing.IsCancellationRequested, this);
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync().ConfigureAwait(false);
        if (listening is not null) await listening.ConfigureAwait(false);
        closing.Dispose();
    }

    private async Task ListenAsync()
    {
        while (!closing.IsCancellationRequested)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(closing.Token).ConfigureAwait(false);
                connection.Notification += (_, _) => Wake();
                await using (var listen = new NpgsqlCommand($"LISTEN {EventsChannel}; LISTEN {OutcomesChannel}", connection))
                    await listen.ExecuteNonQueryAsync(closing.Token).ConfigureAwait(false);
                // What came while nobody listened.
                Wake();
                while (true) await connection.WaitAsync(closing.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (closing.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (Failures.IsBroken(e))
            {
                // Followers look every second meanwhile, and say what they find themselves.
                await Task.Delay(LookAgain, closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Wake()
    {
        lock (gate)
        {
            next.TrySetResult();
            next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
