using System.Runtime.CompilerServices;

namespace Stores.EventStore;

/// <summary>A subscription that outlives its connections: dropped, it is made again behind the last event given.</summary>
internal static class Following
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50), Latest = TimeSpan.FromSeconds(5);

    public static async IAsyncEnumerable<StoredEvent> From(
        EventStoreClient client, string stream, long? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        var wait = Soon;
        while (true)
        {
            await using var events = client.SubscribeAsync(stream, after, cancel).GetAsyncEnumerator(cancel);
            while (await MoreAsync(events).ConfigureAwait(false))
            {
                wait = Soon;
                // Given once, whatever the server repeats.
                if (events.Current.Revision <= after) continue;
                after = events.Current.Revision;
                yield return events.Current;
            }
            await Task.Delay(wait, cancel).ConfigureAwait(false);
            wait = Longer(wait);
        }
    }

    /// <summary>Asks until the server answers.</summary>
    public static async Task<T> UntilAnsweredAsync<T>(Func<Task<T>> ask, CancellationToken cancel)
    {
        for (var wait = Soon; ; wait = Longer(wait))
        {
            try
            {
                return await ask().ConfigureAwait(false);
            }
            catch (IOException)
            {
                await Task.Delay(wait, cancel).ConfigureAwait(false);
            }
        }
    }

    private static async Task<bool> MoreAsync(IAsyncEnumerator<StoredEvent> events)
    {
        try
        {
            return await events.MoveNextAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static TimeSpan Longer(TimeSpan wait) => wait * 2 < Latest ? wait * 2 : Latest;
}
