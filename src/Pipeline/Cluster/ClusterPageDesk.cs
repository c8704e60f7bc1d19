using Dedupe.Deciding;
using Dedupe.Log;
using Pipeline.Hosting;
using Pipeline.Pagers;

namespace Pipeline.Cluster;

/// <summary>What people ask of pagers that another process sends to: a test page goes from here, another try is asked for through the log.</summary>
internal sealed class ClusterPageDesk(PageTest test, ILog log, bool shadow, TimeProvider time) : IPageDesk
{
    public async ValueTask<TestAnswer?> TestAsync(string pager, CancellationToken cancel) =>
        await test.TestAsync(pager, cancel) is [var answer] ? new(answer.Pager, answer.Accepted, answer.Answer) : null;

    public async ValueTask<bool> ResendAsync(int scope, long version, string page, CancellationToken cancel)
    {
        if (shadow) return false;
        await foreach (var record in log.ReadDecisionsAsync(scope, version, cancel))
        {
            if (record.Version != version || record.Type != OwedPages.StoredName) return false;
            if (DecisionCodec.Read(record) is not Decision.PageDecided decided || decided.Page != page) return false;
            // Who holds the pager follows the outcomes, and sends it again.
            await log.AppendOutcomesAsync([new(page, decided.Pager, PageState.Owed, time.GetUtcNow(), 0, "to be sent again")], cancel);
            return true;
        }
        return false;
    }
}
