using Dedupe.Deciding;
using Dedupe.Log;

namespace Pipeline.Pagers;

/// <summary>The pages an incident had on one pager, seen from one of them.</summary>
/// <param name="Earlier">Ids of the pages before it, other than <c>resolved</c> ones, in the order they were decided.</param>
/// <param name="ResolvedLater">True where a <c>resolved</c> page came after it.</param>
internal sealed record IncidentKeys(IReadOnlyList<string> Earlier, bool ResolvedLater)
{
    /// <summary>Reads the incident's decisions; it lies in one scope, and its id says nothing of which.</summary>
    public static async Task<IncidentKeys> ReadAsync(ILog log, Page page, CancellationToken cancel)
    {
        List<string> earlier = [];
        foreach (var (scope, _) in await log.ScopesAsync(cancel))
        {
            var passed = false;
            await foreach (var record in log.ReadIncidentAsync(scope, page.Incident, cancel))
            {
                if (record.Type != OwedPages.StoredName || DecisionCodec.Read(record) is not Decision.PageDecided decided) continue;
                if (decided.Pager != page.Pager) continue;
                if (decided.Page == page.Id) passed = true;
                else if (!passed && decided.Kind != "resolved") earlier.Add(decided.Page);
                else if (passed && decided.Kind == "resolved") return new(earlier, true);
            }
            if (passed || earlier.Count > 0) break;
        }
        return new(earlier, false);
    }
}
