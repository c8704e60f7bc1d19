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

    /// <summary>One share a pager.</summary>
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
            dispatch.Start(pages.To(pager => ShareOf(pager) == name), pages.IsFailing(name) ? [name] : []);
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
        if (held.TryGetValue(ShareOf(page.Pager), out var dispatch)) dispatch.Owe(page);
    }

    /// <summary>A pager that is configured no more has no share: the first one's holder says so in the log.</summary>
    private string ShareOf(string pager) => pagers.ContainsKey(pager) ? pager : names[0];
}
