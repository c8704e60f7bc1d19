using Dedupe.Deciding;
using Dedupe.Log;
using Pipeline.Pagers;

namespace Pipeline.Cluster;

/// <summary>What is owed, as followed from the log: kept by every node that may send, so that it can take a pager over at any moment.</summary>
internal sealed class FollowedPages
{
    /// <summary>Outcomes that came before their page, since the two are followed side by side; the oldest are forgotten first.</summary>
    private const int EarlyAtMost = 10_000;

    private readonly Lock gate = new();
    private readonly OwedPages owed = new();
    private readonly Dictionary<string, OutcomeRecord> early = [];
    private readonly Queue<string> order = new();

    /// <summary>Folds a decision; the page that it owes, if any.</summary>
    public OwedPage? Fold(Decision decision)
    {
        lock (gate)
        {
            owed.Fold(decision);
            if (decision is not Decision.PageDecided page) return null;
            if (!early.Remove(page.Page, out var outcome)) return OwedPages.Of(page);
            owed.Fold(outcome);
            return outcome.State is PageState.Sent or PageState.Undeliverable ? null : OwedPages.Of(page);
        }
    }

    /// <summary>Folds an outcome; the page that it makes owed again, if any.</summary>
    public OwedPage? Fold(OutcomeRecord outcome)
    {
        lock (gate)
        {
            if (!owed.Knows(outcome.PageId)) Remember(outcome);
            owed.Fold(outcome);
            return outcome.State == PageState.Owed ? owed.Find(outcome.PageId) : null;
        }
    }

    /// <summary>What is owed now to the pagers asked for, in decided order.</summary>
    public IReadOnlyList<OwedPage> To(Func<string, bool> pager)
    {
        lock (gate) return [.. owed.InOrder.Where(p => pager(p.Pager))];
    }

    /// <summary>Whether a pager was last known to fail.</summary>
    public bool IsFailing(string pager)
    {
        lock (gate) return owed.Failing.Contains(pager);
    }

    private void Remember(OutcomeRecord outcome)
    {
        if (early.TryAdd(outcome.PageId, outcome)) order.Enqueue(outcome.PageId);
        else early[outcome.PageId] = outcome;
        while (order.Count > EarlyAtMost) early.Remove(order.Dequeue());
    }
}
