using Dedupe.Deciding;
using Dedupe.Log;

namespace Pipeline.Pagers;

/// <summary>What a start finds in the log: pages decided and neither sent nor given up, and pagers last known to fail. A pure fold.</summary>
public sealed class OwedPages
{
    /// <summary>The only stored decision that owes anybody anything; a reader may skip the others by this name.</summary>
    public const string StoredName = "page-decided";

    private readonly Dictionary<string, (long Order, OwedPage Page)> owed = [];
    private readonly Dictionary<string, OwedPage> undeliverable = [];
    private readonly HashSet<string> failing = [];
    private long order;

    /// <summary>In decided order.</summary>
    public IEnumerable<OwedPage> InOrder => owed.Values.OrderBy(o => o.Order).Select(o => o.Page);

    /// <summary>Pagers that were reported failing and not yet recovered.</summary>
    public IReadOnlyCollection<string> Failing => failing;

    /// <summary>True for a page that is owed, or was given up.</summary>
    public bool Knows(string page) => owed.ContainsKey(page) || undeliverable.ContainsKey(page);

    /// <summary>A page that is owed; null where it is not.</summary>
    public OwedPage? Find(string page) => owed.TryGetValue(page, out var known) ? known.Page : null;

    /// <summary>Decisions come first, in each scope's order.</summary>
    public void Fold(Decision decision)
    {
        switch (decision)
        {
            // Without its body, which is loaded when its turn comes: nearly all of a year's pages turn out to have been sent.
            case Decision.PageDecided page: owed[page.Page] = (order++, Of(page) with { Body = null }); break;
            case Decision.PagerStateChanged { Failing: true } state: failing.Add(state.Pager); break;
            case Decision.PagerStateChanged state: failing.Remove(state.Pager); break;
            default: break; // every other decision owes nobody a page
        }
    }

    /// <summary>Then outcomes, in their order.</summary>
    public void Fold(OutcomeRecord outcome)
    {
        switch (outcome.State)
        {
            case PageState.Sent:
                owed.Remove(outcome.PageId);
                undeliverable.Remove(outcome.PageId);
                break;
            case PageState.Undeliverable when owed.Remove(outcome.PageId, out var given):
                undeliverable[outcome.PageId] = given.Page;
                break;
            case PageState.Undeliverable: break;
            case PageState.Owed when undeliverable.Remove(outcome.PageId, out var again):
                owed[outcome.PageId] = (order++, again with { Since = outcome.At, Attempts = 0 });
                break;
            case PageState.Owed: break;
            case PageState.Failing when owed.TryGetValue(outcome.PageId, out var waiting):
                owed[outcome.PageId] = (waiting.Order, waiting.Page with { Attempts = outcome.Attempts });
                break;
            case PageState.Failing: break;
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>The page that a decision owes.</summary>
    public static OwedPage Of(Decision.PageDecided page) => new(page.Page, page.Pager, page.Incident.Value, page.Kind, page.At, page.Body);
}
