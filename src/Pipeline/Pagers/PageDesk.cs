using Dedupe.Deciding;
using Dedupe.Log;
using Pipeline.Hosting;

namespace Pipeline.Pagers;

/// <summary>What a person asks of the pagers over HTTP: a test page, and another try of a page that was given up.</summary>
public sealed class PageDesk(PageTest test, Dispatch dispatch, ILog log) : IPageDesk
{
    public async ValueTask<TestAnswer?> TestAsync(string pager, CancellationToken cancel) =>
        await test.TestAsync(pager, cancel) is [var answer] ? new(answer.Pager, answer.Accepted, answer.Answer) : null;

    public async ValueTask<bool> ResendAsync(int scope, long version, string page, CancellationToken cancel)
    {
        await foreach (var record in log.ReadDecisionsAsync(scope, version, cancel))
        {
            return record.Version == version && record.Type == OwedPages.StoredName
                && DecisionCodec.Read(record) is Decision.PageDecided decided && decided.Page == page
                && await dispatch.ResendAsync(OwedPages.Of(decided), cancel);
        }
        return false;
    }
}
