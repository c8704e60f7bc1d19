using Dedupe.Deciding;
using Dedupe.Log;
using Pipeline.Pagers;

namespace Pipeline.Cluster;

/// <summary>Sends to the pagers whose leases this node holds, each through a dispatch of its own.</summary>
internal sealed class PagerShares(
    IReadOnlyDictionary<string, IPager> pagers, ILog log, Hosting.IPagerReports reports, DispatchOptions options) : IShares
{
    private readonly FollowedPages pages = new();
    private readonly string[] names = [.. pagers.Keys.Order(StringComparer.Ordinal)];
    private readonly Lock gate = new();
    private readonly Dictionary<string, Dispatch> held = new(StringComparer.Ordinal);

    /// <summary>One share a pager; one more than none, for pages to pagers that are configured no more.</summary>
    public int Count => names.Length;

    public void Fold(Decision decision)
    {
        lock (gate)
            if (pages.Fold(decision) is { } page) Owe(page);
    }

    public void Fold(OutcomeRecord outcome)
    {
        lock (gate)
            if (pages.Fold(outcome) is { } page) Owe(page with { Since = options.Time.GetUtcNow(), Attempts = 0 });
    }

    public Task StartAsync(int number, CancellationToken cancel)
    {
        var name = names[number];
        var dispatch = new Dispatch(new Dictionary<string, IPager> { [name] = pagers[name] }, log, reports, options);
        lock (gate)
        {
            var (owed, failing) = pages.Of(name);
            dispatch.Start(owed, failing ? [name] : []);
            held[name] = dispatch;
        }
        return Task.CompletedTask;
    }

    public async Task StopAsync(int number)
    {
        Dispatch? dispatch;
        lock (gate) held.Remove(names[number], out dispatch);
        if (dispatch is not null) await dispatch.DisposeAsync();
    }

    private void Owe(OwedPage page)
    {
        // One that is configured no more has no share: the first pager's holder says so in the log.
        var to = pagers.ContainsKey(page.Pager) ? page.Pager : names[0];
        if (held.TryGetValue(to, out var dispatch)) dispatch.Owe(page);
    }
}
