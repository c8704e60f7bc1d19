using Dedupe.Log;
using Pipeline.Hosting;

namespace Pipeline.Pagers;

/// <summary>Delivers owed pages: at least once to each pager, in order for an incident, and no pager waits for another.</summary>
/// <remarks>
/// An outcome is written after the answer, so what a crash leaves in between goes out again: the same bytes under the same id. When the
/// process stops, what is owed stays owed and is owed again by the next start.
/// </remarks>
public sealed class Dispatch : IAsyncDisposable
{
    private readonly Dictionary<string, PagerOutbox> outboxes;
    private readonly DispatchOptions options;
    private readonly Outcomes outcomes;
    private readonly CancellationTokenSource stop = new();

    public Dispatch(IReadOnlyDictionary<string, IPager> pagers, ILog log, IPagerReports reports, DispatchOptions options)
    {
        this.options = options;
        outcomes = new(log, options);
        outboxes = pagers.ToDictionary(p => p.Key, p => new PagerOutbox(p.Key, p.Value, outcomes, reports, options, stop.Token), StringComparer.Ordinal);
    }

    /// <summary>At start: everything still owed, in decided order, and the pagers last reported failing.</summary>
    public void Start(IEnumerable<OwedPage> owed, IEnumerable<string> failing)
    {
        if (options.Shadow) owed = [];
        var known = failing.ToHashSet(StringComparer.Ordinal);
        foreach (var (name, outbox) in outboxes)
            if (known.Contains(name)) outbox.WasFailing();
        foreach (var page in owed) Owe(page);
        foreach (var outbox in outboxes.Values) outbox.Started();
    }

    /// <summary>Takes a page to deliver; returns at once. A page that is already owed is not taken twice.</summary>
    public void Owe(OwedPage page)
    {
        if (stop.IsCancellationRequested) return;
        if (options.Shadow)
        {
            // Said in the log, so that a later start without --shadow does not page what is long over.
            _ = outcomes.NotedAsync(new(page.Id, page.Pager, PageState.Undeliverable, options.Time.GetUtcNow(), 0, OutcomeRecord.Shadowed), stop.Token);
            return;
        }
        if (outboxes.TryGetValue(page.Pager, out var outbox)) outbox.Owe(page);
        else _ = outcomes.NotedAsync(new(page.Id, page.Pager, PageState.Undeliverable, options.Time.GetUtcNow(), page.Attempts,
            $"no pager named {page.Pager} is configured any more"), stop.Token);
    }

    /// <summary>Owes an undeliverable page again, with a fresh 24 h. False where the log no longer has it or its pager is gone.</summary>
    public async ValueTask<bool> ResendAsync(string pageId, CancellationToken cancel)
    {
        if (await options.LoadBody(pageId) is not { } body) return false;
        var page = PageBody.Read(System.Text.Encoding.UTF8.GetBytes(body));
        return await ResendAsync(new OwedPage(pageId, page.Pager, page.Incident?.Id ?? "", page.Kind, page.At, body), cancel);
    }

    /// <summary>The same for a page that was read from the log.</summary>
    public async ValueTask<bool> ResendAsync(OwedPage page, CancellationToken cancel)
    {
        if (options.Shadow || !outboxes.TryGetValue(page.Pager, out var outbox)) return false;
        if (outbox.Owes(page.Id)) return true;
        var now = options.Time.GetUtcNow();
        // Recorded first: a restart between the two must know that it is owed again.
        await outcomes.WriteAsync(new(page.Id, page.Pager, PageState.Owed, now, 0, "to be sent again"), cancel);
        outbox.Owe(page with { Since = now, Attempts = 0 });
        return true;
    }

    /// <summary>A pager answered outside of its owed pages (a test page): that is a success too.</summary>
    public void Answered(string pager, string line)
    {
        if (outboxes.TryGetValue(pager, out var outbox)) outbox.Answered(line);
    }

    /// <summary>Stops at once; attempts under way are abandoned and their pages stay owed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (stop.IsCancellationRequested) return;
        await stop.CancelAsync();
        await Task.WhenAll([outcomes.StoppedAsync(), .. outboxes.Values.Select(outbox => outbox.StoppedAsync())]);
        stop.Dispose();
    }
}
